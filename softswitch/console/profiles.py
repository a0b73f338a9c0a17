"""The console's profiles: fs_cli's files, where hosts, passwords and function keys are kept."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

Profile = dict[str, str]


def files() -> tuple[Path, ...]:
    """Where fs_cli looks; what a later file says of a profile holds."""
    return Path("/etc/fs_cli.conf"), Path(os.path.expanduser("~/.fs_cli_conf"))


def read(paths: Iterable[Path]) -> dict[str, Profile]:
    """The profiles of these files, by name; those that are not there say nothing.

    Raises OSError where one cannot be read, ValueError with file and line for a mistake.
    """
    profiles: dict[str, Profile] = {}
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            continue
        name = ""
        for number, line in enumerate(text.splitlines(), 1):
            line = line.strip()
            if not line or line[0] in "#;":
                continue
            if line.startswith("[") and line.endswith("]"):
                name = line[1:-1].strip()
                profiles.setdefault(name, {})
                continue
            key, separator, value = line.partition("=")
            if not separator or not name:
                raise ValueError(f"{path}:{number}: this is neither [profile] nor key => value")
            profiles[name][key.strip().lower()] = value.removeprefix(">").strip()
    return profiles


def keys(profile: Profile, usual: tuple[str, ...]) -> tuple[str, ...]:
    """What F1 to F12 do: ``key_f1`` and so on, and the usual where a profile does not say."""
    return tuple(profile.get(f"key_f{number}", command) for number, command in enumerate(usual, 1))
