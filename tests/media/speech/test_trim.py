from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from softswitch.media.speech.trim import read_speech
from tests.support.audio import heard_ms, tone, write_wav


def samples_of(path: Path, rate: int) -> np.ndarray:  # type: ignore[type-arg]
    data, told = read_speech(path, rate)
    assert told == rate
    return np.frombuffer(data, "<i2").astype(np.int16)


@pytest.mark.parametrize("rate", [8000, 16000, 22050])
def test_the_words_stay_and_the_silence_around_them_goes(tmp_path: Path, rate: int) -> None:
    silence = np.zeros(22050, np.int16)
    words = tone(440, 1000, rate=22050, amplitude=2000)
    write_wav(tmp_path / "a.wav", np.concatenate([silence, words, silence]), 22050)
    trimmed = samples_of(tmp_path / "a.wav", rate)
    assert len(trimmed) / rate == pytest.approx(1.06, abs=0.01)
    assert heard_ms(trimmed, rate, 440) >= 950
    assert np.abs(trimmed).max() == pytest.approx(16384, rel=0.02)


@pytest.mark.parametrize("content", [b"", b"no sound"])
def test_what_is_no_sound_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.wav is no sound"):
        read_speech(tmp_path / "a.wav", 8000)


def test_silence_is_nothing_spoken(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.zeros(800, np.int16))
    with pytest.raises(ValueError, match="nothing was spoken"):
        read_speech(tmp_path / "a.wav", 8000)
