from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from softswitch.media.encoder import FORMATS, Encoder, rate_of
from tests.support.audio import power, tone
from tests.support.patience import PATIENCE
from tests.support.sounds import FakeTap

RATE = {"gsm": 8000, "r16": 16000, "r24": 24000, "r32": 32000, "r48": 48000}


@pytest.fixture
async def encoder() -> Iterator[Encoder]:  # type: ignore[misc]
    encoder = Encoder(asyncio.get_running_loop())
    yield encoder
    encoder.close()


async def write(encoder: Encoder, path: Path, rate: int = 8000, append: bool = False) -> str:
    tap = FakeTap(1, rate, 1)
    done = encoder.write(tap, path, append=append, tags={"title": "a talk"})
    samples = tone(1000, 1000, rate=rate).tobytes()
    tap.put(samples[: len(samples) // 2])
    tap.put(samples[len(samples) // 2 :], last=True)
    async with asyncio.timeout(PATIENCE):
        return await done


def layout(path: Path, rate: int) -> dict[str, object]:
    known = FORMATS[path.suffix[1:]]
    return {**known, "samplerate": rate, "channels": 1} if known["format"] == "RAW" else {}


@pytest.mark.parametrize("extension", [*FORMATS])
async def test_each_format_holds_what_was_said(
    encoder: Encoder, tmp_path: Path, extension: str
) -> None:
    path = tmp_path / f"a.{extension}"
    rate = RATE.get(extension, 8000)
    assert await write(encoder, path, rate) == ""
    samples, found = await asyncio.to_thread(
        soundfile.read, str(path), dtype="int16", **layout(path, rate)
    )
    assert found == rate
    assert 0.9 * rate <= len(samples) <= 1.2 * rate
    middle = samples[rate // 4 : rate // 4 + rate // 2]
    assert power(middle, rate, 1000) > 0.7 * np.mean(middle.astype(float) ** 2) > 1e6


async def test_payloads_are_written_as_they_come(encoder: Encoder, tmp_path: Path) -> None:
    pytest.importorskip("softswitch.media._engine")
    path = tmp_path / "a.G722"
    assert await write(encoder, path, rate_of("g722", 8000)) == ""
    assert await write(encoder, path, 16000, append=True) == ""
    assert path.stat().st_size == 2 * 8000


@pytest.mark.parametrize("extension", ["flac", "opus", "PCMU", "mp3"])
async def test_a_file_is_gone_on_with(encoder: Encoder, tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    path_layout = layout(path.with_suffix(path.suffix.lower()), 8000)
    assert await write(encoder, path, append=True) == ""
    assert await write(encoder, path, append=True) == ""
    samples, _ = await asyncio.to_thread(soundfile.read, str(path), dtype="int16", **path_layout)
    assert 1.9 * 8000 <= len(samples) <= 2.4 * 8000


async def test_another_rate_cannot_be_gone_on_with(encoder: Encoder, tmp_path: Path) -> None:
    assert await write(encoder, tmp_path / "a.flac") == ""
    before = (tmp_path / "a.flac").read_bytes()
    assert "cannot append" in await write(encoder, tmp_path / "a.flac", 16000, append=True)
    assert (tmp_path / "a.flac").read_bytes() == before


@pytest.mark.parametrize("extension", ["flac", "ogg", "opus", "mp3", "au", "PCMU"])
async def test_a_file_can_be_read_while_it_is_written(
    encoder: Encoder, tmp_path: Path, extension: str
) -> None:
    path = tmp_path / f"a.{extension}"
    tap = FakeTap(1, 8000, 1)
    done = encoder.write(tap, path)
    second = tone(1000, 1000).tobytes()
    options = layout(path.with_suffix(path.suffix.lower()), 8000)

    def heard() -> int:
        try:
            with soundfile.SoundFile(str(path), **options) as file:
                return len(file.read(8000 * 5, dtype="int16"))
        except soundfile.SoundFileError:
            return 0

    async with asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(heard) < 8000:
            tap.put(second)
            await asyncio.sleep(0.01)
    tap.put(b"", last=True)
    assert await done == ""


async def test_tags_are_kept(encoder: Encoder, tmp_path: Path) -> None:
    assert await write(encoder, tmp_path / "a.flac") == ""
    with soundfile.SoundFile(str(tmp_path / "a.flac")) as file:
        assert file.title == "a talk"


async def test_a_missing_folder_and_a_full_disk_are_told(encoder: Encoder, tmp_path: Path) -> None:
    assert await write(encoder, tmp_path / "no" / "a.flac")
    (tmp_path / "full.au").symlink_to("/dev/full")
    assert await write(encoder, tmp_path / "full.au")


async def test_a_closed_encoder_takes_nothing(encoder: Encoder, tmp_path: Path) -> None:
    encoder.close()
    assert await encoder.write(FakeTap(1, 8000, 1), tmp_path / "a.flac") == "the engine is closed"


@pytest.mark.parametrize(
    ("extension", "rate", "written"),
    [
        ("flac", 32000, 32000),
        ("opus", 32000, 24000),
        ("opus", 48000, 48000),
        ("mp3", 8000, 8000),
        ("gsm", 16000, 8000),
        ("r16", 8000, 16000),
    ],
)
def test_formats_have_the_rates_they_can(extension: str, rate: int, written: int) -> None:
    assert rate_of(extension, rate) == written
