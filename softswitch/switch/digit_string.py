"""Digit strings as operators write them: ``[~]<digits>[@<ms>][+<digits>[@<ms>]…]``."""

from __future__ import annotations

from dataclasses import dataclass

KEYS = frozenset("0123456789*#ABCD")
PAUSES = {"w": 500, "W": 1000}
"""Milliseconds of the pauses among the digits."""
LONGEST = 99
"""Characters of one digit string."""
SHORTEST_MS = 50
LONGEST_MS = 24_000
DEFAULT_MS = 250


@dataclass(frozen=True, slots=True)
class DigitGroup:
    """Keys and pauses (``w``, ``W``) that share one length."""

    keys: str
    duration_ms: int

    @property
    def digits(self) -> str:
        """The keys without the pauses."""
        return "".join(key for key in self.keys if key in KEYS)


def parse(text: str, default_ms: int = DEFAULT_MS) -> list[DigitGroup]:
    """The groups of a digit string.

    Raises ValueError, with a sentence, where it is empty, too long or has a wrong character.
    """
    text = text.strip().removeprefix("~")
    if len(text) > LONGEST:
        raise ValueError(f"a digit string has at most {LONGEST} characters, this has {len(text)}")
    groups = []
    for part in text.split("+"):
        keys, _, duration = part.partition("@")
        keys = "".join(key if key in PAUSES else key.upper() for key in keys.strip())
        wrong = sorted({key for key in keys if key not in KEYS and key not in PAUSES})
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no digit: 0-9 * # A-D and the pauses w and W are")
        milliseconds = int(duration) if duration.strip().isdigit() else 0
        if milliseconds <= SHORTEST_MS:
            milliseconds = default_ms
        if keys:
            groups.append(DigitGroup(keys, min(milliseconds, LONGEST_MS)))
    if not groups:
        raise ValueError("there are no digits")
    return groups


def total_ms(groups: list[DigitGroup]) -> int:
    """How long sending takes, with a gap of the default length after each digit."""
    return sum(
        PAUSES[key] if key in PAUSES else group.duration_ms + DEFAULT_MS
        for group in groups
        for key in group.keys
    )
