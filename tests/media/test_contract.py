"""What every engine promises: the compiled one, and the fake that other tests trust."""

from __future__ import annotations

import asyncio
import struct
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from softswitch.media.engine import MediaEngine, Source, SourceError, Stream, StreamClosed
from softswitch.media.events import (
    DigitReceived,
    DigitsSent,
    MediaEvent,
    PacketPassed,
    PlaybackFinished,
    RecordingFinished,
    ReportBlock,
    ReportPassed,
)
from softswitch.media.interface import NativeEngine
from softswitch.media.parameters import CodecParameters, RtpParameters
from tests.support.audio import tone, write_wav
from tests.support.engine import FakeEngine
from tests.support.patience import PATIENCE
from tests.support.ports import free_port
from tests.support.stream import FakeStream

PCMU = CodecParameters(0, "PCMU")
Heard = TypeVar("Heard", bound=MediaEvent)


def make_engine(kind: str, **options: Any) -> NativeEngine:
    if kind == "fake":
        return FakeEngine(asyncio.get_running_loop(), **options)
    module = pytest.importorskip("softswitch.media._engine")
    engine: NativeEngine = module.Engine(**options)
    return engine


@pytest.fixture(params=["fake", "native"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def engine(kind: str) -> AsyncIterator[MediaEngine]:
    engine = MediaEngine(asyncio.get_running_loop(), make_engine(kind))
    yield engine
    engine.close()


class Ear:
    """Collects a stream's events and waits for the one a test is about."""

    def __init__(self, stream: Stream) -> None:
        self.events: asyncio.Queue[MediaEvent] = asyncio.Queue()
        stream.on_event = self.events.put_nowait

    async def hear(self, kind: type[Heard]) -> Heard:
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event


class FarEnd(asyncio.DatagramProtocol):
    """A socket that a stream sends to, and that can press keys."""

    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport = None  # type: ignore[assignment]
        self.address = ("127.0.0.1", 0)
        self.sequence = self.timestamp = 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.address = transport.get_extra_info("sockname")

    def press(self, stream: Stream, event: int) -> None:
        """A key of 100 ms as RFC 4733 events: its updates, and its end three times."""
        if isinstance(stream.native, FakeStream):
            stream.native.press("0123456789*#"[event])
            return
        self.timestamp += 1600
        for step, duration in enumerate([160, 320, 480, 640, 800, 800, 800]):
            marker = 0x80 if step == 0 else 0
            end = 0x80 if step >= 4 else 0
            self.sequence += 1
            header = struct.pack("!BBHII", 0x80, marker | 101, self.sequence, self.timestamp, 0xFA)
            payload = struct.pack("!BBH", event, end | 10, duration)
            self.transport.sendto(header + payload, stream.local_address)

    def report(self, stream: Stream, packet: bytes) -> None:
        """An RTCP packet, to the port above that of RTP."""
        ip, port = stream.local_address
        self.transport.sendto(packet, (ip, port + 1))


@pytest.fixture
async def far_end() -> AsyncIterator[FarEnd]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(FarEnd, local_addr=("127.0.0.1", 0))
    yield protocol
    transport.close()
    await asyncio.sleep(0)


@pytest.fixture
def stream(engine: MediaEngine, far_end: FarEnd) -> Stream:
    """A stream that sends to the far end."""
    stream = engine.open_stream("127.0.0.1")
    stream.configure(
        RtpParameters(far_end.address, (PCMU,), telephone_event=101, telephone_event_receive=101)
    )
    return stream


async def prompt(engine: MediaEngine, path: Path, milliseconds: int = 40) -> Any:
    await asyncio.to_thread(write_wav, path, tone(440, milliseconds))
    return await engine.open_source(str(path))


async def test_streams_have_even_ports_and_ids_of_their_own(engine: MediaEngine) -> None:
    streams = [engine.open_stream("127.0.0.1") for _ in range(3)]
    assert all(stream.local_address[0] == "127.0.0.1" for stream in streams)
    assert all(stream.local_address[1] % 2 == 0 for stream in streams)
    assert len({stream.local_address for stream in streams}) == 3
    assert len({stream.id for stream in streams}) == len({stream.ssrc for stream in streams}) == 3
    assert engine.live_streams == engine.stats()["streams"] == 3


async def test_no_free_port_is_an_error_and_a_closed_stream_frees_its_port(kind: str) -> None:
    port = free_port()
    native = make_engine(kind, rtp_start_port=port, rtp_end_port=port + 2)
    engine = MediaEngine(asyncio.get_running_loop(), native)
    try:
        first = engine.open_stream("127.0.0.1")
        with pytest.raises(OSError):
            engine.open_stream("127.0.0.1")
        first.close()
        second = engine.open_stream("127.0.0.1")
        assert second.local_address == first.local_address
    finally:
        engine.close()


async def test_a_stream_may_have_one_port_of_its_owners_choice(engine: MediaEngine) -> None:
    stream = engine.open_stream("127.0.0.1", port=0)
    with pytest.raises(OSError):
        engine.open_stream("127.0.0.1", port=stream.local_address[1])
    stream.close()


async def test_a_playback_ends_when_all_is_played(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    ear = Ear(stream)
    number = stream.play(await prompt(engine, tmp_path / "a.wav"))
    finished = await ear.hear(PlaybackFinished)
    assert (finished.playback, finished.reason) == (number, "done")
    assert abs(finished.samples - 320) <= 160


async def test_loops_and_offset_make_it_longer_and_shorter(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    ear = Ear(stream)
    source = await prompt(engine, tmp_path / "a.wav")
    stream.play(source, loops=3)
    assert abs((await ear.hear(PlaybackFinished)).samples - 960) <= 160
    stream.play(source, offset_ms=20)
    assert abs((await ear.hear(PlaybackFinished)).samples - 160) <= 160


async def test_a_second_playback_replaces_the_first(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    ear = Ear(stream)
    source = await prompt(engine, tmp_path / "a.wav")
    endless = stream.play(source, loops=-1)
    second = stream.play(source)
    replaced, finished = await ear.hear(PlaybackFinished), await ear.hear(PlaybackFinished)
    assert (replaced.playback, replaced.reason) == (endless, "stopped")
    assert (finished.playback, finished.reason) == (second, "done")


async def test_a_stopped_playback_says_so_and_unknown_numbers_are_ignored(
    engine: MediaEngine, stream: Stream
) -> None:
    ear = Ear(stream)
    number = stream.play(await engine.open_source("tone_stream://%(100,100,440);loops=-1"))
    stream.stop(number + 1000)
    stream.stop(number)
    stream.stop(number)
    finished = await ear.hear(PlaybackFinished)
    assert (finished.playback, finished.reason) == (number, "stopped")


async def test_parts_are_played_in_order_under_one_number(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    ear = Ear(stream)
    (await prompt(engine, tmp_path / "a.wav")).close()
    text = "file_string://a.wav!missing.wav!silence_stream://20!tone_stream://%(20,0,440)"
    source = await engine.open_source(text, prefix=tmp_path)
    assert source.milliseconds == 80
    number = stream.play(source)
    finished = await ear.hear(PlaybackFinished)
    assert (finished.playback, finished.reason) == (number, "done")
    assert abs(finished.samples - 640) <= 3 * 160


async def test_a_recording_is_a_wav_file(stream: Stream, tmp_path: Path) -> None:
    ear = Ear(stream)
    path = tmp_path / "a.wav"
    number = stream.record(str(path))
    stream.stop(number)
    finished = await ear.hear(RecordingFinished)
    assert (finished.recording, finished.reason) == (number, "stopped")
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)


async def test_a_recording_ends_at_its_limit(stream: Stream, tmp_path: Path) -> None:
    ear = Ear(stream)
    stream.record(str(tmp_path / "a.wav"), limit_ms=60, hear="both", stereo=True)
    finished = await ear.hear(RecordingFinished)
    assert finished.reason == "limit"
    assert abs(finished.samples - 480) <= 160
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getnchannels() == 2


async def test_a_recording_ends_with_its_stream(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    ear = Ear(stream)
    stream.record(str(tmp_path / "a.wav"))
    stream.close()
    assert (await ear.hear(RecordingFinished)).reason == "closed"
    assert engine.live_streams == engine.stats()["streams"] == 0


async def test_a_recording_may_be_masked_and_paused(stream: Stream, tmp_path: Path) -> None:
    ear = Ear(stream)
    number = stream.record(str(tmp_path / "a.wav"), tags=(("INAM", "a title"),), swap=True)
    for action in ("mask", "unmask", "pause", "resume"):
        stream.control(number, action)
        stream.control(number + 1000, action)
    with pytest.raises(ValueError):
        stream.control(number, "rewind")
    stream.stop(number)
    assert (await ear.hear(RecordingFinished)).reason == "stopped"


async def test_a_tap_tells_its_end_to_its_reader_and_to_the_stream(stream: Stream) -> None:
    ear = Ear(stream)
    tap = stream.tap(hear="both", stereo=True, rate=16000, period_ms=20, limit_ms=60)
    assert (tap.rate, tap.channels, tap.lost) == (16000, 2, 0)
    finished = await ear.hear(RecordingFinished)
    assert (finished.recording, finished.reason) == (tap.number, "limit")
    more = True
    while more:
        samples, more = tap.read()
        assert isinstance(samples, bytes)
    assert tap.read() == (b"", False)
    assert tap.fileno() >= 0


async def test_sound_is_added_to_a_stream_until_it_ends_or_is_stopped(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    ear = Ear(stream)
    other = engine.open_stream("127.0.0.1")
    number = stream.feed(other, hear="read", into="speak", gain_db=-6)
    other.stop_feed(number, stream)
    stream.feed(other)
    other.close()
    source = await prompt(engine, tmp_path / "a.wav")
    whole = stream.inject(source, replace=True)
    finished = await ear.hear(PlaybackFinished)
    assert (finished.playback, finished.reason) == (whole, "done")
    stopped = stream.inject(source, loops=-1)
    stream.stop(stopped)
    finished = await ear.hear(PlaybackFinished)
    assert (finished.playback, finished.reason) == (stopped, "stopped")
    with pytest.raises(StreamClosed):
        stream.feed(other)


async def test_a_recording_that_cannot_be_opened_is_an_error(
    stream: Stream, tmp_path: Path
) -> None:
    with pytest.raises(OSError):
        stream.record(str(tmp_path / "no" / "such" / "folder.wav"))


async def test_a_key_of_the_far_end_is_told_once(stream: Stream, far_end: FarEnd) -> None:
    ear = Ear(stream)
    far_end.press(stream, 7)
    far_end.press(stream, 11)
    assert await ear.hear(DigitReceived) == DigitReceived("7", 100, "rtp")
    assert await ear.hear(DigitReceived) == DigitReceived("#", 100, "rtp")


async def test_packets_are_told_while_they_are_asked_for(stream: Stream, far_end: FarEnd) -> None:
    told: asyncio.Queue[PacketPassed] = asyncio.Queue()
    stream.trace(told.put_nowait, received=True)
    assert stream.traced == (True, False)
    if isinstance(stream.native, FakeStream):
        stream.native.pass_packet(False, 16, None, None, 101, 160, 1, False)
    else:
        far_end.press(stream, 7)
    async with asyncio.timeout(PATIENCE):
        packet = await told.get()
    assert (packet.sent, packet.length, packet.payload_type) == (False, 16, 101)


async def test_reports_are_told_while_they_are_asked_for(stream: Stream, far_end: FarEnd) -> None:
    ear = Ear(stream)
    stream.tell_reports(received=True)
    if isinstance(stream.native, FakeStream):
        stream.native.pass_report(False, 9, None, [(7, 3, -2, 5, 4, 0, 0)], 0, None)
    else:
        far_end.report(
            stream, struct.pack("!BBHIIIIIII", 0x81, 201, 7, 9, 7, 0x3FFFFFE, 5, 4, 0, 0)
        )
    block = ReportBlock(7, fraction_lost=3, cumulative_lost=-2, highest_sequence=5, jitter=4)
    assert await ear.hear(ReportPassed) == ReportPassed(False, 9, None, [block], 0, None)


async def test_effects_are_within_bounds(stream: Stream) -> None:
    stream.set_effects("read", level=8000, suppression_db=20)
    stream.set_effects("both")
    for wrong in ({"level": 99}, {"level": 30_001}, {"suppression_db": 0}, {"suppression_db": 61}):
        with pytest.raises(ValueError):
            stream.set_effects("read", **wrong)


async def test_sent_digits_come_to_an_end(stream: Stream) -> None:
    ear = Ear(stream)
    stream.send_digits("1#", duration_ms=40, gap_ms=20)
    await ear.hear(DigitsSent)
    with pytest.raises(ValueError):
        stream.send_digits("12x")
    with pytest.raises(ValueError):
        stream.send_digits("1", method="smoke")


async def test_streams_connect_to_one_another_and_to_themselves(
    engine: MediaEngine, stream: Stream
) -> None:
    other, third = engine.open_stream("127.0.0.1"), engine.open_stream("127.0.0.1")
    stream.connect(stream)
    stream.connect(other)
    other.connect(third)
    stream.disconnect()
    third.close()
    other.disconnect()
    stream.set_gain(hear_db=-3, speak_db=3)
    stream.detect(dtmf=True)
    stream.pass_events(passed=False)
    assert isinstance(stream.stats(), dict)


async def test_a_closed_stream_refuses_everything_but_another_close(
    engine: MediaEngine, stream: Stream
) -> None:
    stream.close()
    stream.close()
    with pytest.raises(StreamClosed):
        stream.disconnect()
    with pytest.raises(StreamClosed):
        engine.open_stream("127.0.0.1").connect(stream)


async def test_sources_know_their_length(engine: MediaEngine, tmp_path: Path) -> None:
    async def length(specification: str) -> int | None:
        source = await engine.open_source(specification)
        milliseconds = source.milliseconds
        source.close()
        source.close()
        return milliseconds

    await asyncio.to_thread(write_wav, tmp_path / "a.wav", tone(440, 70, rate=16000), 16000)
    assert await length(str(tmp_path / "a.wav")) == 70
    assert await length("silence_stream://1500,1400") == 1500
    assert await length("silence_stream://-1") is None
    assert await length("tone_stream://%(100,50,440);%(10,0,440)") == 160
    assert await length("{loops=2}tone_stream://%(100,50,440)") == 300
    assert await length("tone_stream://%(100,50,440);loops=-1") is None
    assert await length("{loops=2}tone_stream://%(100,50,440);loops=-1") == 300


async def test_what_cannot_be_played_is_an_error_with_its_reason(
    engine: MediaEngine, tmp_path: Path
) -> None:
    (tmp_path / "bad.wav").write_bytes(b"this is no sound")
    for specification, reason in [
        (str(tmp_path / "none.wav"), "there is no such file"),
        (str(tmp_path / "bad.wav"), "bad.wav: "),
        ("tone_stream://%(100,0)", "character 1"),
    ]:
        with pytest.raises(SourceError, match=reason):
            await engine.open_source(specification)


async def test_a_closed_engine_may_be_closed_again(engine: MediaEngine) -> None:
    stream = engine.open_stream("127.0.0.1")
    engine.close()
    engine.close()
    assert stream.closed
    assert engine.live_streams == 0


async def test_sound_that_goes_on_is_played_from_now(engine: MediaEngine, stream: Stream) -> None:
    live = engine.open_live(16000)
    live.write(tone(440, 2000).tobytes(), 8000)
    with pytest.raises(ValueError):
        live.write(b"x", 8000)
    with pytest.raises(ValueError):
        engine.open_live(10)
    source = live.source()
    assert (source.milliseconds, live.listeners) == (None, 0)
    number = stream.play(Source("live", [source]))
    stream.steer(number, paused=True, gain_db=-6, speed=1.5)
    stream.steer(number + 1000)
    with pytest.raises(ValueError):
        stream.steer(number, speed=9)
    live.close()
    stream.stop(number)


async def test_detectors_are_numbered_and_stopped(stream: Stream) -> None:
    heard: list[int] = []
    numbers = {
        stream.find_tone([480, 620.5], heard.append),
        stream.find_beep(heard.append, hear="write"),
        stream.find_level(200, 5, heard.append),
        stream.find_level(200, 5, heard.append, silence=True, listen=2),
    }
    assert len(numbers) == 4
    for number in numbers:
        stream.stop(number)
    with pytest.raises(ValueError):
        stream.find_tone([], heard.append)
    assert heard == []
