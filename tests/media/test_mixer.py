"""Rooms: what every engine promises of them, the compiled one and the fake."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from softswitch.media.engine import MediaEngine, Mixer, Stream, StreamClosed
from softswitch.media.events import (
    FloorChanged,
    MediaEvent,
    PlaybackFinished,
    RecordingFinished,
    Talking,
)
from softswitch.media.parameters import (
    CodecParameters,
    MemberParameters,
    MixerParameters,
    RtpParameters,
)
from tests.media.test_contract import engine, kind
from tests.support.audio import tone, write_wav
from tests.support.mixer import room_of
from tests.support.patience import PATIENCE

__all__ = ["engine", "kind"]

PCMU = CodecParameters(0, "PCMU")
LOUD = bytes([0x00, 0x80] * 80)
"""A packet of G.711 at full scale."""
Heard = TypeVar("Heard", bound=MediaEvent)


class Ear:
    """Collects a room's events and waits for the one a test is about."""

    def __init__(self, mixer: Mixer) -> None:
        self.events: asyncio.Queue[MediaEvent] = asyncio.Queue()
        mixer.on_event = self.events.put_nowait

    async def hear(
        self, kind: type[Heard], which: Callable[[Heard], bool] = lambda event: True
    ) -> Heard:
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await self.events.get()
                if isinstance(event, kind) and which(event):
                    return event


@pytest.fixture
async def room(engine: MediaEngine) -> AsyncIterator[Mixer]:
    mixer = engine.open_mixer(MixerParameters())
    yield mixer
    mixer.close()


def member(engine: MediaEngine, room: Mixer, remote: tuple[str, int] | None = None) -> Stream:
    stream = engine.open_stream("127.0.0.1")
    stream.configure(RtpParameters(remote, (PCMU,)))
    room.add(stream, MemberParameters(energy_level=100))
    return stream


async def test_the_first_member_has_the_floor_until_it_leaves(
    engine: MediaEngine, room: Mixer
) -> None:
    ear = Ear(room)
    one, other = member(engine, room), member(engine, room)
    assert await ear.hear(FloorChanged) == FloorChanged(one.id)
    room.remove(one)
    assert await ear.hear(FloorChanged) == FloorChanged(None)
    room.give_floor(other.id)
    assert await ear.hear(FloorChanged) == FloorChanged(other.id)
    other.close()
    assert await ear.hear(FloorChanged) == FloorChanged(None)


async def test_who_connects_elsewhere_has_left(engine: MediaEngine, room: Mixer) -> None:
    ear = Ear(room)
    one = member(engine, room)
    assert await ear.hear(FloorChanged) == FloorChanged(one.id)
    one.connect(engine.open_stream("127.0.0.1"))
    assert await ear.hear(FloorChanged) == FloorChanged(None)


async def test_a_voice_is_told(engine: MediaEngine, room: Mixer, kind: str) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    ear = Ear(room)
    one = member(engine, room, transport.get_extra_info("sockname"))
    if kind == "fake":
        room_of(room).talk(one.id)
    else:
        header = bytes([0x80, 0, 0, 1, 0, 0, 0, 160, 0, 0, 0, 1])
        transport.sendto(header + LOUD, one.local_address)
    told = await ear.hear(Talking)
    assert (told.member, told.talking) == (one.id, True)
    assert told.score >= 500
    assert isinstance(room.level(one.id), tuple)
    transport.close()
    await asyncio.sleep(0)


async def test_a_sound_for_all_comes_to_its_end(
    engine: MediaEngine, room: Mixer, tmp_path: Path
) -> None:
    ear = Ear(room)
    await asyncio.to_thread(write_wav, tmp_path / "a.wav", tone(440, 40))
    source = await engine.open_source(str(tmp_path / "a.wav"))
    number = room.play(source, loops=2)
    finished = room.finished(number)
    told = await ear.hear(PlaybackFinished)
    assert (told.playback, told.reason) == (number, "done")
    assert abs(told.samples - 640) <= 160
    assert await finished == told


async def test_parts_are_played_in_order_under_one_number(engine: MediaEngine, room: Mixer) -> None:
    ear = Ear(room)
    source = await engine.open_source(
        "file_string://silence_stream://20!tone_stream://%(20,0,440)!silence_stream://40"
    )
    number = room.play(source)
    told = await ear.hear(PlaybackFinished)
    assert (told.playback, told.reason) == (number, "done")
    assert abs(told.samples - 640) <= 3 * 160


async def test_a_sound_for_one_ends_with_him(engine: MediaEngine, room: Mixer) -> None:
    ear = Ear(room)
    one = member(engine, room)
    endless = await engine.open_source("tone_stream://%(100,100,440);loops=-1")
    number = room.play(endless, to=one.id, gain_db=-6, exclusive=True)
    room.set_gain(number, gain_db=0)
    one.close()
    told = await ear.hear(PlaybackFinished)
    assert (told.playback, told.reason) == (number, "stopped")
    number = room.play(endless, to=one.id)
    told = await ear.hear(PlaybackFinished)
    assert (told.playback, told.reason) == (number, "stopped")


async def test_sounds_stop_when_told_and_unknown_numbers_are_ignored(
    engine: MediaEngine, room: Mixer
) -> None:
    ear = Ear(room)
    endless = await engine.open_source("tone_stream://%(100,100,440);loops=-1")
    one, other = room.play(endless), room.play(endless)
    room.pause(one, paused=True)
    room.pause(one, paused=False)
    room.stop(one + 1000)
    room.stop(one)
    assert (await ear.hear(PlaybackFinished)).playback == one
    finished = room.finished(other)
    room.close()
    assert (await finished).reason == "stopped"


async def test_a_room_is_recorded(engine: MediaEngine, room: Mixer, tmp_path: Path) -> None:
    ear = Ear(room)
    member(engine, room)
    path = tmp_path / "room.wav"
    number = room.record(str(path), limit_ms=60)
    told = await ear.hear(RecordingFinished)
    assert (told.recording, told.reason) == (number, "limit")
    assert abs(told.samples - 480) <= 160
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (8000, 1)
    with pytest.raises(OSError):
        room.record(str(tmp_path / "no" / "folder.wav"))


async def test_a_recording_ends_with_its_room(
    engine: MediaEngine, room: Mixer, tmp_path: Path
) -> None:
    ear = Ear(room)
    number = room.record(str(tmp_path / "room.wav"))
    room.pause(number, paused=True)
    room.close()
    assert (await ear.hear(RecordingFinished)).reason == "closed"
    assert engine.stats()["mixers"] == engine.stats()["recordings"] == 0


async def test_a_room_is_heard_through_a_tap(engine: MediaEngine, room: Mixer) -> None:
    ear = Ear(room)
    member(engine, room)
    tap = room.tap(rate=16000, limit_ms=60)
    assert (tap.rate, tap.channels) == (16000, 1)
    room.stop(tap.number)
    told = await ear.hear(RecordingFinished)
    assert told.recording == tap.number
    assert tap.read()[1] is False


async def test_members_are_configured_and_related(engine: MediaEngine, room: Mixer) -> None:
    one, other = member(engine, room), member(engine, room)
    quiet = MemberParameters(
        in_db=-6, out_db=6, mute=True, auto_gain=(1100, 100, 50, 1, 10), ceiling=(9000, 2, 500)
    )
    room.configure_member(one.id, quiet)
    room.configure_member(one.id + 1000, quiet)
    room.relate(one.id, other.id, hears=False)
    room.relate(one.id, other.id, hears=True)
    room.configure(MixerParameters(rate=48000, ungated=True))
    assert room.settings == MixerParameters(rate=8000, ungated=True)


async def test_a_closed_room_refuses_everything_but_another_close(
    engine: MediaEngine, room: Mixer
) -> None:
    one = member(engine, room)
    room.close()
    room.close()
    with pytest.raises(StreamClosed):
        room.add(one, MemberParameters())
    with pytest.raises(StreamClosed):
        room.give_floor(None)
    other = engine.open_mixer(MixerParameters(rate=16000, interval_ms=40, stereo=True))
    one.close()
    with pytest.raises(StreamClosed):
        other.add(one, MemberParameters())


@pytest.mark.parametrize("settings", [MixerParameters(rate=44), MixerParameters(interval_ms=5)])
async def test_a_room_that_cannot_be_is_an_error(
    engine: MediaEngine, settings: MixerParameters
) -> None:
    with pytest.raises(ValueError):
        engine.open_mixer(settings)
