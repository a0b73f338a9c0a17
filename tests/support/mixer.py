"""The fake engine's rooms: who is in them and what is played, in the loop's own time."""

from __future__ import annotations

import wave
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softswitch.media.mixer import Mixer
from softswitch.media.parameters import MemberParameters, MixerParameters
from tests.support.sounds import FakeSource, FakeTap, Playback, Recording

if TYPE_CHECKING:
    from tests.support.engine import FakeEngine
    from tests.support.stream import FakeStream


def room_of(mixer: Mixer) -> FakeMixer:
    """The fake behind a room."""
    assert isinstance(mixer.native, FakeMixer)
    return mixer.native


@dataclass(eq=False)
class FakeMixer:
    """A room: its attributes show what the switch asked for."""

    engine: FakeEngine
    id: int
    settings: MixerParameters
    members: dict[int, MemberParameters] = field(default_factory=dict)
    deaf_to: set[tuple[int, int]] = field(default_factory=set)
    """Pairs of who does not hear whom."""
    floor: int | None = None
    playing: dict[int, Playback] = field(default_factory=dict)
    played: list[tuple[str, int | None]] = field(default_factory=list)
    """Descriptions of all that was played and to whom (None: all), in order."""
    options: dict[int, dict[str, Any]] = field(default_factory=dict)
    """How each playback was asked for."""
    paused: set[int] = field(default_factory=set)
    recordings: dict[int, Recording] = field(default_factory=dict)
    closed: bool = False

    def __repr__(self) -> str:
        return f"<FakeMixer {self.id} of {len(self.members)}{' closed' if self.closed else ''}>"

    # What the switch asks

    def configure(self, settings: MixerParameters) -> None:
        self.settings = settings

    def add(self, stream: FakeStream, settings: MemberParameters) -> None:
        self._check()
        stream.disconnect()
        stream.room = self
        self.members[stream.id] = settings
        if len(self.members) == 1 and self.floor is None:
            self.give_floor(stream.id)

    def remove(self, stream: FakeStream) -> None:
        self._check()
        if stream.room is self:
            stream.leave_room()

    def configure_member(self, stream: int, settings: MemberParameters) -> None:
        self._check()
        if stream in self.members:
            self.members[stream] = settings

    def relate(self, listener: int, speaker: int, *, hears: bool) -> None:
        self._check()
        if hears:
            self.deaf_to.discard((listener, speaker))
        else:
            self.deaf_to.add((listener, speaker))

    def give_floor(self, stream: int | None) -> None:
        self._check()
        if stream != self.floor:
            self.floor = stream
            self._tell("floor_changed", stream)

    def play(
        self,
        source: FakeSource,
        *,
        to: int | None = None,
        loops: int = 1,
        offset_ms: int = 0,
        gain_db: float = 0.0,
        exclusive: bool = False,
    ) -> int:
        self._check()
        number = next(self.engine.numbers)
        self.played.append((source.description, to))
        self.options[number] = {"gain_db": gain_db, "exclusive": exclusive, "loops": loops}
        if to is not None and to not in self.members:
            self._tell("playback_finished", number, 0, "stopped")
            return number
        playback = Playback(number, source, loops, offset_ms, self.engine.loop.time())
        self.playing[number] = playback
        self.options[number]["to"] = to
        if source.milliseconds is not None and loops >= 0:
            length = max(source.milliseconds * max(loops, 1) - offset_ms, 0) / 1000
            playback.timer = self.engine.loop.call_later(length, self.finish, number)
        return number

    def set_gain(self, number: int, *, gain_db: float) -> None:
        self._check()
        if number in self.options:
            self.options[number]["gain_db"] = gain_db

    def record(self, path: str, *, append: bool = False, rate: int = 0, limit_ms: int = 0) -> int:
        self._check()
        Path(path).write_bytes(b"")
        number = next(self.engine.numbers)
        options = {"append": append, "rate": rate or self.settings.rate, "limit_ms": limit_ms}
        recording = Recording(number, path, options, self.engine.loop.time())
        self.recordings[number] = recording
        if limit_ms:
            recording.timer = self.engine.loop.call_later(
                limit_ms / 1000, self.end_recording, number, "limit"
            )
        return number

    def tap(self, *, rate: int = 0, limit_ms: int = 0) -> FakeTap:
        self._check()
        number = next(self.engine.numbers)
        tap = FakeTap(number, rate or self.settings.rate, 2 if self.settings.stereo else 1)
        options = {"rate": tap.rate, "limit_ms": limit_ms}
        self.recordings[number] = Recording(number, "", options, self.engine.loop.time(), tap=tap)
        return tap

    def pause(self, number: int, *, paused: bool) -> None:
        self._check()
        if paused:
            self.paused.add(number)
        else:
            self.paused.discard(number)

    def stop(self, number: int) -> None:
        self._check()
        self.finish(number, "stopped")
        self.end_recording(number, "stopped")

    def level(self, stream: int) -> tuple[int, int]:
        return (0, 0)

    def close(self) -> None:
        if self.closed:
            return
        for number in list(self.playing):
            self.finish(number, "stopped")
        for number in list(self.recordings):
            self.end_recording(number, "closed")
        for stream in list(self.engine.streams.values()):
            if stream.room is self:
                stream.room = None
        self.closed = True
        del self.engine.mixers[self.id]

    # What a test does

    def talk(self, stream: int, talking: bool = True, score: int = 500) -> None:
        """A member begins to speak, or ceases."""
        if self.members[stream].mute:
            if talking and self.members[stream].mute_detect:
                self._tell("muted_talking", stream)
            return
        self._tell("talking", stream, talking, score)

    def finish(self, number: int, reason: str = "done") -> None:
        """A playback comes to its end."""
        playback = self.playing.pop(number, None)
        if playback is None:
            return
        if playback.timer is not None:
            playback.timer.cancel()
        elapsed = self.engine.loop.time() - playback.begun
        samples = round(elapsed * self.settings.rate)
        self._tell("playback_finished", number, samples, reason)

    def end_recording(self, number: int, reason: str) -> None:
        """A recording comes to its end."""
        recording = self.recordings.pop(number, None)
        if recording is None:
            return
        if recording.timer is not None:
            recording.timer.cancel()
        samples = recording.samples(self.engine.loop.time(), self.settings.rate)
        if recording.tap is not None:
            recording.tap.put(b"", last=True)
            self._tell("recording_finished", number, samples, reason)
            return
        with suppress(OSError), wave.open(recording.path, "wb") as file:
            file.setnchannels(2 if self.settings.stereo else 1)
            file.setsampwidth(2)
            file.setframerate(recording.options["rate"])
            file.writeframes(bytes(2 * file.getnchannels() * samples))
        self._tell("recording_finished", number, samples, reason)

    def gone(self, stream: int) -> None:
        """A stream has left."""
        self.members.pop(stream, None)
        for number in [n for n in self.playing if self.options[n].get("to") == stream]:
            self.finish(number, "stopped")
        if self.floor == stream:
            self.give_floor(None)

    def _tell(self, name: str, *fields: Any) -> None:
        if not self.closed:
            self.engine.tell((name, self.id, *fields))

    def _check(self) -> None:
        if self.closed:
            raise RuntimeError(f"{self!r} was used after its close")
