"""FreeSWITCH's applications, commands, modules and events: what becomes of each of them here."""

from __future__ import annotations

import enum
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


class Standing(enum.Enum):
    """How much of something FreeSWITCH has is here."""

    FULL = "full"
    PARTIAL = "partial"
    ABSENT = "absent"
    OWN = "own"
    """FreeSWITCH does not have it, or not under that name."""


@dataclass(frozen=True, slots=True)
class Known:
    """One application, command or module by its name."""

    kind: str
    """``applications``, ``commands``, ``modules`` or ``events``; of these only what lacks."""
    name: str
    module: str
    """The FreeSWITCH module it belongs to; of a module the folder its source stands in."""
    standing: Standing
    note: str = ""
    """What is missing of a partial one, why an absent one is absent, what a full one does
    otherwise because FreeSWITCH's way is an accident."""


@lru_cache(maxsize=1)
def known() -> Mapping[str, Mapping[str, Known]]:
    """All of ``compatibility.toml``: kind to name, in lower case, to what is known of it."""
    text = resources.files("softswitch.reference").joinpath("compatibility.toml").read_text("utf-8")
    return {
        kind: {
            name.lower(): _known(kind, name, module, str(value))
            for module, names in modules.items()
            for name, value in names.items()
        }
        for kind, modules in tomllib.loads(text).items()
    }


def find(kind: str, name: str) -> Known | None:
    """What is known of one thing of a kind; names are compared without case."""
    return known()[kind].get(name.lower())


def why_absent(name: str) -> str:
    """Why an application of FreeSWITCH's is not here; empty for any other name."""
    found = find("applications", name)
    return found.note if found is not None and found.standing is Standing.ABSENT else ""


def _known(kind: str, name: str, module: str, value: str) -> Known:
    standing, _, note = value.partition(":")
    return Known(kind, name, module, Standing(standing), note.strip())
