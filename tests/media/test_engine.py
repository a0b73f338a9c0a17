"""The media engine: sources of every kind, the cache, and events. See also test_contract.py."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import soundfile

from softswitch.media.engine import MediaEngine, Source, SourceError
from softswitch.media.events import DigitReceived, MediaEvent
from tests.support.audio import tone, write_coded_wav, write_wav
from tests.support.engine import FakeEngine, far_end
from tests.support.prompts import ScriptedSpeaker
from tests.support.sounds import FakeSource

pytestmark = pytest.mark.virtual_time


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    loop = asyncio.get_running_loop()
    engine = MediaEngine(loop, FakeEngine(loop))
    yield engine
    engine.close()


def names(source: Source) -> list[str]:
    return [part.description for part in source.parts if isinstance(part, FakeSource)]


async def test_a_relative_path_begins_at_the_prefix_in_the_folder_of_the_rate(
    engine: MediaEngine, tmp_path: Path
) -> None:
    for rate in (8000, 16000):
        (tmp_path / f"ivr/{rate}").mkdir(parents=True)
        write_wav(tmp_path / f"ivr/{rate}/hello.wav", tone(440, 20, rate=rate), rate)
    source = await engine.open_source("ivr/hello", 16000, prefix=tmp_path)
    assert names(source) == [str(tmp_path / "ivr/16000/hello.wav")]
    assert source.milliseconds == 20


async def test_an_offset_counts_samples_of_the_file(engine: MediaEngine, tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(440, 20, rate=16000), 16000)
    soundfile.write(tmp_path / "a.flac", tone(440, 20, rate=32000), 32000)
    for name, offset_ms in (("a.wav", 250), ("a.flac", 125), ("silence_stream://900", 500)):
        source = await engine.open_source(f"{name}@@4000", 8000, prefix=tmp_path)
        assert source.offset_ms == offset_ms


async def test_music_formats_are_decoded_once_and_again_when_they_change(
    engine: MediaEngine, tmp_path: Path
) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(440, 100, rate=16000), 16000)
    sources = await asyncio.gather(*(engine.open_source(str(path)) for _ in range(20)))
    assert all(source.parts[0] is sources[0].parts[0] for source in sources)
    assert sources[0].milliseconds == 100
    assert (engine.stats()["cached_files"], engine.stats()["cached_bytes"]) == (1, 3200)
    sources[0].close()
    assert not sources[0].parts[0].closed  # type: ignore[attr-defined]
    soundfile.write(path, tone(440, 200, rate=16000), 16000)
    assert (await engine.open_source(str(path))).milliseconds == 200
    assert engine.stats()["cached_files"] == 1


async def test_an_encoding_the_engine_does_not_read_is_decoded(
    engine: MediaEngine, tmp_path: Path
) -> None:
    # The fake reads PCM only, as the engine leaves GSM and ADPCM in WAV files to libsndfile.
    write_coded_wav(tmp_path / "a.wav", 7, bytes([0xFF]) * 800)
    source = await engine.open_source(str(tmp_path / "a.wav"))
    assert (names(source), source.milliseconds) == (["buffer of 800 samples"], 100)


async def test_several_parts_are_opened_and_missing_ones_left_out(
    engine: MediaEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_wav(tmp_path / "a.wav", tone(440, 20))
    text = "file_string://a.wav!none.wav!{loops=2}tone_stream://%(10,0,440)"
    source = await engine.open_source(text, prefix=tmp_path)
    assert (len(source.parts), source.milliseconds) == (2, 40)
    assert "none.wav: there is no such file." in caplog.text
    with pytest.raises(SourceError, match=r"none\.wav"):
        await engine.open_source("file_string://none.wav!none.wav", prefix=tmp_path)


async def test_a_string_of_files_within_itself_is_refused(engine: MediaEngine) -> None:
    nested = "file_string://" * 5 + "tone_stream://1"
    with pytest.raises(SourceError, match="too deeply"):
        await engine.open_source(nested)


@pytest.mark.parametrize(
    ("specification", "reason"),
    [
        ("", "no file is named"),
        ("a.xyz", "no such file"),
        ("known.xyz", r"files named \.xyz are not known"),
        ("carrier_pigeon://coop", "carrier_pigeon:// is not known"),
        ("bad.flac", r"bad\.flac: "),
        ("bad.mp3", r"bad\.mp3: "),
        ("bad.wav", r"bad\.wav: "),
        ("tone_stream://hello", "character"),
        ("silence_stream://0", "its length"),
        ("folder", "it is a folder"),
    ],
)
async def test_what_cannot_be_played_is_told_in_a_sentence(
    engine: MediaEngine, tmp_path: Path, specification: str, reason: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "known.xyz").write_bytes(b"?")
    for name in ("bad.flac", "bad.mp3", "bad.wav"):
        (tmp_path / name).write_bytes(b"this is no sound" * 10)
    with pytest.raises(SourceError, match=reason) as caught:
        await engine.open_source(specification, prefix=tmp_path)
    assert str(caught.value).startswith("cannot play ")
    assert str(caught.value).endswith(".") or "character" in str(caught.value)


async def test_a_listener_that_fails_is_logged_and_the_others_hear_on(
    engine: MediaEngine, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = engine.open_stream("127.0.0.1"), engine.open_stream("127.0.0.1")
    heard: list[MediaEvent] = []

    def fail(_: MediaEvent) -> None:
        raise RuntimeError("a bug")

    first.on_event, second.on_event = fail, heard.append
    far_end(first).press("1")
    far_end(second).press("2")
    with caplog.at_level(logging.ERROR):
        engine.dispatch_events()
    assert heard == [DigitReceived("2", 100, "rtp")]
    assert "a bug" in caplog.text


async def test_live_streams_are_counted_and_shown(engine: MediaEngine) -> None:
    stream = engine.open_stream("127.0.0.1")
    assert repr(engine).startswith("<MediaEngine 1 streams, <DecodedCache 0 files")
    stream.close()
    assert engine.live_streams == 0
    engine.close()
    assert repr(engine).startswith("<MediaEngine closed")


def test_importing_it_loads_neither_numpy_nor_soundfile() -> None:
    check = (
        "import sys; from softswitch import registry; import softswitch.media.engine;"
        "registry.discover('softswitch.media.formats');"
        "registry.discover('softswitch.media.codecs');"
        "sys.exit(bool({'numpy', 'soundfile'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], timeout=60).returncode == 0


async def test_a_prompt_of_ours_needs_no_file(engine: MediaEngine, tmp_path: Path) -> None:
    for name in ("digits/1.wav", "digits/1"):
        source = await engine.open_source(name, prefix=tmp_path / "en/us/callie")
        assert (source.milliseconds or 0) > 200
    with pytest.raises(SourceError, match="there is no such file"):
        await engine.open_source("digits/no.wav", prefix=tmp_path / "en/us/callie")


async def test_texts_are_spoken(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    speaker = ScriptedSpeaker(tmp_path)
    engine = MediaEngine(loop, FakeEngine(loop), speaker=speaker)
    german = await engine.open_source("digits/7.wav", prefix="/nowhere/de/de/anna")
    assert names(german) == [str(tmp_path / "sieben.wav")]
    several = await engine.open_source("file_string://tts://a|b|one!tts://two")
    assert names(several) == [str(tmp_path / "one.wav"), str(tmp_path / "two.wav")]
    assert [(s.text, s.language) for s in speaker.spoken] == [
        ("sieben", "de"),
        ("one", ""),
        ("two", ""),
    ]
    engine.close()


async def test_without_text_to_speech_a_text_cannot_be_played(engine: MediaEngine) -> None:
    with pytest.raises(SourceError, match="'hello': there is no text-to-speech"):
        await engine.open_source("tts://hello")
