"""A stream of the fake engine: what the switch asks of it, and what its far end does."""

from __future__ import annotations

import asyncio
import os
import wave
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softswitch.media.parameters import RtpParameters
from tests.support.sounds import FakeSource, FakeTap, Playback, Recording

if TYPE_CHECKING:
    from tests.support.engine import FakeEngine
    from tests.support.mixer import FakeMixer


@dataclass(frozen=True, slots=True)
class Feed:
    """Sound that flows from one stream into another."""

    source: FakeStream
    target: FakeStream
    options: dict[str, Any]


@dataclass(slots=True)
class Injection:
    """A source that is added to what a party hears or says."""

    source: FakeSource
    options: dict[str, Any]
    begun: float
    timer: asyncio.TimerHandle | None = None


@dataclass(eq=False)
class FakeStream:
    """One leg's media: its attributes show what the switch asked for."""

    engine: FakeEngine
    id: int
    local_address: tuple[str, int]
    ssrc: int
    parameters: RtpParameters | None = None
    connected_to: FakeStream | None = None
    room: FakeMixer | None = None
    playing: Playback | None = None
    played: list[str] = field(default_factory=list)
    """Descriptions of all that was played, in order."""
    recordings: dict[int, Recording] = field(default_factory=dict)
    feeds: dict[int, Feed] = field(default_factory=dict)
    """Flows out of and into this stream."""
    injections: dict[int, Injection] = field(default_factory=dict)
    detectors: dict[int, tuple[object, ...]] = field(default_factory=dict)
    """What is listened for: ``tone beep sound silence``, the direction and the figures."""
    digits_sent: str = ""
    """What the far end was sent, by the switch or relayed from the other side."""
    detecting: bool = False
    passes_events: bool = True
    gains: tuple[float, float] = (0.0, 0.0)
    jitter_buffer: tuple[int, int, bool] | None = None
    """Initial and greatest delay in ms, and whether it works in a bridge too."""
    jitter_paused: bool = False
    srtp: tuple[str, bytes, bytes] | None = None
    """Suite and keys, of what is sent and of what is received."""
    filling: tuple[int | None, int | None] = (None, None)
    """Noise while idle, and in the other's pauses."""
    figures: dict[str, Any] = field(default_factory=dict)
    """What a test wants `stats` to say."""
    effects: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    """Level and noise suppression of what the party says (``read``) and hears (``write``)."""
    traced: tuple[bool, bool] = (False, False)
    """Whether packets that come, and that are sent, are told."""
    reports_told: tuple[bool, bool] = (False, False)
    """Whether RTCP reports that come, and that are sent, are told."""
    pictures_asked: int = 0
    """How often the far end was to send a whole picture."""
    closed: bool = False

    def __repr__(self) -> str:
        return f"<FakeStream {self.id}{' closed' if self.closed else ''}>"

    # What the switch asks

    def configure(self, parameters: RtpParameters) -> None:
        self._check()
        self.parameters = parameters

    def connect(self, other: FakeStream) -> None:
        self._check()
        other._check()
        for side in (self, other):
            side.disconnect()
        self.connected_to, other.connected_to = other, self

    def disconnect(self) -> None:
        self._check()
        self.leave_room()
        if self.connected_to is not None:
            self.connected_to.connected_to = None
            self.connected_to = None

    def play(self, source: FakeSource, *, loops: int = 1, offset_ms: int = 0) -> int:
        self._check()
        self._end_playback("stopped")
        number = next(self.engine.numbers)
        self.playing = Playback(number, source, loops, offset_ms, self.engine.loop.time())
        self.played.append(source.description)
        if source.milliseconds is not None and loops >= 0:
            length = max(source.milliseconds * max(loops, 1) - offset_ms, 0) / 1000
            self.playing.timer = self.engine.loop.call_later(length, self._end_playback, "done")
        return number

    def record(self, path: str, **options: Any) -> int:
        self._check()
        earlier = b""
        if options.get("append") and os.path.exists(path):
            with wave.open(path, "rb") as file:
                earlier = file.readframes(file.getnframes())
        Path(path).write_bytes(b"")
        number = next(self.engine.numbers)
        recording = Recording(number, path, options, self.engine.loop.time(), earlier=earlier)
        self.recordings[number] = recording
        self._limit(recording)
        return number

    def _limit(self, recording: Recording) -> None:
        if limit := recording.options.get("limit_ms"):
            recording.timer = self.engine.loop.call_later(
                limit / 1000, self._end_recording, recording.number, "limit"
            )

    def stop(self, number: int) -> None:
        self._check()
        if self.playing is not None and self.playing.number == number:
            self._end_playback("stopped")
        self._end_recording(number, "stopped")
        self._end_injection(number, "stopped")
        self.feeds.pop(number, None)
        self.detectors.pop(number, None)

    def set_effects(
        self, hear: str, *, level: int | None = None, suppression_db: int | None = None
    ) -> None:
        self._check()
        if level is not None and not 100 <= level <= 30_000:
            raise ValueError("a level is 100 to 30000")
        if suppression_db is not None and not 1 <= suppression_db <= 60:
            raise ValueError("noise is suppressed by 1 to 60 dB")
        for side in ("read", "write") if hear == "both" else (hear,):
            self.effects[side] = (level, suppression_db)

    def trace(self, *, received: bool = False, sent: bool = False) -> None:
        self._check()
        self.traced = (received, sent)

    def tell_reports(self, *, received: bool = False, sent: bool = False) -> None:
        self._check()
        self.reports_told = (received, sent)

    def tap(self, **options: Any) -> FakeTap:
        self._check()
        number = next(self.engine.numbers)
        channels = 2 if options.get("stereo") else 1
        tap = FakeTap(number, options.get("rate") or 8000, channels)
        recording = Recording(number, "", options, self.engine.loop.time(), tap=tap)
        self.recordings[number] = recording
        self._limit(recording)
        return tap

    def find_tone(self, frequencies: Sequence[float], *, hear: str = "read") -> int:
        self._check()
        if not frequencies:
            raise ValueError("a tone has a frequency")
        return self._detect("tone", hear, *frequencies)

    def find_beep(self, *, hear: str = "read") -> int:
        self._check()
        return self._detect("beep", hear)

    def find_level(
        self,
        threshold: int,
        hits: int,
        *,
        silence: bool = False,
        listen: int = 0,
        hear: str = "read",
    ) -> int:
        self._check()
        return self._detect("silence" if silence else "sound", hear, threshold, hits, listen)

    def _detect(self, *what: object) -> int:
        number = next(self.engine.numbers)
        self.detectors[number] = what
        return number

    def steer(
        self, number: int, *, paused: bool = False, gain_db: float = 0.0, speed: float = 1.0
    ) -> None:
        self._check()
        if not 0.25 <= speed <= 4:
            raise ValueError("a speed is 0.25 to 4")
        if self.playing is not None and self.playing.number == number:
            self.playing.steering = (paused, round(gain_db, 2), speed)

    def control(self, number: int, action: str) -> None:
        self._check()
        if action not in ("mask", "unmask", "pause", "resume"):
            raise ValueError(f"{action!r} is nothing a recording does")
        if number in self.recordings:
            self.recordings[number].actions.append(action)

    def feed(self, target: FakeStream, **options: Any) -> int:
        self._check()
        target._check()
        number = next(self.engine.numbers)
        self.feeds[number] = target.feeds[number] = Feed(self, target, options)
        return number

    def inject(self, source: FakeSource, **options: Any) -> int:
        self._check()
        number = next(self.engine.numbers)
        injection = Injection(source, options, self.engine.loop.time())
        self.injections[number] = injection
        loops = options.get("loops", 1)
        if source.milliseconds is not None and loops >= 0:
            length = max(source.milliseconds * max(loops, 1) - options.get("offset_ms", 0), 0)
            injection.timer = self.engine.loop.call_later(
                length / 1000, self._end_injection, number, "done"
            )
        return number

    def send_digits(
        self, digits: str, *, duration_ms: int = 100, gap_ms: int = 50, method: str = "rfc4733"
    ) -> None:
        self._check()
        if method not in ("rfc4733", "inband"):
            raise ValueError(f"{method!r} is no way to send digits")
        if not set(digits.upper()) <= set("0123456789*#ABCDW"):
            raise ValueError(f"{digits!r} holds more than digits")
        self.digits_sent += digits
        self.digit_gap_ms = gap_ms
        pauses = digits.count("w") * 500 + digits.count("W") * 1000
        keys = sum(digit not in "wW" for digit in digits)
        length = (pauses + keys * (duration_ms + gap_ms)) / 1000
        self.engine.loop.call_later(length, self._tell, "digits_sent")

    def pass_events(self, *, passed: bool) -> None:
        self._check()
        self.passes_events = passed

    def detect(self, *, dtmf: bool) -> None:
        self._check()
        self.detecting = dtmf

    def set_gain(self, *, hear_db: float = 0.0, speak_db: float = 0.0) -> None:
        self._check()
        self.gains = (hear_db, speak_db)

    def set_jitter_buffer(
        self, initial_ms: int, max_ms: int = 0, *, in_bridge: bool = False
    ) -> None:
        self._check()
        if initial_ms > 10_000 or max_ms > 10_000:
            raise ValueError("packets are held back 10000 ms at most")
        held = (initial_ms, max(initial_ms, max_ms), in_bridge)
        self.jitter_buffer, self.jitter_paused = held if initial_ms else None, False

    def pause_jitter_buffer(self, paused: bool) -> None:
        self._check()
        self.jitter_paused = paused and self.jitter_buffer is not None

    def request_picture(self) -> None:
        self._check()
        self.pictures_asked += 1

    def set_srtp(
        self,
        suite: str | None,
        send: bytes | None = None,
        receive: bytes | None = None,
        *,
        send_mki: bytes | None = None,
        receive_mki: bytes | None = None,
        lifetime: int = 0,
    ) -> None:
        self._check()
        if suite is not None and not suite.startswith(("AES_", "AEAD_AES_")):
            raise ValueError(f'"{suite}" is no suite of SRTP')
        self.srtp = None if suite is None else (suite, send or b"", receive or b"")

    def wear_keys(self) -> None:
        """The key of what is sent has protected almost all it may."""
        self._tell("keys_worn")

    def fill(self, *, idle: int | None = None, pauses: int | None = None) -> None:
        self._check()
        self.filling = (idle, pauses)

    def stats(self) -> dict[str, Any]:
        self._check()
        return {"packets_in": 0, "packets_out": 0, **self.figures}

    def close(self) -> None:
        if self.closed:
            return
        self.disconnect()
        self._end_playback("stopped")
        for number in list(self.recordings):
            self._end_recording(number, "closed")
        for number in list(self.injections):
            self._end_injection(number, "stopped")
        for number, feed in self.feeds.items():
            for side in (feed.source, feed.target):
                if side is not self:
                    side.feeds.pop(number, None)
        self.feeds.clear()
        self.closed = True
        if self.local_address[1] in self.engine.range:
            self.engine.ports.append(self.local_address[1])
        del self.engine.streams[self.id]

    def leave_room(self) -> None:
        """Out of the room it is in, if any."""
        room, self.room = self.room, None
        if room is not None:
            room.gone(self.id)

    # What the far end does

    def press(self, digits: str, duration_ms: int = 100, source: str = "rtp") -> None:
        """The far end presses keys; a connected stream's far end is sent them."""
        for digit in digits:
            self._tell("digit", digit, duration_ms, source)
        if self.connected_to is not None and source == "rtp":
            self.connected_to.digits_sent += digits

    def finish_playback(self, reason: str = "done") -> None:
        """What plays comes to its end now."""
        assert self.playing is not None, "nothing is being played"
        self._end_playback(reason)

    def send_media(self, ip: str = "127.0.0.1", port: int = 4000) -> None:
        """The far end's first packet arrives."""
        self._tell("media_started", ip, port)

    def move(self, ip: str, port: int) -> None:
        """The far end's packets come from another address."""
        self._tell("remote_learned", ip, port)

    def sound(self, frequency: int = 0) -> None:
        """What every detector listens for is heard."""
        for number in list(self.detectors):
            self._tell("detected", number, frequency)

    def pass_packet(self, *packet: object) -> None:
        """A packet comes or is sent; told only while that is asked for."""
        if self.traced[bool(packet[0])]:
            self._tell("packet", *packet)

    def pass_report(self, *report: object) -> None:
        """An RTCP report comes or is sent; told only while that is asked for."""
        if self.reports_told[bool(report[0])]:
            self._tell("report", *report)

    def fall_silent(self, silent_ms: int) -> None:
        """Packets stayed away for as long as the parameters bear."""
        self._tell("media_timeout", silent_ms)

    def fail(self, text: str) -> None:
        """The stream breaks."""
        self._tell("stream_failed", text)

    def end_recording(self, number: int, reason: str) -> None:
        """A recording ends by itself: ``silence`` or ``failed: …``."""
        self._end_recording(number, reason)

    def _check(self) -> None:
        if self.closed:
            raise RuntimeError(f"{self!r} was used after its close")

    def _tell(self, name: str, *fields: Any) -> None:
        if not self.closed:
            self.engine.tell((name, self.id, *fields))

    def _elapsed(self, since: float) -> int:
        return round((self.engine.loop.time() - since) * 8000)

    def _end_playback(self, reason: str) -> None:
        playback, self.playing = self.playing, None
        if playback is None:
            return
        if playback.timer is not None:
            playback.timer.cancel()
        samples = self._elapsed(playback.begun)
        if reason == "done" and playback.source.milliseconds is not None:
            whole = playback.source.milliseconds * max(playback.loops, 1)
            samples = max(whole - playback.offset_ms, 0) * 8
        self._tell("playback_finished", playback.number, samples, reason)

    def _end_recording(self, number: int, reason: str) -> None:
        recording = self.recordings.pop(number, None)
        if recording is None:
            return
        if recording.timer is not None:
            recording.timer.cancel()
        samples = recording.samples(self.engine.loop.time(), 8000)
        if recording.tap is not None:
            recording.tap.put(b"", last=True)
            self._tell("recording_finished", number, samples, reason)
            return
        channels = 2 if recording.options.get("stereo") else 1
        with suppress(OSError), wave.open(recording.path, "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(2)
            file.setframerate(recording.options.get("rate") or 8000)
            file.writeframes(recording.earlier + bytes(2 * channels * samples))
        self._tell("recording_finished", number, samples, reason)

    def _end_injection(self, number: int, reason: str) -> None:
        injection = self.injections.pop(number, None)
        if injection is not None:
            if injection.timer is not None:
                injection.timer.cancel()
            self._tell("playback_finished", number, self._elapsed(injection.begun), reason)
