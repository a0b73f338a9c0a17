"""How loud a call is in each direction, and muting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.switch import media_bugs
from softswitch.switch.media_bugs import MediaBug

if TYPE_CHECKING:
    from softswitch.switch.session import Session

FUNCTION = "audio"
SILENCE_DB = -200.0
FACTORS = {-4: 0.2, -3: 0.4, -2: 0.6, -1: 0.8, 0: 1.0, 1: 1.3, 2: 2.3, 3: 3.3, 4: 4.3}
"""What FreeSWITCH multiplies samples by, for each of its steps."""


@dataclass(slots=True)
class _Side:
    level: int = 0
    muted: bool = False
    noise: int | None = None
    """The number of the comfort noise played meanwhile."""

    @property
    def decibels(self) -> float:
        return SILENCE_DB if self.muted else 20 * math.log10(FACTORS[self.level])


class AudioLevels(MediaBug):
    """The levels of a call; ``read`` is what the far end says, ``write`` what it hears."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, FUNCTION, session.uuid, self.reset)
        self.sides = {"read": _Side(), "write": _Side()}

    def set_level(self, side: str, level: int) -> None:
        """One of nine steps, -4 to 4."""
        self.sides[side].level = max(min(level, 4), -4)
        self._apply()

    async def set_mute(self, side: str, noise: int) -> None:
        """0 unmutes, 1 is silence, more is comfort noise of that divisor."""
        state, media = self.sides[side], self.session.media
        if state.noise is not None:
            media.stop(state.noise)
            state.noise = None
        state.muted = noise > 0
        self._apply()
        if noise > 1:
            source = await self.session.switch.open_source(f"silence_stream://-1,{noise}")
            if self.session.channel.up:
                into = "speak" if side == "read" else "hear"
                state.noise = media.inject(source, into=into)
            source.close()

    def reset(self) -> None:
        """Everything as loud as it comes."""
        media = self.session.leg.media
        for side in self.sides.values():
            if side.noise is not None and media is not None:
                media.stop(side.noise)
            side.level, side.muted, side.noise = 0, False, None
        self._apply()

    def _apply(self) -> None:
        media = self.session.leg.media
        if media is not None:
            read, write = self.sides["read"], self.sides["write"]
            media.set_gain(hear_db=write.decibels, speak_db=read.decibels)
        if all(side.level == 0 and not side.muted for side in self.sides.values()):
            self.detach()


def levels(session: Session) -> AudioLevels:
    """The levels of a call, which hang on it from now on."""
    for bug in media_bugs.find(session, FUNCTION):
        if isinstance(bug, AudioLevels):
            return bug
    return AudioLevels(session)


def reset(session: Session) -> None:
    """Undo what was set, if anything was."""
    media_bugs.stop(session, FUNCTION)
