"""Streams: what they tell, and sources of several parts. The rest is in test_contract.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.events import (
    DigitReceived,
    MediaEvent,
    MediaStarted,
    MediaTimeout,
    PlaybackFinished,
    RecordingFinished,
    RemoteLearned,
    StreamFailed,
)
from softswitch.media.source import Source
from tests.support.engine import FakeEngine, far_end
from tests.support.sounds import FakeSource

pytestmark = pytest.mark.virtual_time


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    loop = asyncio.get_running_loop()
    engine = MediaEngine(loop, FakeEngine(loop))
    yield engine
    engine.close()


@pytest.fixture
def stream(engine: MediaEngine) -> Stream:
    return engine.open_stream("127.0.0.1")


@pytest.fixture
def heard(stream: Stream) -> list[MediaEvent]:
    events: list[MediaEvent] = []
    stream.on_event = events.append
    return events


def parts(*lengths: int | None) -> Source:
    return Source("parts", [FakeSource(f"part {length}", length) for length in lengths])


async def test_what_the_far_end_does_is_told_in_order(
    stream: Stream, heard: list[MediaEvent]
) -> None:
    end = far_end(stream)
    end.send_media("192.0.2.1", 4000)
    end.press("4", 80)
    end.move("192.0.2.2", 4002)
    end.fall_silent(30000)
    end.fail("gone")
    await asyncio.sleep(0.01)
    assert heard == [
        MediaStarted("192.0.2.1", 4000),
        DigitReceived("4", 80, "rtp"),
        RemoteLearned("192.0.2.2", 4002),
        MediaTimeout(30000),
        StreamFailed("gone"),
    ]


async def test_keys_pass_to_the_far_end_of_a_connected_stream(
    engine: MediaEngine, stream: Stream
) -> None:
    other = engine.open_stream("127.0.0.1")
    stream.connect(other)
    far_end(stream).press("12")
    stream.disconnect()
    far_end(stream).press("3")
    assert far_end(other).digits_sent == "12"


async def test_videos_go_where_the_sound_goes(engine: MediaEngine, stream: Stream) -> None:
    other, third, ours, theirs, thirds = (engine.open_stream("127.0.0.1") for _ in range(5))
    stream.video, third.video = ours, thirds
    stream.connect(other)
    assert far_end(ours).connected_to is None, "the other has none"
    other.video = theirs
    assert far_end(ours).connected_to is far_end(theirs)
    stream.connect(third)
    assert far_end(ours).connected_to is far_end(thirds) and theirs.partner is None
    stream.disconnect()
    assert far_end(ours).connected_to is None and third.partner is None
    stream.connect(stream)
    assert far_end(ours).connected_to is far_end(ours), "an echo"
    stream.connect(other)
    other.close()
    assert stream.partner is None and far_end(ours).connected_to is None
    ours.close()
    stream.connect(third)
    stream.disconnect()
    ours = stream.video = engine.open_stream("127.0.0.1")
    ours.request_picture()
    assert far_end(ours).pictures_asked == 1


async def test_parts_loop_as_a_whole(stream: Stream, heard: list[MediaEvent]) -> None:
    number = stream.play(parts(100, 50), loops=2)
    await asyncio.sleep(1)
    assert far_end(stream).played == ["part 100", "part 50"] * 2
    assert heard == [PlaybackFinished(number, 2400, "done")]


async def test_an_offset_may_lie_in_a_later_part(stream: Stream, heard: list[MediaEvent]) -> None:
    number = stream.play(parts(100, 50), offset_ms=120)
    await asyncio.sleep(1)
    assert far_end(stream).played == ["part 50"]
    assert heard == [PlaybackFinished(number, 240, "done")]


async def test_an_offset_behind_the_end_plays_nothing(
    stream: Stream, heard: list[MediaEvent]
) -> None:
    number = stream.play(parts(100, 50), offset_ms=9000)
    await asyncio.sleep(1)
    assert heard == [PlaybackFinished(number, 0, "done")]


async def test_a_source_of_parts_stops_between_its_parts(
    stream: Stream, heard: list[MediaEvent]
) -> None:
    number = stream.play(parts(100, 50, 50))
    # The end of the first part is told by the engine, but the loop has not come to it yet.
    far_end(stream).finish_playback()
    stream.stop(number)
    await asyncio.sleep(1)
    assert far_end(stream).played == ["part 100"]
    assert [(type(event), event.reason) for event in heard] == [(PlaybackFinished, "stopped")]  # type: ignore[union-attr]


async def test_a_source_of_parts_is_replaced_between_its_parts(
    stream: Stream, heard: list[MediaEvent]
) -> None:
    first = stream.play(parts(100, 50))
    far_end(stream).finish_playback()
    second = stream.play(parts(70))
    await asyncio.sleep(1)
    assert far_end(stream).played == ["part 100", "part 70"]
    assert heard == [
        PlaybackFinished(first, 0 + 800, "stopped"),
        PlaybackFinished(second, 560, "done"),
    ]


async def test_a_later_part_is_stopped_by_the_number_of_the_whole(
    stream: Stream, heard: list[MediaEvent]
) -> None:
    number = stream.play(parts(100, None))
    await asyncio.sleep(0.5)
    stream.stop(number)
    await asyncio.sleep(0.01)
    assert heard == [PlaybackFinished(number, 4000, "stopped")]


async def test_a_part_that_fails_is_skipped_and_all_failing_ends_it(
    stream: Stream, heard: list[MediaEvent]
) -> None:
    number = stream.play(parts(None, 50), loops=-1)
    far_end(stream).finish_playback("failed")
    await asyncio.sleep(0.01)
    assert far_end(stream).played == ["part None", "part 50"]
    stream.stop(number)
    number = stream.play(parts(None, None), loops=-1)
    for _ in range(2):
        far_end(stream).finish_playback("failed")
        await asyncio.sleep(0.01)
    assert far_end(stream).playing is None
    assert heard[-1] == PlaybackFinished(number, heard[-1].samples, "failed")  # type: ignore[union-attr]


async def test_the_offset_of_the_source_holds_unless_another_is_told(stream: Stream) -> None:
    source = Source("a@@160", [FakeSource("a", 100)], offset=160)
    stream.play(source)
    assert far_end(stream).playing.offset_ms == 20  # type: ignore[union-attr]
    stream.play(source, offset_ms=0)
    assert far_end(stream).playing.offset_ms == 0  # type: ignore[union-attr]


async def test_a_closed_stream_still_tells_the_end_of_its_recordings(
    engine: MediaEngine, stream: Stream, heard: list[MediaEvent], tmp_path: Path
) -> None:
    number = stream.record(str(tmp_path / "a.wav"))
    stream.close()
    await asyncio.sleep(0.01)
    assert heard == [RecordingFinished(number, 0, "closed")]
    assert repr(stream) == "<Stream 1 127.0.0.1:16384 closed>"
    assert engine._streams == {}


async def test_the_end_of_a_playback_can_be_awaited(stream: Stream) -> None:
    whole = stream.finished(stream.play(parts(100, 200)))
    assert (await whole).samples == 2400
    first = stream.finished(stream.play(parts(None)))
    stream.play(parts(10))
    assert (await first).reason == "stopped"


async def test_the_end_of_a_recording_can_be_awaited(stream: Stream, tmp_path: Path) -> None:
    ended = await stream.finished(stream.record(str(tmp_path / "a.wav"), limit_ms=500))
    assert isinstance(ended, RecordingFinished)
    assert (ended.samples, ended.reason) == (4000, "limit")


async def test_a_close_ends_what_is_awaited(stream: Stream, tmp_path: Path) -> None:
    playing = stream.finished(stream.play(parts(None)))
    recording = stream.finished(stream.record(str(tmp_path / "a.wav")))
    stream.close()
    assert (await playing).reason == "stopped"
    assert (await recording).reason == "closed"
