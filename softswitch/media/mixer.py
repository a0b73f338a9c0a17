"""A room as the core sees it: streams that hear each other, what is played to them, recordings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from softswitch.media.events import MediaEvent, PlaybackFinished, RecordingFinished
from softswitch.media.interface import NativeMixer, NativeTap
from softswitch.media.parameters import MemberParameters, MixerParameters
from softswitch.media.playlist import Playlist, find_offset
from softswitch.media.source import Source
from softswitch.media.stream import Finished, Stream, StreamClosed


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the parts of a source are played."""

    to: int | None
    gain_db: float
    exclusive: bool


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
        self._playlists: dict[int, tuple[Playlist, _Manner]] = {}
        """By the engine's number of the part that plays."""
        self._recordings: set[int] = set()
        self._awaited: dict[int, asyncio.Future[Finished]] = {}

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
        manner = _Manner(to, gain_db, exclusive)
        offset = source.offset_ms if offset_ms is None else offset_ms
        several = len(source.parts) > 1
        first, offset = find_offset(source.parts, offset) if several else (0, offset)
        number = native.play(
            source.parts[first],
            to=to,
            loops=1 if several else loops,
            offset_ms=offset,
            gain_db=gain_db,
            exclusive=exclusive,
        )
        if several:
            playlist = Playlist(number, source.parts, loops or 1, first)
            self._playlists[number] = playlist, manner
        return number

    def set_gain(self, number: int, *, gain_db: float) -> None:
        """The gain of a playback from now on."""
        native = self._open()
        for current, (playlist, manner) in self._playlists.items():
            if playlist.number == number:
                self._playlists[current] = playlist, replace(manner, gain_db=gain_db)
                native.set_gain(current, gain_db=gain_db)
                return
        native.set_gain(number, gain_db=gain_db)

    def record(self, path: str, *, append: bool = False, rate: int = 0, limit_ms: int = 0) -> int:
        """Write a WAV file of all that is heard in the room; returns the recording's number.

        Rate 0 is the room's. Raises OSError if the file cannot be opened.
        """
        number = self._open().record(path, append=append, rate=rate, limit_ms=limit_ms)
        self._recordings.add(number)
        return number

    def tap(self, *, rate: int = 0, limit_ms: int = 0) -> NativeTap:
        """What `record` would write, for a reader in Python; too slow a one fails it."""
        tap = self._open().tap(rate=rate, limit_ms=limit_ms)
        self._recordings.add(tap.number)
        return tap

    def pause(self, number: int, *, paused: bool) -> None:
        """Pause a playback or a recording, or go on with it."""
        self._open().pause(self._current(number), paused=paused)

    def stop(self, number: int) -> None:
        """End one playback or recording; unknown numbers are ignored."""
        native = self._open()
        current = self._current(number)
        if current in self._playlists:
            self._playlists[current][0].ended = True
        native.stop(current)

    def finished(self, number: int) -> asyncio.Future[Finished]:
        """Done when that playback or recording ends; ask before the loop runs again.

        `close` ends a playback at once, as ``stopped``; a recording's end is told when it is on
        disk, as ``closed``.
        """
        self._open()
        return self._awaited.setdefault(number, asyncio.get_running_loop().create_future())

    def level(self, member: int) -> tuple[int, int]:
        """A member's loudness: of its last frame, and smoothed over some."""
        return self.native.level(member)

    def close(self) -> None:
        """End the room; its members hear nothing any more. Idempotent."""
        if self.closed:
            return
        self.closed = True
        self._playlists.clear()
        self.native.close()
        for number in self._awaited.keys() - self._recordings:
            self._tell_awaited(number, PlaybackFinished(number, 0, "stopped"))
        self._forget_if_quiet()

    def handle_event(self, event: MediaEvent) -> None:
        """Take an event of the engine and tell it on; called by `MediaEngine`."""
        told: MediaEvent | None = event
        if isinstance(event, RecordingFinished):
            self._recordings.discard(event.recording)
            self._tell_awaited(event.recording, event)
            self._forget_if_quiet()
        elif isinstance(event, PlaybackFinished):
            told = self._go_on(event)
            if told is not None:
                self._tell_awaited(told.playback, told)
        if told is not None and self.on_event is not None:
            self.on_event(told)

    def _go_on(self, event: PlaybackFinished) -> PlaybackFinished | None:
        """Play the next part of a playlist, or tell its end."""
        if event.playback not in self._playlists:
            return event
        playlist, manner = self._playlists.pop(event.playback)
        part = playlist.after(event)
        if isinstance(part, PlaybackFinished):
            return part
        number = self.native.play(
            part, to=manner.to, gain_db=manner.gain_db, exclusive=manner.exclusive
        )
        self._playlists[number] = playlist, manner
        return None

    def _current(self, number: int) -> int:
        """The number of the part that plays."""
        for current, (playlist, _) in self._playlists.items():
            if playlist.number == number:
                return current
        return number

    def _tell_awaited(self, number: int, event: Finished) -> None:
        future = self._awaited.pop(number, None)
        if future is not None and not future.done():
            future.set_result(event)

    def _forget_if_quiet(self) -> None:
        if self.closed and not self._recordings:
            self._forget(self)

    def _open(self) -> NativeMixer:
        if self.closed:
            raise StreamClosed(f"room {self.id} is closed")
        return self.native
