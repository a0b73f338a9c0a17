from __future__ import annotations

import asyncio
from array import array

import pytest

from softswitch.media.engine import MediaEngine
from softswitch.phone.audio import NoAudio, PhoneAudio, is_tone
from tests.support.audio import tone
from tests.support.engine import FakeEngine
from tests.support.stream import FakeStream


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


async def hearing(sound: bytes, frequency: float, *, over: bool = False) -> bool | None:
    """What comes of listening while all of a sound arrives at once; None while it listens on."""
    loop = asyncio.get_running_loop()
    engine = MediaEngine(loop, FakeEngine(loop))
    audio = _audio(engine, "PCMU")
    stream = audio.stream.native
    assert isinstance(stream, FakeStream)
    waiting = loop.create_task(audio.hears(frequency))
    await asyncio.sleep(0)
    [recording] = stream.recordings.values()
    assert recording.tap is not None
    recording.tap.put(sound, last=over)
    done, _ = await asyncio.wait([waiting], timeout=1)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not stream.recordings
    audio.close()
    engine.close()
    return waiting.result() if done else None


@pytest.mark.virtual_time
@pytest.mark.parametrize("before_ms", [0, 70, 100, 130, 2000])
async def test_a_short_tone_is_heard_though_the_loop_comes_late(before_ms: int) -> None:
    others = tone(523, before_ms).tobytes(), tone(350, 3000).tobytes()
    assert await hearing(others[0] + tone(659, 200).tobytes() + others[1], 659)


@pytest.mark.virtual_time
async def test_another_tone_is_listened_to_until_the_sound_ends() -> None:
    sound = tone(523, 1000).tobytes()
    assert await hearing(sound, 659) is None
    assert await hearing(sound, 659, over=True) is False
