"""Effects on the voices of a call: automatic gain and noise suppression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.switch import media_bugs
from softswitch.switch.media_bugs import MediaBug

if TYPE_CHECKING:
    from softswitch.switch.session import Session

FUNCTION = "preprocess"
LEVEL = 8000
"""Amplitude aimed at where none is given, as FreeSWITCH has it at 8,000 Hz."""
LEVELS = (100, 30_000)
MOST_SUPPRESSION_DB = 60
SIDES = {"r": "read", "w": "write"}
_WISH = re.compile(r"([rw])[._]*([a-z_]+)\s*=\s*(\S+)\Z", re.IGNORECASE)
_ABSENT = ("echo_cancel", "echo_suppress")


@dataclass(slots=True)
class _Side:
    level: int | None = None
    suppression_db: int | None = None


class Preprocess(MediaBug):
    """The effects of a call; ``read`` is what the far end says, ``write`` what it hears."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, FUNCTION, session.uuid, self.reset)
        self.sides = {"read": _Side(), "write": _Side()}

    def set(self, wishes: list[tuple[str, str, int | None]]) -> None:
        """Change what is named: a side, ``agc`` or ``noise_suppress``, and a figure or None."""
        for side, name, value in wishes:
            if name == "agc":
                self.sides[side].level = value
            else:
                self.sides[side].suppression_db = value
        self._apply()

    def reset(self) -> None:
        """No effects any more."""
        self.sides = {"read": _Side(), "write": _Side()}
        self._apply()

    def _apply(self) -> None:
        media = self.session.leg.media
        if media is not None and not media.closed:
            for hear, side in self.sides.items():
                media.set_effects(hear, level=side.level, suppression_db=side.suppression_db)
        if all(side == _Side() for side in self.sides.values()):
            self.detach()


def parse_wishes(text: str) -> list[tuple[str, str, int | None]]:
    """``r.agc=true,w.noise_suppress=-20``: side, effect, and its figure (None: off).

    Raises ValueError with a sentence.
    """
    wishes = []
    for part in filter(None, map(str.strip, text.split(","))):
        found = _WISH.match(part)
        if found is None:
            raise ValueError(f"{part!r} is not r.<effect>=<value> or w.<effect>=<value>")
        side, name, value = SIDES[found[1].lower()], found[2].lower(), found[3]
        if name == "agc":
            wishes.append((side, name, _level(value)))
        elif name == "noise_suppress":
            wishes.append((side, name, _suppression(value)))
        elif name in _ABSENT:
            raise ValueError(f"{name} is not there: echoes are not cancelled")
        else:
            raise ValueError(f"{name!r} is no effect; there are agc and noise_suppress")
    if not wishes:
        raise ValueError("no effect is named, such as r.agc=true")
    return wishes


def preprocess(session: Session, text: str) -> None:
    """Begin or change effects, or ``stop`` them. Raises ValueError with a sentence."""
    if text.strip().lower() == "stop":
        media_bugs.stop(session, FUNCTION)
        return
    wishes = parse_wishes(text)
    found = next((b for b in media_bugs.find(session, FUNCTION) if isinstance(b, Preprocess)), None)
    (found or Preprocess(session)).set(wishes)


def _level(value: str) -> int | None:
    """A number from 100 is an amplitude, other values are yes or no."""
    if value.isdigit() and int(value) >= LEVELS[0]:
        return min(int(value), LEVELS[1])
    return LEVEL if is_true(value) else None


def _suppression(value: str) -> int | None:
    """Decibels below zero; false and 0 end it."""
    if re.fullmatch(r"-\d{1,4}", value) and int(value) < 0:
        return min(-int(value), MOST_SUPPRESSION_DB)
    if value in ("0", "-0") or value.lower() in ("false", "off", "no"):
        return None
    raise ValueError(f"noise_suppress is in decibels below zero, such as -20, not {value!r}")
