"""What a room hears when nobody has anything to hear: music while alone, or one endless sound."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.media.engine import SourceError

if TYPE_CHECKING:
    from softswitch.modules.conference.room import Room

RETRY = 2.0
"""Seconds until a file that could not be opened is tried again."""


class Music:
    """Plays whatever the room wants in its background, and nothing once it wants nothing."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._wanted = ""
        self._exclusive = False
        self._number: int | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def plays(self) -> bool:
        """True while it is heard."""
        return self._number is not None

    def want(self, file: str, *, exclusive: bool = False) -> None:
        """Play that file over and over from now on; an empty one ends the music."""
        if file == self._wanted:
            return
        self._wanted, self._exclusive = file, exclusive
        if self._number is not None and not self._room.mixer.closed:
            self._room.mixer.stop(self._number)
        elif file and self._task is None:
            self._task = self._room.own(self._play(), "music")

    async def _play(self) -> None:
        room = self._room
        try:
            while self._wanted and not room.mixer.closed:
                file = self._wanted
                try:
                    source = await room.open(file)
                except SourceError as error:
                    room.log.error("%s", error)
                    await asyncio.sleep(RETRY)
                    continue
                try:
                    if file == self._wanted and not room.mixer.closed:
                        self._number = room.mixer.play(source, loops=-1, exclusive=self._exclusive)
                        ended = await room.mixer.finished(self._number)
                        if ended.reason == "failed":
                            await asyncio.sleep(RETRY)
                finally:
                    self._number = None
                    source.close()
        finally:
            self._task = None
