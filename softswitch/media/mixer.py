"""A room as the core sees it: streams that hear each other, what is played to them, recordings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from softswitch.media.events import MediaEvent
from softswitch.media.interface import NativeMixer, NativeTap
from softswitch.media.parameters import MemberParameters, MixerParameters
from softswitch.media.playlist import Playlist, find_offset
from softswitch.media.running import Finished, Running
from softswitch.media.source import Source
from softswitch.media.stream import Stream, StreamClosed


class Mixer:
    """A room. Members are named by the ids of their streams; unknown ones are ignored.

    Calls return at once; what comes of them is told to ``on_event``. All but `close` and what
    only reads raise `StreamClosed` after `close`.
    """

    def __init__(
        self, native: NativeMixer, settings: MixerParameters, forget: Callable[[Mixer], None]
    ) -> None:
        self.native = native
        self.id = native.id
        self.settings = settings
        self.on_event: Callable[[MediaEvent], None] | None = None
        """Told of everything that happens, on the loop. Recordings still end after `close`."""
        self.closed = False
        self._forget = forget
        self._running = Running()

    def __repr__(self) -> str:
        return f"<Mixer {self.id} {self.settings.rate} Hz {'closed' if self.closed else 'open'}>"

    def configure(self, settings: MixerParameters) -> None:
        """Change how it mixes; rate and interval stay."""
        self._open().configure(settings)
        self.settings = replace(
            settings, rate=self.settings.rate, interval_ms=self.settings.interval_ms
        )

    def add(self, stream: Stream, settings: MemberParameters) -> None:
        """Take in a stream, which leaves whatever it heard before."""
        if stream.closed:
            raise StreamClosed(f"stream {stream.id} is closed")
        self._open().add(stream.native, settings)

    def remove(self, stream: Stream) -> None:
        """Let go of a stream; it hears nothing then. Closed streams have left already."""
        if not stream.closed:
            self._open().remove(stream.native)

    def configure_member(self, member: int, settings: MemberParameters) -> None:
        """Change how a member takes part."""
        self._open().configure_member(member, settings)

    def relate(self, listener: int, speaker: int, *, hears: bool) -> None:
        """Whether one member hears another; at first all do."""
        self._open().relate(listener, speaker, hears=hears)

    def give_floor(self, member: int | None) -> None:
        """Who has the floor until somebody louder speaks."""
        self._open().give_floor(member)

    def play(
        self,
        source: Source,
        *,
        to: int | None = None,
        loops: int = 1,
        offset_ms: int | None = None,
        gain_db: float = 0.0,
        exclusive: bool = False,
    ) -> int:
        """Play to all or to one member; any number play at once. Returns the playback's number.

        ``exclusive``: no voice is heard meanwhile. ``loops`` below 0 is endless.
        """
        native = self._open()
        offset = source.offset_ms if offset_ms is None else offset_ms
        play = partial(native.play, to=to, gain_db=gain_db, exclusive=exclusive)
        if len(source.parts) == 1:
            return play(source.parts[0], loops=loops, offset_ms=offset)
        first, offset = find_offset(source.parts, offset)
        number = play(source.parts[first], offset_ms=offset)
        self._running.add(Playlist(number, source.parts, loops or 1, play, first))
        return number

    def set_gain(self, number: int, *, gain_db: float) -> None:
        """The gain of a playback from now on."""
        native = self._open()
        current, playlist = self._running.find(number)
        if playlist is not None:
            playlist.play = partial(playlist.play, gain_db=gain_db)
        native.set_gain(current, gain_db=gain_db)

    def record(self, path: str, *, append: bool = False, rate: int = 0, limit_ms: int = 0) -> int:
        """Write a WAV file of all that is heard in the room; returns the recording's number.

        Rate 0 is the room's. Raises OSError if the file cannot be opened.
        """
        number = self._open().record(path, append=append, rate=rate, limit_ms=limit_ms)
        self._running.recordings.add(number)
        return number

    def tap(self, *, rate: int = 0, limit_ms: int = 0) -> NativeTap:
        """What `record` would write, for a reader in Python; too slow a one fails it."""
        tap = self._open().tap(rate=rate, limit_ms=limit_ms)
        self._running.recordings.add(tap.number)
        return tap

    def pause(self, number: int, *, paused: bool) -> None:
        """Pause a playback or a recording, or go on with it."""
        self._open().pause(self._running.find(number)[0], paused=paused)

    def stop(self, number: int) -> None:
        """End one playback or recording; unknown numbers are ignored."""
        native = self._open()
        current, playlist = self._running.find(number)
        if playlist is not None:
            playlist.ended = True
        native.stop(current)

    def finished(self, number: int) -> asyncio.Future[Finished]:
        """Done when that playback or recording ends; ask before the loop runs again.

        `close` ends a playback at once, as ``stopped``; a recording's end is told when it is on
        disk, as ``closed``.
        """
        self._open()
        return self._running.finished(number)

    def level(self, member: int) -> tuple[int, int]:
        """A member's loudness: of its last frame, and smoothed over some."""
        return self.native.level(member)

    def close(self) -> None:
        """End the room; its members hear nothing any more. Idempotent."""
        if self.closed:
            return
        self.closed = True
        self.native.close()
        self._running.close()
        self._forget_if_quiet()

    def handle_event(self, event: MediaEvent) -> None:
        """Take an event of the engine and tell it on; called by `MediaEngine`."""
        told = self._running.take(event)
        self._forget_if_quiet()
        if told is not None and self.on_event is not None:
            self.on_event(told)

    def _forget_if_quiet(self) -> None:
        if self.closed and not self._running.recordings:
            self._forget(self)

    def _open(self) -> NativeMixer:
        if self.closed:
            raise StreamClosed(f"room {self.id} is closed")
        return self.native
