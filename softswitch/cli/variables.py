"""The global variables a configuration is read with when no switch runs."""

from __future__ import annotations

from pathlib import Path

from softswitch.config.host import built_in_globals, sounds_folder
from softswitch.config.secrets import NAMES, read


def known_variables(conf: Path, data: Path) -> dict[str, str]:
    """The host's variables and the secrets of the data folder, which is not touched.

    Secrets that are still to be made have a placeholder, so that a fresh tree can be checked.
    """
    placeholders = dict.fromkeys(NAMES, "made-at-the-first-start")
    return {**built_in_globals(conf, data, sounds=sounds_folder()), **placeholders, **read(data)}
