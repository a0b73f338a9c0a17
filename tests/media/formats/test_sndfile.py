"""Formats decoded by libsndfile."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from softswitch.media.formats import sndfile
from softswitch.media.formats.sndfile import decode_file
from softswitch.media.source import DecodedFile, SourceError
from tests.media.formats.requests import ask
from tests.support.audio import heard_ms, tone


def decode(path: Path) -> tuple[np.typing.NDArray[np.int16], int]:
    found = ask(path.name, path.parent)
    assert isinstance(found, DecodedFile)
    samples, rate = found.decode(found.path)
    return np.frombuffer(samples, np.int16), rate


@pytest.mark.parametrize("extension", ["flac", "ogg", "mp3", "au", "aiff", "caf"])
def test_each_format_gives_back_its_tone(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    soundfile.write(path, tone(1000, 500, rate=16000), 16000)
    samples, rate = decode(path)
    assert rate == 16000
    assert heard_ms(samples, rate, 1000) >= 450
    assert np.abs(samples).max() == pytest.approx(8000, rel=0.1)


def test_channels_are_mixed_down(tmp_path: Path) -> None:
    left, right = tone(500, 100), tone(1500, 100)
    soundfile.write(tmp_path / "a.flac", np.stack([left, right], axis=1), 8000)
    samples, _ = decode(tmp_path / "a.flac")
    assert np.abs(samples - (left.astype(int) + right) / 2).max() <= 1


def test_samples_beyond_full_scale_are_clipped_and_no_number_is_silence(tmp_path: Path) -> None:
    data = np.array([2.0, -2.0, np.nan, 0.5], dtype=np.float32)
    soundfile.write(tmp_path / "a.au", data, 8000, subtype="FLOAT")
    assert decode(tmp_path / "a.au")[0].tolist() == [32767, -32768, 0, 16384]


def test_a_file_that_grew_or_changed_has_another_identity(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(500, 100), 8000)
    before = ask("a.flac", tmp_path)
    soundfile.write(path, tone(500, 200), 8000)
    after = ask("a.flac", tmp_path)
    assert isinstance(before, DecodedFile) and isinstance(after, DecodedFile)
    assert before.identity != after.identity


def test_broken_files_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(500, 100), 8000)
    whole = path.read_bytes()
    for content in (b"", b"fLaC", whole[:40], b"ID3" + bytes(100), bytes(1000)):
        path.write_bytes(content)
        with pytest.raises(SourceError, match=r"a\.flac"):
            decode(path)


def test_a_file_too_long_for_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write(tmp_path / "a.flac", tone(500, 100), 8000)
    monkeypatch.setattr(sndfile, "MOST_BYTES", 1000)
    with pytest.raises(SourceError, match="too long"):
        decode_file(tmp_path / "a.flac")
