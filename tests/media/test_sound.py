"""Whole ways of sound through the native engine: played here, heard there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import soundfile

from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.events import MediaEvent, RecordingFinished
from softswitch.media.parameters import CodecParameters, RtpParameters
from tests.support.audio import heard_tone, tone, write_wav
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.calls, pytest.mark.slow]

PCMU = CodecParameters(0, "PCMU")
PCMA = CodecParameters(8, "PCMA")
L16 = CodecParameters(97, "L16", 16000)


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    native = pytest.importorskip("softswitch.media._engine")
    engine = MediaEngine(asyncio.get_running_loop(), native.Engine())
    yield engine
    engine.close()


def pair(engine: MediaEngine, codec: CodecParameters) -> tuple[Stream, Stream]:
    """Two streams that are each other's far end."""
    one, two = engine.open_stream("127.0.0.1"), engine.open_stream("127.0.0.1")
    one.configure(RtpParameters(two.local_address, (codec,)))
    two.configure(RtpParameters(one.local_address, (codec,)))
    return one, two


async def record(stream: Stream, path: Path, milliseconds: int = 400) -> Path:
    """What the stream hears from its far end."""
    finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_event(event: MediaEvent) -> None:
        if isinstance(event, RecordingFinished):
            finished.set_result(None)

    stream.on_event = on_event
    stream.record(str(path), limit_ms=milliseconds)
    async with asyncio.timeout(PATIENCE):
        await finished
    return path


@pytest.mark.parametrize("codec", [PCMU, PCMA, L16], ids=lambda codec: codec.name)
@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ul"])
async def test_a_file_of_any_kind_is_heard_at_the_far_end(
    engine: MediaEngine, tmp_path: Path, name: str, codec: CodecParameters
) -> None:
    path = tmp_path / name
    if name == "a.wav":
        write_wav(path, tone(800, 600, rate=44100), 44100)
    elif name == "a.flac":
        soundfile.write(path, tone(800, 600, rate=16000), 16000)
    else:
        soundfile.write(path, tone(800, 600), 8000, format="RAW", subtype="ULAW")
    one, two = pair(engine, codec)
    one.play(await engine.open_source(str(path), codec.clock_rate))
    recording = await record(two, tmp_path / "heard.wav")
    assert heard_tone(recording, 800)
    assert not heard_tone(recording, 1000, at_least_ms=50)


async def test_both_sides_of_a_connection_hear_each_other(
    engine: MediaEngine, tmp_path: Path
) -> None:
    phone, a = pair(engine, PCMU)
    b, other_phone = pair(engine, L16)
    a.connect(b)
    phone.play(await engine.open_source("tone_stream://%(1000,0,800)"))
    other_phone.play(await engine.open_source("tone_stream://%(1000,0,1300)"))
    async with asyncio.TaskGroup() as group:
        group.create_task(record(phone, tmp_path / "a.wav"))
        group.create_task(record(other_phone, tmp_path / "b.wav"))
    assert heard_tone(tmp_path / "a.wav", 1300)
    assert heard_tone(tmp_path / "b.wav", 800)
