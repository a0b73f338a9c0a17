"""A playback that can be steered while it runs: paused, wound, louder, faster."""

from __future__ import annotations

import asyncio
import math
import re
from typing import TYPE_CHECKING

from softswitch.switch.audio_levels import FACTORS

if TYPE_CHECKING:
    from softswitch.media.engine import Source, Stream
    from softswitch.media.running import Finished
    from softswitch.switch.session import Session

SPEED_STEP = 0.25
"""Of the time it takes: two steps up halve it, as in FreeSWITCH."""
FASTEST = 2
_COMMAND = re.compile(r"([a-z]+)(?::([+-]?)(\d{0,9}))?", re.IGNORECASE)


class RunningPlayback:
    """What plays on a call now; `begin` was asked of the engine when it is made."""

    def __init__(self, session: Session, media: Stream, source: Source, loops: int) -> None:
        self._loop = session.switch.loop
        self._media = media
        self._source = source
        self._loops = loops
        self._paused = self._steered = False
        self._volume = self._speed = 0
        self.earlier_samples = 0
        """Samples that were played before it was wound the last time."""
        self.offset_ms = source.offset_ms
        """Where it began, or was wound to."""
        self._since = self._loop.time()
        self.number = media.play(source, loops=loops)
        self.finished: asyncio.Future[Finished] = media.finished(self.number)
        self.limit_reached = False
        """It was ended by the limit of its source, which is a good end."""
        self._limit = None
        if source.limit_ms:
            self._limit = self._loop.call_later(source.limit_ms / 1000, self._end_at_limit)
        self.wound: asyncio.Future[None] = self._loop.create_future()
        """Done when `finished` is another one: ask anew, by `go_on`."""

    def __repr__(self) -> str:
        return f"<RunningPlayback {self._source.specification} at {self.position_ms} ms>"

    @property
    def position_ms(self) -> int:
        """Where it is, by the clock."""
        if self._paused:
            return self.offset_ms
        elapsed = (self._loop.time() - self._since) * 1000 * self._factor
        return self.offset_ms + round(elapsed)

    def position_after(self, heard_ms: int) -> int:
        """Where it is after so much was heard, ms; by the clock where it was wound or paused."""
        if not self._steered:
            return self._source.offset_ms + heard_ms
        length = self._source.milliseconds
        return self.position_ms if length is None else min(self.position_ms, length)

    @property
    def _factor(self) -> float:
        return 1 / (1 - SPEED_STEP * self._speed)

    def close(self) -> None:
        """It is over, or nobody cares any more."""
        if self._limit is not None:
            self._limit.cancel()

    def _end_at_limit(self) -> None:
        if not self._media.closed:
            self.limit_reached = True
            self._media.stop(self.number)

    def go_on(self) -> None:
        """The new `finished` was taken note of."""
        self.wound = self._loop.create_future()

    def command(self, text: str) -> bool:
        """Do as ``speed:+1 volume:-1 pause stop truncate restart seek:+5000``; False if unknown."""
        found = _COMMAND.fullmatch(text.strip())
        if found is None or self._media.closed:
            return False
        word, sign, digits = found[1].lower(), found[2] or "", found[3] or ""
        amount = int(digits or 0) * (-1 if sign == "-" else 1)
        match word:
            case "pause" | "resume":
                self._mark()
                self._paused = not self._paused if word == "pause" else False
                self._steer()
            case "volume" | "vol":
                self._volume = _step(self._volume, sign, amount, 4)
                self._steer()
            case "speed":
                self._mark()
                self._speed = _step(self._speed, sign, amount, FASTEST)
                self._steer()
            case "seek":
                self.seek(self.position_ms + amount if sign else amount)
            case "restart":
                self.seek(0)
            case "stop" | "truncate":
                self._media.stop(self.number)
            case _:
                return False
        return True

    def pause(self, paused: bool) -> None:
        """Pause, or go on."""
        self._mark()
        self._paused = paused
        self._steer()

    def seek(self, milliseconds: int) -> None:
        """Go on elsewhere; behind the end it is over."""
        self._steered = True
        length = self._source.milliseconds
        position = max(milliseconds, 0)
        if length is not None:
            position = min(position, length)
        before = self.finished

        def add(done: asyncio.Future[Finished]) -> None:
            self.earlier_samples += done.result().samples

        before.add_done_callback(add)
        self.number = self._media.play(self._source, loops=self._loops, offset_ms=position)
        self.finished = self._media.finished(self.number)
        self.offset_ms, self._since = position, self._loop.time()
        self._steer()
        if not self.wound.done():
            self.wound.set_result(None)

    def _mark(self) -> None:
        """Count the position from now on."""
        self._steered = True
        self.offset_ms, self._since = self.position_ms, self._loop.time()

    def _steer(self) -> None:
        gain = 20 * math.log10(FACTORS[self._volume])
        self._media.steer(self.number, paused=self._paused, gain_db=gain, speed=self._factor)


def _step(now: int, sign: str, amount: int, most: int) -> int:
    """A level set, or changed by so many steps where a sign stands in front."""
    level = now + (amount or (-1 if sign == "-" else 1)) if sign else amount
    return max(min(level, most), -most)
