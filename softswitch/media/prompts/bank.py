"""The recordings that come with the package: one archive of compressed files a language."""

from __future__ import annotations

import zipfile
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path, PurePath

from softswitch.media.formats.sndfile import decode_file
from softswitch.media.prompts import texts
from softswitch.media.source import DecodedFile, SourceError, Speech


def stand_in(path: Path) -> DecodedFile | Speech | None:
    """What is played for a prompt whose file is not there; None if it is no prompt of ours.

    It is the recording of the package, else its text is spoken.
    """
    name, language = texts.name_of(path), texts.language_of(path)
    if name in recordings(language):
        return DecodedFile(_archive(language) / f"{name}.ogg", (0, 0), decode)
    text = texts.texts(language).get(name)
    if text is None:
        return None
    return Speech(text, language="" if language == texts.DEFAULT_LANGUAGE else language)


@cache
def recordings(language: str) -> frozenset[str]:
    """The prompts recorded in a language, such as ``digits/1``."""
    try:
        with zipfile.ZipFile(_archive(language)) as archive:
            return frozenset(str(PurePath(name).with_suffix("")) for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return frozenset()


def decode(path: Path) -> tuple[bytes, int]:
    """Samples and rate of ``….zip/digits/1.ogg``. Raises `SourceError`."""
    archive = next(parent for parent in path.parents if parent.suffix == ".zip")
    try:
        with zipfile.ZipFile(archive) as file:
            data = file.read(path.relative_to(archive).as_posix())
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise SourceError(path, f"{error}.") from None
    return decode_file(BytesIO(data), name=path)


def _archive(language: str) -> Path:
    return Path(str(resources.files(__package__).joinpath(f"{language}.zip")))
