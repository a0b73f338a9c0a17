"""Formats decoded by libsndfile: FLAC, Ogg, MP3, AU, AIFF and others."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from softswitch.media.source import DecodedFile, FileRequest, SourceError, SourceSpec
from softswitch.registry import file_format

MOST_BYTES = 256 * 1024 * 1024
"""Decoded audio of one file held in memory: 45 minutes at 48 kHz, 4 hours at 8 kHz."""
_BLOCK = 65536


@file_format(
    *("flac", "ogg", "oga", "opus", "mp3"),
    *("au", "snd", "aif", "aiff", "aifc", "caf", "w64", "rf64", "voc", "avr", "sph", "nist"),
    module="mod_sndfile",
)
def open_decoded(request: FileRequest) -> SourceSpec:
    """Music and speech formats, decoded as a whole and kept for the next caller."""
    return DecodedFile.of(request.path, decode_file)


def decode_file(path: Path | BytesIO, *, name: object = None, **raw: Any) -> tuple[bytes, int]:
    """Mono 16-bit samples of a file and their rate; ``raw`` describes files without a header.

    What is read from memory has a ``name`` for errors.

    Raises `SourceError` if it cannot be decoded.
    """
    # Imported here: together they take a quarter of a second.
    import numpy
    import soundfile

    samples = bytearray()
    try:
        with soundfile.SoundFile(path if isinstance(path, BytesIO) else str(path), **raw) as file:
            while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
                mono = numpy.nan_to_num(block.mean(axis=1)) * 32768.0
                samples += mono.round().clip(-32768, 32767).astype(numpy.int16).tobytes()
                if len(samples) > MOST_BYTES:
                    raise SourceError(name or path, "it is too long to be held in memory.")
            rate = int(file.samplerate)
    except soundfile.SoundFileError as error:
        reason = getattr(error, "error_string", "") or str(error)
        raise SourceError(name or path, f"{reason.rstrip('.')}.") from None
    return bytes(samples), rate
