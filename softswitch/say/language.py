"""What a language must know to say things; all that languages share is in ``speaking``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from softswitch import registry
from softswitch.say.request import Gender

Spoken = Callable[[str, Gender], list[str]]
"""The prompts of a number in digits."""


class Language(Protocol):
    """Each method gives names of prompts without folder of the voice and without extension."""

    def number(self, value: int, *, counted: bool = False, gender: Gender) -> list[str]:
        """A whole number from 0 to 999,999,999; ``counted`` is first, second, third."""
        ...

    def year(self, value: int) -> list[str]:
        """The number of a year."""
        ...

    def date(self, moment: datetime, *, year: bool) -> list[str]:
        """Day of the week, day, month, and the year where it is wanted."""
        ...

    def clock(self, moment: datetime, *, all_hours: bool) -> list[str]:
        """The time of the day; ``all_hours`` is the clock of 24 hours."""
        ...

    def money(self, whole: str, cents: str | None, spoken: Spoken) -> list[str]:
        """An amount of money in digits; None where no cents are written. ``spoken`` says each of
        the two numbers in the way that is wanted."""
        ...

    def duration(self, hours: int, minutes: int, seconds: int) -> list[str]:
        """How long something takes."""
        ...


@cache
def languages() -> registry.Registry[type[Any]]:
    """All languages, found in ``softswitch.say.languages``."""
    registry.discover("softswitch.say.languages")
    return registry.say_language


def find_language(name: str) -> Language | None:
    """The language of that name; ``xx`` serves for ``xx-YY``."""
    for wanted in (name, name.replace("_", "-").partition("-")[0]):
        entry = languages().find(wanted)
        if entry is not None:
            made: Language = entry.target()
            return made
    return None
