"""Digit strings as operators write them: ``[~]<digits>[@<ms>][+<digits>[@<ms>]…]``."""

from __future__ import annotations

from dataclasses import dataclass

KEYS = frozenset("0123456789*#ABCD")
PAUSES = {"w": 500, "W": 1000}
"""Milliseconds of the pauses among the digits."""
LONGEST = 99
"""Characters of one digit string."""
SAMPLES_PER_MS = 8
"""Durations of digits are configured in samples at 8 kHz."""
DEFAULT_MS = 250


@dataclass(slots=True)
class DigitDurations:
    """How long digits last, in samples at 8 kHz, as ``switch.conf`` or ``fsctl`` says."""

    shortest: int = 400
    usual: int = 2000
    longest: int = 192_000

    def milliseconds(self, asked: int = 0) -> int:
        """The length of a digit for which so many milliseconds are asked; 0 is the usual."""
        samples = asked * SAMPLES_PER_MS
        if samples <= self.shortest:
            samples = self.usual
        return min(max(samples, self.shortest), self.longest) // SAMPLES_PER_MS


@dataclass(frozen=True, slots=True)
class DigitGroup:
    """Keys and pauses (``w``, ``W``) that share one length."""

    keys: str
    duration_ms: int

    @property
    def digits(self) -> str:
        """The keys without the pauses."""
        return "".join(key for key in self.keys if key in KEYS)


def parse(text: str, durations: DigitDurations | None = None) -> list[DigitGroup]:
    """The groups of a digit string, within the durations that hold (FreeSWITCH's if not given).

    Raises ValueError, with a sentence, where it is empty, too long or has a wrong character.
    """
    durations = durations or DigitDurations()
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
        asked = int(duration) if duration.strip().isdecimal() else 0
        if keys:
            groups.append(DigitGroup(keys, durations.milliseconds(asked)))
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
