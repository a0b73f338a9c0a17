"""What each prompt says: ``ivr/ivr-welcome.wav`` to its words, in each language there is.

Prompts have FreeSWITCH's names, so that an operator may install recordings of them at any time.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import PurePath

DEFAULT_LANGUAGE = "en"


@cache
def languages() -> frozenset[str]:
    """The languages that there are texts in."""
    files = resources.files(__package__).iterdir()
    return frozenset(file.name.removesuffix(".toml") for file in files if ".toml" in file.name)


@cache
def texts(language: str) -> Mapping[str, str]:
    """The texts of a language by the prompt's folder and name, such as ``digits/1``."""
    raw = resources.files(__package__).joinpath(f"{language}.toml").read_text("utf-8")
    return {
        f"{folder}/{name}": text
        for folder, prompts in tomllib.loads(raw).items()
        for name, text in prompts.items()
    }


def language_of(path: PurePath) -> str:
    """The language of a folder of prompts: ``…/sounds/de/de/anna/digits/1.wav`` is German."""
    found = (part for part in reversed(path.parts[:-2]) if part.lower() in languages())
    return next(found, DEFAULT_LANGUAGE).lower()


def name_of(path: PurePath) -> str:
    """Folder and name of a prompt, without extension: ``…/digits/8000/1.wav`` is ``digits/1``."""
    folder = path.parent
    if folder.name.isdigit():
        # One folder for each sample rate.
        folder = folder.parent
    return f"{folder.name}/{path.stem}"
