"""Making the prompts: ``scripts/make-sounds`` calls this with a text-to-speech program installed.

A tree of WAV files at 8 and 16 kHz, as FreeSWITCH's sound packages are laid out, or the archive
of compressed ones that comes with the package.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

from softswitch.media.prompts.texts import DEFAULT_LANGUAGE, languages, texts
from softswitch.media.source import SourceError, Speech
from softswitch.media.speech.speaker import Speaker
from softswitch.media.speech.trim import read_speech

RATES = (8000, 16000)
FOLDERS = {"en": "en/us/callie", "de": "de/de/anna"}
"""Language, country and voice, as ``sound_prefix`` ends."""
_SAME_MOMENT = (2000, 1, 1, 0, 0, 0)
"""Equal texts make equal archives."""


async def make(language: str, folder: Path, *, archive: bool, cache: Path) -> int:
    """Write all prompts of a language below ``folder``; how many. Raises `SourceError`."""
    loop = asyncio.get_running_loop()
    speaker = Speaker(loop, cache)
    prompts = texts(language)
    spoken: dict[str, Path] = {}
    try:
        for name, text in prompts.items():
            said = "" if language == DEFAULT_LANGUAGE else language
            spoken[name] = await speaker.wav(Speech(text, language=said))
    finally:
        speaker.close()
    write = _write_archive if archive else _write_tree
    await loop.run_in_executor(None, write, language, folder, spoken)
    return len(spoken)


def _write_tree(language: str, folder: Path, spoken: dict[str, Path]) -> None:
    import soundfile

    root = folder / FOLDERS.get(language, f"{language}/{language}/voice")
    for name, path in spoken.items():
        for rate in RATES:
            samples, _ = read_speech(path, rate)
            target = root / Path(name).parent / str(rate) / f"{Path(name).name}.wav"
            target.parent.mkdir(parents=True, exist_ok=True)
            with soundfile.SoundFile(str(target), "w", rate, 1, "PCM_16") as file:
                file.buffer_write(samples, "int16")


def _write_archive(language: str, folder: Path, spoken: dict[str, Path]) -> None:
    import numpy
    import soundfile

    with zipfile.ZipFile(folder / f"{language}.zip", "w") as archive:
        for name, path in sorted(spoken.items()):
            samples, rate = read_speech(path, 16000)
            data = BytesIO()
            soundfile.write(
                data,
                numpy.frombuffer(samples, "<i2"),
                rate,
                format="OGG",
                subtype="OPUS",
                compression_level=0.94,
            )
            archive.writestr(zipfile.ZipInfo(f"{name}.ogg", _SAME_MOMENT), data.getvalue())


def main(arguments: list[str]) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="make-sounds", description="Make the prompts.")
    parser.add_argument(
        "folder", nargs="?", help="where to: sounds, or with --archive the package, if left out"
    )
    parser.add_argument("--language", choices=sorted(languages()), help="this one only")
    parser.add_argument(
        "--archive", action="store_true", help="compressed archives instead of WAV files"
    )
    options = parser.parse_args(arguments)
    folder = Path(options.folder or (Path(__file__).parent if options.archive else "sounds"))
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [options.language] if options.language else sorted(languages())
    with tempfile.TemporaryDirectory() as cache:
        for language in chosen:
            try:
                count = asyncio.run(
                    make(language, folder, archive=options.archive, cache=Path(cache))
                )
            except SourceError as error:
                print(f"make-sounds: {error}", file=sys.stderr)
                return 1
            print(f"{count} prompts in {language}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
