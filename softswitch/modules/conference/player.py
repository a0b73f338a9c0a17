"""Sounds for a room or for one of its members: one after another, and others beside them."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from softswitch.media.engine import Source, SourceError
from softswitch.modules.conference.volume import decibels

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member
    from softswitch.modules.conference.room import Room


@dataclass(slots=True, eq=False)
class Sound:
    """One sound: waiting, or playing under a number of the engine."""

    file: str
    source: Source | None = None
    exclusive: bool = False
    beside: bool = False
    number: int | None = None
    offset_ms: int = 0
    begun: float = 0.0
    volume: int = 0
    paused_at: float | None = None
    """Since when it is paused, by the loop."""
    seeking: bool = False
    stopped: bool = False

    @property
    def paused(self) -> bool:
        return self.paused_at is not None

    def position_ms(self, now: float) -> int:
        """How far it has been heard, from the begin of the file."""
        until = now if self.paused_at is None else self.paused_at
        return self.offset_ms + round((until - self.begun) * 1000)


class Player:
    """Plays to all of a room, or to a member alone."""

    def __init__(self, room: Room, member: Member | None = None) -> None:
        self._room = room
        self._member = weakref.ref(member) if member is not None else None
        """Only so, as the member has its player."""
        self._waiting: deque[Sound] = deque()
        self.current: Sound | None = None
        """What plays now of those that follow one another."""
        self.beside: list[Sound] = []
        """What plays beside them."""
        self._task: asyncio.Task[None] | None = None
        self.on_idle: Callable[[], None] | None = None
        """Told when the last sound of the row has ended."""

    def __repr__(self) -> str:
        return f"<Player {self.current} and {len(self._waiting)} more>"

    @property
    def idle(self) -> bool:
        """True while nothing of the row plays or waits."""
        return self.current is None and not self._waiting

    def play(self, file: str, source: Source | None = None, *, exclusive: bool = False) -> None:
        """Play when all before it have ended; opened only then unless the source is given."""
        sound = Sound(file, source, exclusive)
        if self._task is not None:
            self._waiting.append(sound)
            return
        self.current = sound
        if source is not None:
            self._start(sound, source)
        self._task = self._own(self._work(sound))

    def play_beside(self, file: str, source: Source) -> None:
        """Play at once, beside what plays already."""
        sound = Sound(file, source, beside=True)
        self.beside.append(sound)
        self._start(sound, source)
        self._own(self._play(sound))

    def stop(self, which: str) -> int:
        """End ``current``, ``async``, ``last`` or ``all``; returns how many."""
        sounds: list[Sound] = []
        if which in ("async", "all"):
            sounds += self.beside
        if which == "last":
            sounds += self.beside[-1:]
        stopped = 0
        if which == "all":
            stopped = len(self._waiting)
            for sound in self._waiting:
                if sound.source is not None:
                    sound.source.close()
            self._waiting.clear()
        if self.current is not None and which in ("current", "all"):
            sounds.append(self.current)
        sounds = [sound for sound in sounds if not sound.stopped]
        for sound in sounds:
            sound.seeking, sound.stopped = False, True
            if sound.number is not None and not self._room.mixer.closed:
                self._room.mixer.stop(sound.number)
        return stopped + len(sounds)

    def pause(self) -> bool:
        """Pause what plays, or go on with it; False if nothing plays."""
        sound = self.current
        if sound is None or sound.number is None:
            return False
        now = self._room.switch.loop.time()
        if sound.paused_at is None:
            sound.paused_at = now
        else:
            sound.begun += now - sound.paused_at
            sound.paused_at = None
        self._room.mixer.pause(sound.number, paused=sound.paused)
        return True

    def seek(self, offset_ms: int, *, relative: bool) -> bool:
        """Go elsewhere in what plays; False if nothing plays."""
        sound = self.current
        if sound is None or sound.number is None:
            return False
        sound.seeking = True
        if relative:
            offset_ms += sound.position_ms(self._room.switch.loop.time())
        sound.offset_ms = max(offset_ms, 0)
        self._room.mixer.stop(sound.number)
        return True

    def set_volume(self, volume: int, *, beside: bool) -> bool:
        """Make what plays louder or quieter; False if nothing plays."""
        sound = (self.beside[-1] if self.beside else None) if beside else self.current
        if sound is None or sound.number is None:
            return False
        sound.volume = volume
        self._room.mixer.set_gain(sound.number, gain_db=decibels(volume))
        return True

    async def _work(self, sound: Sound) -> None:
        try:
            await self._play(sound)
            while self._waiting and not self._room.mixer.closed:
                self.current = self._waiting.popleft()
                await self._play(self.current)
        finally:
            self.current = None
            self._task = None
            if self.on_idle is not None:
                self.on_idle()

    async def _play(self, sound: Sound) -> None:
        try:
            if sound.source is None:
                sound.source = await self._room.open(sound.file)
        except SourceError as error:
            self._room.log.error("%s", error)
            if self._member is None:
                self._room.tell_unplayable(sound.file, beside=sound.beside)
            return
        try:
            await self._play_source(sound, sound.source)
        finally:
            sound.source.close()
            if sound.beside:
                self.beside.remove(sound)

    async def _play_source(self, sound: Sound, source: Source) -> None:
        room, samples = self._room, 0
        if sound.number is None:
            self._start(sound, source)
        while sound.number is not None:
            ended = await room.mixer.finished(sound.number)
            samples += ended.samples
            sound.number = None
            if sound.seeking:
                self._start(sound, source)
        rate = room.mixer.settings.rate
        told = {
            "seconds": str(samples // rate),
            "milliseconds": str(samples * 1000 // rate),
            "samples": str(samples),
            "File": sound.file,
        }
        if self._member is None:
            if sound.beside:
                told["Async"] = "true"
            room.fire("play-file-done", None, **told)
        elif (member := self._member()) is not None and member in room.members:
            room.fire("play-file-member-done", member, **told)

    def _start(self, sound: Sound, source: Source) -> None:
        """Have the mixer play it, unless nobody is there to hear it."""
        room = self._room
        member = self._member() if self._member is not None else None
        sound.seeking = False
        gone = self._member is not None and member not in room.members
        if sound.stopped or room.mixer.closed or gone:
            return
        sound.begun, sound.paused_at = room.switch.loop.time(), None
        sound.number = room.mixer.play(
            source,
            to=member.stream.id if member is not None else None,
            offset_ms=sound.offset_ms or None,
            gain_db=decibels(sound.volume),
            exclusive=sound.exclusive,
        )

    def _own(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._room.own(work, "sound")
