"""What a station plays: the files of its folder one after the other, and chimes in between."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from softswitch.media._engine import music
from softswitch.media.encoder import FORMATS
from softswitch.media.formats import payload_file
from softswitch.media.formats.raw import LAYOUTS
from softswitch.modules.local_stream.settings import StationSettings

log = logging.getLogger(__name__)

BLOCK_MS = 100
SAMPLE_BYTES = 2
DEEPEST_LISTS = 3
_PLAYED = frozenset((*FORMATS, *payload_file.RATES, "wav", "wave", "loc"))

Block = tuple[bytes, int]
"""Mono 16-bit samples and their rate."""


def blocks(settings: StationSettings, sounds: Path, chance: random.Random) -> Iterator[Block]:
    """What is heard, in pieces of 100 ms and without end; blocks for the disk.

    Chimes interrupt the music, which goes on where it was.
    """
    music_blocks = _music(settings, chance)
    chimes = [sounds / name.strip() for name in settings.chime_list if name.strip()]
    next_chime, elapsed, number = float(settings.chime_freq), 0.0, 0
    while True:
        if chimes and settings.chime_freq and elapsed >= next_chime:
            chime = chimes[number % len(chimes)]
            number += 1
            yield from _at_most(file_blocks(chime), settings.chime_max)
            next_chime = elapsed + settings.chime_freq
        yield next(music_blocks)
        elapsed += BLOCK_MS / 1000


def file_blocks(path: Path) -> Iterator[Block]:
    """The pieces of one file; one that cannot be decoded is told and has none."""
    # Imported here: together they take 12 MB, which stations of our own music do without.
    import numpy
    import soundfile

    extension = path.suffix[1:].lower()
    raw = LAYOUTS.get(extension)
    options = {**raw, "format": "RAW", "channels": 1, "endian": "LITTLE"} if raw else {}
    try:
        if extension in payload_file.RATES:
            yield from _in_blocks(*payload_file.decode_payloads(path))
            return
        with soundfile.SoundFile(str(path), **options) as file:
            size = max(file.samplerate * BLOCK_MS // 1000, 1)
            while len(block := file.read(size, dtype="float32", always_2d=True)):
                mono = numpy.nan_to_num(block.mean(axis=1)) * 32768.0
                samples = mono.round().clip(-32768, 32767).astype(numpy.int16).tobytes()
                yield samples, int(file.samplerate)
    except (OSError, RuntimeError, soundfile.SoundFileError) as error:
        log.warning("cannot play %s: %s", path, error)


def files_in(folder: Path) -> list[Path]:
    """The files of a folder that can be played, those that ``.loc`` lists name among them."""
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        return []
    files: list[Path] = []
    for path in found:
        if path.suffix[1:].lower() in _PLAYED:
            files += _listed(path, DEEPEST_LISTS) if path.suffix.lower() == ".loc" else [path]
    return files


def _listed(path: Path, depth: int) -> list[Path]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        log.warning("cannot read %s: %s", path, error)
        return []
    files: list[Path] = []
    for line in lines:
        name = line.strip()
        if not name or name.startswith("#"):
            continue
        if "://" in name:
            log.warning("%s: %s is no file of this machine", path, name)
        elif name.endswith(".loc"):
            files += _listed(path.parent / name, depth - 1) if depth else []
        else:
            files.append(path.parent / name)
    return files


def _music(settings: StationSettings, chance: random.Random) -> Iterator[Block]:
    while True:
        files = files_in(Path(settings.path))
        if settings.shuffle:
            chance.shuffle(files)
        heard = False
        for file in files:
            for block in file_blocks(file):
                heard = True
                yield block
        if not heard:
            yield from _in_blocks(_own_music(settings.rate), settings.rate)


@lru_cache(maxsize=4)
def _own_music(rate: int) -> bytes:
    return music(rate)


def _in_blocks(samples: bytes, rate: int) -> Iterator[Block]:
    size = SAMPLE_BYTES * (rate * BLOCK_MS // 1000)
    for start in range(0, len(samples), size):
        yield samples[start : start + size], rate


def duration(block: Block) -> float:
    """Its length in seconds."""
    samples, rate = block
    return len(samples) / SAMPLE_BYTES / rate


def _at_most(pieces: Iterator[Block], seconds: float) -> Iterator[Block]:
    """All of it, or so many seconds where that is above zero."""
    elapsed = 0.0
    for block in pieces:
        if seconds and elapsed >= seconds:
            return
        yield block
        elapsed += duration(block)
