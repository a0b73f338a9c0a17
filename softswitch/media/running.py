"""What a stream or a room plays and records at the moment, until each of it has ended."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

from softswitch.media.events import MediaEvent, PlaybackFinished, RecordingFinished
from softswitch.media.playlist import Playlist

Finished: TypeAlias = PlaybackFinished | RecordingFinished
"""How a playback or a recording ended."""


class Running:
    """Playbacks and recordings under way, and who waits for their ends."""

    def __init__(self) -> None:
        self.recordings: set[int] = set()
        self._playlists: dict[int, Playlist] = {}
        """By the engine's number of the part that plays."""
        self._awaited: dict[int, asyncio.Future[Finished]] = {}

    def add(self, playlist: Playlist) -> None:
        """A playlist whose first part plays."""
        self._playlists[playlist.number] = playlist

    def find(self, number: int) -> tuple[int, Playlist | None]:
        """What the engine calls a playback at the moment, and its playlist if it is one."""
        for current, playlist in self._playlists.items():
            if playlist.number == number:
                return current, playlist
        return number, None

    def replace_playlists(self) -> None:
        """Let no playlist go on: something else is played."""
        for playlist in self._playlists.values():
            playlist.ended = True

    def finished(self, number: int) -> asyncio.Future[Finished]:
        """Done when that playback or recording ends."""
        return self._awaited.setdefault(number, asyncio.get_running_loop().create_future())

    def take(self, event: MediaEvent) -> MediaEvent | None:
        """What is to be told of an event of the engine; None while a playlist goes on."""
        match event:
            case RecordingFinished(recording=number):
                self.recordings.discard(number)
                self._tell_awaited(number, event)
            case PlaybackFinished():
                told = self._go_on(event)
                if told is not None:
                    self._tell_awaited(told.playback, told)
                return told
        return event

    def close(self) -> None:
        """End all playbacks; recordings are over once the engine tells so."""
        self._playlists.clear()
        for number in self._awaited.keys() - self.recordings:
            self._tell_awaited(number, PlaybackFinished(number, 0, "stopped"))

    def _go_on(self, event: PlaybackFinished) -> PlaybackFinished | None:
        """Play the next part of a playlist, or tell its end."""
        playlist = self._playlists.pop(event.playback, None)
        if playlist is None:
            return event
        part = playlist.after(event)
        if isinstance(part, PlaybackFinished):
            return part
        self._playlists[playlist.play(part)] = playlist
        return None

    def _tell_awaited(self, number: int, event: Finished) -> None:
        future = self._awaited.pop(number, None)
        if future is not None and not future.done():
            future.set_result(event)
