from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.parameters import MixerParameters
from softswitch.media.recording import RecordingWish, begin, begin_room, can_write
from tests.support.audio import read_wav, tone
from tests.support.engine import FakeEngine, far_end
from tests.support.mixer import room_of
from tests.support.patience import PATIENCE
from tests.support.sounds import FakeTap


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    loop = asyncio.get_running_loop()
    engine = MediaEngine(loop, FakeEngine(loop))
    yield engine
    engine.close()


@pytest.fixture
def stream(engine: MediaEngine) -> Stream:
    return engine.open_stream("127.0.0.1")


def tap_of(stream: Stream) -> FakeTap:
    (recording,) = far_end(stream).recordings.values()
    assert recording.tap is not None
    return recording.tap


async def test_a_wav_file_is_the_engines_own(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    wish = RecordingWish(hear="both", stereo=True, tags={"title": "a talk", "artist": ""})
    recording = begin(engine.encoder, stream, tmp_path / "a.wav", wish, 8000)
    options = far_end(stream).recordings[recording.number].options
    assert (options["stereo"], options["tags"]) == (True, (("INAM", "a talk"),))
    recording.control("mask")
    assert far_end(stream).recordings[recording.number].actions == ["mask"]
    recording.stop()
    assert (await recording.end).reason == "stopped"
    assert len(read_wav(tmp_path / "a.wav")[0]) >= 0


@pytest.mark.parametrize(
    ("name", "rate", "channels"),
    [("a.G722", 16000, 1), ("a.g726-32", 8000, 1), ("a.PCMU", 8000, 1), ("a.flac", 8000, 2)],
)
async def test_files_without_a_header_have_one_channel(
    engine: MediaEngine, stream: Stream, tmp_path: Path, name: str, rate: int, channels: int
) -> None:
    assert can_write(tmp_path / name)
    wish = RecordingWish(hear="both", stereo=True)
    recording = begin(engine.encoder, stream, tmp_path / name, wish, 8000)
    assert (tap_of(stream).rate, tap_of(stream).channels) == (rate, channels)
    recording.stop()
    async with asyncio.timeout(PATIENCE):
        await recording.end


async def test_other_formats_end_when_their_file_is_complete(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    path = tmp_path / "a.flac"
    recording = begin(engine.encoder, stream, path, RecordingWish(), 8000)
    tap_of(stream).put(tone(1000, 500).tobytes())
    recording.stop()
    async with asyncio.timeout(PATIENCE):
        assert (await recording.end).reason == "stopped"
    assert path.read_bytes()[:4] == b"fLaC"


@pytest.mark.parametrize(("name", "rate"), [("a.wav", 8000), ("a.flac", 8000), ("a.r16", 16000)])
async def test_a_recording_tells_the_rate_of_its_file(
    engine: MediaEngine, stream: Stream, tmp_path: Path, name: str, rate: int
) -> None:
    recording = begin(engine.encoder, stream, tmp_path / name, RecordingWish(), 8000)
    assert recording.rate == rate
    recording.stop()
    async with asyncio.timeout(PATIENCE):
        await recording.end


async def test_an_empty_file_is_begun_in_spite_of_append(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    path = tmp_path / "a.flac"
    path.touch()
    recording = begin(engine.encoder, stream, path, RecordingWish(append=True), 8000)
    tap_of(stream).put(tone(1000, 500).tobytes())
    recording.stop()
    async with asyncio.timeout(PATIENCE):
        assert (await recording.end).reason == "stopped"
    assert path.read_bytes()[:4] == b"fLaC"


async def test_a_file_that_cannot_be_written_ends_its_recording(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    recording = begin(engine.encoder, stream, tmp_path / "no" / "a.flac", RecordingWish(), 8000)
    async with asyncio.timeout(PATIENCE):
        assert (await recording.end).reason.startswith("failed: ")
    assert not far_end(stream).recordings


async def test_a_recording_ends_with_its_stream(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    recording = begin(engine.encoder, stream, tmp_path / "a.wav", RecordingWish(), 8000)
    stream.close()
    recording.stop()
    recording.control("pause")
    assert (await recording.end).reason == "closed"


async def test_unknown_extensions_are_refused(
    engine: MediaEngine, stream: Stream, tmp_path: Path
) -> None:
    assert can_write(Path("a.WAV")) and can_write(Path("a.opus")) and not can_write(Path("a.txt"))
    with pytest.raises(ValueError, match=r"\.txt"):
        begin(engine.encoder, stream, tmp_path / "a.txt", RecordingWish(), 8000)


async def test_rooms_are_recorded_in_the_same_formats(engine: MediaEngine, tmp_path: Path) -> None:
    room = engine.open_mixer(MixerParameters(rate=16000))
    recording = begin_room(engine.encoder, room, tmp_path / "a.flac")
    (fake,) = room_of(room).recordings.values()
    assert fake.tap is not None and fake.tap.rate == 16000
    fake.tap.put(tone(1000, 500, rate=16000).tobytes())
    recording.control("pause")
    assert room_of(room).paused == {recording.number}
    recording.control("resume")
    assert not room_of(room).paused
    wave = begin_room(engine.encoder, room, tmp_path / "a.wav")
    with pytest.raises(ValueError, match="files named"):
        begin_room(engine.encoder, room, tmp_path / "a.txt")
    recording.stop()
    room.close()
    async with asyncio.timeout(PATIENCE):
        assert (await recording.end).reason == "stopped"
        assert (await wave.end).reason == "closed"
    assert (tmp_path / "a.flac").read_bytes()[:4] == b"fLaC"
    recording.stop()
    recording.control("pause")
