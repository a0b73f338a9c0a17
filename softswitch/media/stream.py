"""One leg's RTP session as the core sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Unpack

from softswitch.media.events import Detected, MediaEvent, PacketPassed
from softswitch.media.interface import NativeStream, NativeTap, RecordingOptions
from softswitch.media.parameters import RtpParameters, SrtpKeys
from softswitch.media.playlist import Playlist, find_offset
from softswitch.media.running import Finished, Running
from softswitch.media.source import Source


class StreamClosed(Exception):
    """The stream was closed before this call."""


class Stream:
    """An RTP session: what it hears can be connected, played to, and recorded.

    Calls return at once; what comes of them is told to ``on_event``. All but `close`,
    `closed` and what only reads raise `StreamClosed` after `close`.
    """

    def __init__(self, native: NativeStream, forget: Callable[[Stream], None]) -> None:
        self.native = native
        self.id = native.id
        self.local_address = native.local_address
        """Address and port of the RTP socket; RTCP is one port higher."""
        self.ssrc = native.ssrc
        self.on_event: Callable[[MediaEvent], None] | None = None
        """Told of everything that happens, on the loop. Recordings still end after `close`."""
        self.closed = False
        self._video: Stream | None = None
        self._partner: Stream | None = None
        self._forget = forget
        self._running = Running()
        self._detectors: dict[int, Callable[[int], None]] = {}
        """Who is told what the detectors find."""
        self.traced = (False, False)
        """Whether packets that come, and that are sent, are told."""
        self._trace: Callable[[PacketPassed], None] | None = None

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open"
        return f"<Stream {self.id} {self.local_address[0]}:{self.local_address[1]} {state}>"

    def configure(self, parameters: RtpParameters) -> None:
        """Apply what was negotiated; may be called at every offer/answer."""
        self._open().configure(parameters)

    def connect(self, other: Stream) -> None:
        """Let both hear each other until `disconnect`, a new `connect` or a close of either.

        With itself it is an echo. Their videos are connected as they are.
        """
        self._open().connect(other._open())
        self._forget_partner()
        other._forget_partner()
        self._partner, other._partner = other, self
        self._join_videos()

    def disconnect(self) -> None:
        """End `connect`."""
        self._open().disconnect()
        self._forget_partner()

    @property
    def video(self) -> Stream | None:
        """The stream of the same party's video, which goes where its sound goes."""
        return self._video

    @video.setter
    def video(self, video: Stream | None) -> None:
        if video is not self._video:
            self._video = video
            self._join_videos()

    @property
    def partner(self) -> Stream | None:
        """Whom it is connected with."""
        return self._partner

    def _join_videos(self) -> None:
        ours = self._video
        theirs = self._partner.video if self._partner is not None else None
        if ours is None or theirs is None or ours.closed or theirs.closed:
            return
        if ours.partner is not theirs:
            ours.connect(theirs)

    def _forget_partner(self) -> None:
        partner, self._partner = self._partner, None
        if partner is not None:
            partner._partner = None
            for video in (self._video, partner._video):
                if video is not None and not video.closed:
                    video.disconnect()

    def request_picture(self) -> None:
        """Ask the far end of a video for a whole picture, by RTCP (RFC 4585 §6.3.1)."""
        self._open().request_picture()

    def play(self, source: Source, *, loops: int = 1, offset_ms: int | None = None) -> int:
        """Play instead of what is connected and of what was played; returns its number.

        ``loops`` below 0 is endless. Without ``offset_ms`` the source's own offset holds.
        """
        native = self._open()
        offset = source.offset_ms if offset_ms is None else offset_ms
        self._running.replace_playlists()
        if len(source.parts) == 1:
            return native.play(source.parts[0], loops=loops, offset_ms=offset)
        first, offset = find_offset(source.parts, offset)
        number = native.play(source.parts[first], offset_ms=offset)
        self._running.add(Playlist(number, source.parts, loops or 1, native.play, first))
        return number

    def record(
        self,
        path: str,
        *,
        append: bool = False,
        tags: Sequence[tuple[str, str]] | None = None,
        **options: Unpack[RecordingOptions],
    ) -> int:
        """Write a WAV file that is readable at every moment; returns the recording's number.

        A file that is appended to keeps its rate and its channels. Raises OSError if the file
        cannot be opened.
        """
        number = self._open().record(path, append=append, tags=tags, **options)
        self._running.recordings.add(number)
        return number

    def tap(
        self,
        *,
        period_ms: int = 100,
        complete: bool = False,
        **options: Unpack[RecordingOptions],
    ) -> NativeTap:
        """Samples for a reader in Python, as `record` would write them, every ``period_ms``.

        What is not read within half a minute is lost and counted; with ``complete`` the
        recording fails instead. Its end is told as that of a recording.
        """
        tap = self._open().tap(period_ms=period_ms, complete=complete, **options)
        self._running.recordings.add(tap.number)
        return tap

    def find_tone(
        self, frequencies: Sequence[float], found: Callable[[int], None], *, hear: str = "read"
    ) -> int:
        """Tell ``found`` whenever the party says (or hears, ``write``) the sum of frequencies.

        A tone is heard after 120 ms, and again each half second that it goes on. `stop` ends it.
        """
        return self._detect(self._open().find_tone(frequencies, hear=hear), found)

    def find_beep(self, found: Callable[[int], None], *, hear: str = "read") -> int:
        """Tell ``found`` the frequency of each beep: one steady tone and nothing else."""
        return self._detect(self._open().find_beep(hear=hear), found)

    def find_level(
        self,
        threshold: int,
        hits: int,
        found: Callable[[int], None],
        *,
        silence: bool = False,
        listen: int = 0,
        hear: str = "read",
    ) -> int:
        """Tell ``found`` once ``hits`` pieces of 20 ms in a row were loud, or silent.

        Before that ``listen`` loud ones must come, in a row or not.
        """
        native = self._open()
        number = native.find_level(threshold, hits, silence=silence, listen=listen, hear=hear)
        return self._detect(number, found)

    def _detect(self, number: int, found: Callable[[int], None]) -> int:
        self._detectors[number] = found
        return number

    def steer(
        self, number: int, *, paused: bool = False, gain_db: float = 0.0, speed: float = 1.0
    ) -> None:
        """Pause a playback, or play it louder or faster (0.25 to 4, the pitch follows)."""
        current, _ = self._running.find(number)
        self._open().steer(current, paused=paused, gain_db=gain_db, speed=speed)

    def control(self, number: int, action: str) -> None:
        """``mask unmask pause resume`` a recording: a mask is silence, a pause is nothing."""
        self._open().control(number, action)

    def feed(
        self,
        target: Stream,
        *,
        hear: str = "both",
        into: str = "hear",
        replace: bool = False,
        gain_db: float = 0.0,
        delay_ms: int = 0,
    ) -> int:
        """Let what this party says (``read``), hears (``write``) or both flow into another stream.

        There it is added to what that party hears, or says (``speak``), or replaces it. It ends
        with either stream, and by `stop_feed`.
        """
        return self._open().feed(
            target._open(),
            hear=hear,
            into=into,
            replace=replace,
            gain_db=gain_db,
            delay_ms=delay_ms,
        )

    def stop_feed(self, number: int, target: Stream) -> None:
        """End `feed`, whichever of the streams is closed already."""
        for stream in (self, target):
            if not stream.closed:
                stream.stop(number)

    def inject(
        self,
        source: Source,
        *,
        into: str = "hear",
        replace: bool = False,
        loops: int = 1,
        gain_db: float = 0.0,
    ) -> int:
        """Add a source of one part to what this party hears or says, over all else.

        Its number, its end and `stop` are those of a playback.
        """
        if len(source.parts) != 1:
            raise ValueError(f"{source!r} has several parts")
        return self._open().inject(
            source.parts[0],
            into=into,
            replace=replace,
            loops=loops,
            offset_ms=source.offset_ms,
            gain_db=gain_db,
        )

    def stop(self, number: int) -> None:
        """End one playback, recording or injection; unknown numbers are ignored."""
        native = self._open()
        self._detectors.pop(number, None)
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

    def send_digits(
        self, digits: str, *, duration_ms: int = 100, gap_ms: int = 50, method: str = "rfc4733"
    ) -> None:
        """Queue digits (``0-9*#A-D``; ``w`` and ``W`` pause 0.5 and 1 s) to the far end.

        ``method`` is ``rfc4733`` or ``inband``. Raises ValueError for other characters.
        """
        self._open().send_digits(digits, duration_ms=duration_ms, gap_ms=gap_ms, method=method)

    def pass_events(self, *, passed: bool) -> None:
        """Pass this party's telephone events on to whoever hears it, or keep them; passed at first.

        They are told as digits either way.
        """
        self._open().pass_events(passed=passed)

    def detect(self, *, dtmf: bool) -> None:
        """Switch detection of in-band digits on or off; it is off at first."""
        self._open().detect(dtmf=dtmf)

    def set_gain(self, *, hear_db: float = 0.0, speak_db: float = 0.0) -> None:
        """Amplify what the far end hears and what it says."""
        self._open().set_gain(hear_db=hear_db, speak_db=speak_db)

    def set_effects(
        self, hear: str, *, level: int | None = None, suppression_db: int | None = None
    ) -> None:
        """Raise soft voices and take noise out of what is heard or said. See ``_engine.pyi``."""
        self._open().set_effects(hear, level=level, suppression_db=suppression_db)

    def trace(
        self, told: Callable[[PacketPassed], None], *, received: bool = False, sent: bool = False
    ) -> None:
        """Tell each packet that comes, or is sent, to ``told``, or no more."""
        self._open().trace(received=received, sent=sent)
        self.traced, self._trace = (received, sent), told

    def tell_reports(self, *, received: bool = False, sent: bool = False) -> None:
        """Tell each RTCP report that comes, or is sent, to ``on_event``, or no more."""
        self._open().tell_reports(received=received, sent=sent)

    def set_jitter_buffer(
        self, initial_ms: int, max_ms: int = 0, *, in_bridge: bool = False
    ) -> None:
        """Hold packets back to play them evenly; 0 ends it. See ``_engine.pyi``."""
        self._open().set_jitter_buffer(initial_ms, max_ms, in_bridge=in_bridge)

    def pause_jitter_buffer(self, paused: bool) -> None:
        """Let packets pass the jitter buffer, or hold them back again."""
        self._open().pause_jitter_buffer(paused)

    def set_srtp(
        self,
        suite: str | None,
        send: bytes | None = None,
        receive: bytes | None = None,
        *,
        send_mki: bytes = b"",
        receive_mki: bytes = b"",
        lifetime: int = 0,
    ) -> None:
        """Protect packets with keys from SDES or DTLS; None ends it. See ``_engine.pyi``."""
        self._open().set_srtp(
            suite,
            send,
            receive,
            send_mki=send_mki,
            receive_mki=receive_mki,
            lifetime=lifetime,
        )

    def protect(self, keys: SrtpKeys) -> None:
        """`set_srtp` with what was agreed on."""
        self.set_srtp(
            keys.suite,
            keys.send,
            keys.receive,
            send_mki=keys.send_mki,
            receive_mki=keys.receive_mki,
            lifetime=keys.lifetime,
        )

    def fill(self, *, idle: int | None = None, pauses: int | None = None) -> None:
        """Send noise of that divisor while there is nothing to hear, or in the other's pauses."""
        self._open().fill(idle=idle, pauses=pauses)

    def stats(self) -> dict[str, Any]:
        """Counters of packets, losses and jitter; see ``_engine.pyi``."""
        return self._open().stats()

    def close(self) -> None:
        """Free the ports at once. Idempotent."""
        if not self.closed:
            self.closed = True
            self._forget_partner()
            self.native.close()
            self._running.close()
            self._forget_if_quiet()

    def handle_event(self, event: MediaEvent) -> None:
        """Take an event of the engine and tell it on; called by `MediaEngine`."""
        if isinstance(event, PacketPassed):
            if self._trace is not None:
                self._trace(event)
            return
        if isinstance(event, Detected):
            found = self._detectors.get(event.detector)
            if found is not None:
                found(event.frequency)
            return
        told = self._running.take(event)
        self._forget_if_quiet()
        if told is not None and self.on_event is not None:
            self.on_event(told)

    def _forget_if_quiet(self) -> None:
        if self.closed and not self._running.recordings:
            self._forget(self)

    def _open(self) -> NativeStream:
        if self.closed:
            raise StreamClosed(f"stream {self.id} is closed")
        return self.native
