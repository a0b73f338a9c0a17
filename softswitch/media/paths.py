"""Finding the file a path means: extension left out, one folder for each sample rate.

FreeSWITCH keeps prompts as ``digits/8000/1.wav`` and names them ``digits/1.wav``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from softswitch.media.source import SourceError

RATE_FOLDERS = (48000, 32000, 16000, 8000)
"""Folders tried after that of the listener's own rate: the best recording there is."""
DEFAULT_EXTENSIONS = (".wav", ".PCMU", ".PCMA")
"""Extensions tried for a path that has none."""


def find_file(path: Path, rate: int, extensions: Sequence[str] = ()) -> Path:
    """The existing file meant by ``path``. Raises `SourceError` with the reason.

    A path without an extension is tried with each of ``extensions`` first.
    """
    known = (*extensions, *DEFAULT_EXTENSIONS)
    names = [path] if path.suffix else [Path(f"{path}{extra}") for extra in known]
    try:
        for name in names:
            for candidate in _candidates(name, rate):
                if candidate.is_file():
                    return candidate
        if path.is_dir():
            raise SourceError(path, "it is a folder.")
        if path.exists():
            raise SourceError(path, "it is not a regular file.")
    except SourceError:
        raise
    except OSError as error:
        raise SourceError(path, f"{error.strerror}.") from None
    raise SourceError(path, "there is no such file.")


def _candidates(path: Path, rate: int) -> Iterator[Path]:
    yield path.parent / str(rate) / path.name
    for folder in RATE_FOLDERS:
        if folder != rate:
            yield path.parent / str(folder) / path.name
    yield path
