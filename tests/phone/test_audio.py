from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from softswitch.media.engine import MediaEngine
from softswitch.phone.audio import NoAudio, PhoneAudio, is_tone, read_samples
from tests.support.audio import tone, write_wav


def _audio(engine: MediaEngine, codecs: str) -> PhoneAudio:
    return PhoneAudio(engine, "127.0.0.1", codecs, 1, lambda event: None)


async def test_an_offer_and_its_answer_settle_a_codec(engine: MediaEngine) -> None:
    one, other = _audio(engine, "PCMU,PCMA"), _audio(engine, "PCMA")
    one.accept(other.answer(one.offer()))
    for audio in (one, other):
        assert audio.agreed is not None
        assert audio.agreed.codecs[0].name == "PCMA"
        audio.close()


async def test_no_common_codec_is_told(engine: MediaEngine) -> None:
    one, other = _audio(engine, "PCMU"), _audio(engine, "PCMA")
    with pytest.raises(NoAudio):
        other.answer(one.offer())
    one.close()
    other.close()


async def test_hold_is_offered_and_taken_back(engine: MediaEngine) -> None:
    one, other = _audio(engine, "PCMU"), _audio(engine, "PCMU")
    one.accept(other.answer(one.offer()))
    one.accept(other.answer(one.offer(hold=True)))
    assert other.agreed is not None
    assert other.agreed.held
    one.accept(other.answer(one.offer(hold=False)))
    assert not other.agreed.held
    one.close()
    other.close()


async def test_an_address_that_is_not_ours_is_told(engine: MediaEngine) -> None:
    with pytest.raises(NoAudio, match=r"no port for audio on 192\.0\.2\.77"):
        PhoneAudio(engine, "192.0.2.77", "PCMU", 1, lambda event: None)


@pytest.mark.parametrize(
    ("frequency", "amplitude", "heard"), [(500, 8000, True), (510, 8000, False), (500, 50, False)]
)
def test_a_tone_is_told_from_another_and_from_silence(
    frequency: float, amplitude: float, heard: bool
) -> None:
    samples = array("h", tone(frequency, 200, amplitude=amplitude).tobytes())
    assert is_tone(samples, 8000, 500) is heard


def test_samples_are_those_of_the_first_channel(tmp_path: Path) -> None:
    samples = tone(500, 10).repeat(2)
    samples[1::2] = 0
    write_wav(tmp_path / "a.wav", samples, 8000, channels=2)
    read, rate = read_samples(tmp_path / "a.wav")
    assert (rate, read.tolist()) == (8000, tone(500, 10).tolist())
