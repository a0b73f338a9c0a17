"""The catalogue of channel variables: who sets or reads each, and what it means."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib import resources

USES = {
    "S": "set by the switch",
    "R": "read by the switch",
    "SR": "set and read by the switch",
    "D": "given by the directory, for the dialplan to use",
    "G": "a global variable",
}
"""What the letters of ``Variable.use`` mean."""


class Standing(Enum):
    """What becomes of a variable here."""

    FULL = "full"
    ACCEPTED = "accepted"
    """There is nothing for it to do: what it asks for is always so, or has no counterpart."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable; a name that ends with ``_`` stands for all names that begin so."""

    name: str
    group: str
    use: str
    """A key of ``USES``."""
    meaning: str
    standing: Standing
    """Whether softswitch does what the use says; FreeSWITCH does."""

    @property
    def here(self) -> bool:
        """True if it does what the use says."""
        return self.standing is Standing.FULL

    @property
    def reason(self) -> str:
        """Why it has no effect here; empty where it has."""
        return "" if self.here else self.meaning.partition(": ")[2]

    @property
    def is_prefix(self) -> bool:
        """True if the name only begins the names that are meant."""
        return self.name.endswith("_")

    @property
    def is_set(self) -> bool:
        """Whether somebody but the dialplan gives it a value."""
        return self.use != "R"


_MARKS = {"-": Standing.ABSENT, "~": Standing.ACCEPTED}


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Variable]:
    """All variables of ``variables.toml`` by their names in lower case."""
    text = resources.files("softswitch.reference").joinpath("variables.toml").read_text("utf-8")
    return {
        name.lower(): _variable(name, group, str(value))
        for group, names in tomllib.loads(text).items()
        for name, value in names.items()
    }


def find(name: str) -> Variable | None:
    """The variable of that name, or the one whose name begins it (``sip_h_X-Account``)."""
    lower = name.lower()
    if found := catalogue().get(lower):
        return found
    return next((v for v in _prefixes() if lower.startswith(v.name.lower())), None)


@lru_cache(maxsize=1)
def _prefixes() -> tuple[Variable, ...]:
    return tuple(variable for variable in catalogue().values() if variable.is_prefix)


def _variable(name: str, group: str, value: str) -> Variable:
    use, _, meaning = value.partition(" ")
    standing = _MARKS.get(use[0], Standing.FULL)
    return Variable(name, group, use.lstrip("".join(_MARKS)), meaning, standing)
