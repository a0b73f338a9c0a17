"""How often a member with the flag ``talk-data-events`` began to speak: ``talk-report``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member

PERIOD = 10.0
"""Seconds between two reports; those in which the member may not speak do not count."""


class TalkReport:
    """Tells of one member every `PERIOD` seconds, in milliseconds since it first began to speak."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._loop = member.room.switch.loop
        self._timer: asyncio.TimerHandle | None = None
        self._left = PERIOD
        self._began: float | None = None
        self._times = 0

    def update(self) -> None:
        """The member joined, or may speak now, or may not any more."""
        member = self._member
        if not member.speaks or member.held:
            self.stop()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._left, self._tell)

    def stop(self) -> None:
        """Tell nothing, until the next `update`."""
        if self._timer is not None:
            self._left = max(0.0, self._timer.when() - self._loop.time())
            self._timer.cancel()
            self._timer = None

    def began_to_speak(self) -> None:
        """The mixer heard it."""
        if self._began is None:
            self._began = self._loop.time()
        self._times += 1

    def _tell(self) -> None:
        member = self._member
        if self._began is None:
            member.room.fire("talk-report", member, talk_detects="0")
        else:
            spoken = int((self._loop.time() - self._began) * 1000)
            member.room.fire(
                "talk-report",
                member,
                talk_detects=str(self._times),
                talk_detect_duration=str(spoken),
                talk_detect_avg=f"{spoken / self._times:f}",
            )
        # Who speaks on is in its first time again, and the time since it began goes on.
        self._times = int(member.talking)
        if not member.talking:
            self._began = None
        self._timer, self._left = None, PERIOD
        self.update()
