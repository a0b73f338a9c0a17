from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from softswitch.media.engine import MediaEngine
from softswitch.phone.audio import PhoneAudio
from softswitch.phone.microphone import (
    BEGIN_FRAMES,
    MOST_FRAMES,
    Microphone,
    NoSoundCard,
    find_card,
)
from softswitch.phone.phone import Phone
from tests.phone.fake_card import SPOKEN, FakeCard, FakeSoundDevice
from tests.support.patience import PATIENCE

ANSWERED = 900


@pytest.fixture
def sounddevice(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSoundDevice]:
    fake = FakeSoundDevice()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    yield fake
    assert not any(card.open for card in fake.cards)


@pytest.fixture
def audio(engine: MediaEngine) -> Iterator[PhoneAudio]:
    opened = PhoneAudio(engine, "127.0.0.1", "PCMU", 1, lambda event: None)
    yield opened
    opened.close()


async def _until_heard(card: FakeCard, frequency: float) -> None:
    loop, heard = asyncio.get_running_loop(), asyncio.Event()

    def look() -> None:
        if card.hears(frequency):
            loop.call_soon_threadsafe(heard.set)

    card.on_heard = look
    async with asyncio.timeout(PATIENCE):
        await heard.wait()


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["udp"])
@pytest.mark.parametrize("rate", [16000, 48000])
async def test_each_side_hears_the_other(
    phones: tuple[Phone, Phone], sounddevice: FakeSoundDevice, rate: int
) -> None:
    alice, bob = phones
    sounddevice.rates = {rate}
    call = alice.call("bob")
    called = await bob.expect_call()
    called.answer()
    await call.expect_answer()
    async with call.open_audio().live():
        [card] = sounddevice.cards
        assert card.rate == rate
        await called.hear(SPOKEN)
        await called.play(f"tone_stream://%(5000,0,{ANSWERED})", loops=-1)
        await _until_heard(card, ANSWERED)


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["udp"])
async def test_what_is_played_goes_before_the_microphone(
    phones: tuple[Phone, Phone], sounddevice: FakeSoundDevice
) -> None:
    alice, bob = phones
    call = alice.call("bob")
    called = await bob.expect_call()
    called.answer()
    await call.expect_answer()
    async with call.open_audio().live():
        number = await call.play("tone_stream://%(5000,0,700)", loops=-1)
        await called.hear(700)
        call.open_audio().stream.stop(number)
        await called.hear(SPOKEN)


async def test_the_loudspeaker_is_silent_until_enough_sound_waits(
    audio: PhoneAudio, sounddevice: FakeSoundDevice
) -> None:
    microphone = await Microphone.open(audio._engine, audio.stream)
    await microphone.close()
    frame = b"\x01\x02" * 320
    card = sounddevice.cards[0]
    for _ in range(BEGIN_FRAMES - 1):
        microphone._heard.append(frame)
    assert card.exchange(frame) == bytes(640)
    microphone._heard.append(frame)
    assert [card.exchange(frame) for _ in range(BEGIN_FRAMES)] == [frame] * BEGIN_FRAMES
    assert card.exchange(frame) == bytes(640)
    microphone._heard.append(frame)
    assert card.exchange(frame) == bytes(640), "it waits again"


async def test_frames_of_any_size_are_heard_whole(
    audio: PhoneAudio, sounddevice: FakeSoundDevice
) -> None:
    microphone = await Microphone.open(audio._engine, audio.stream)
    await microphone.close()
    said = bytes(range(1, 241)) * 8
    microphone._heard.extend(said[start : start + 480] for start in range(0, len(said), 480))
    heard = b"".join(sounddevice.cards[0].exchange(bytes(640)) for _ in range(3))
    assert heard == said


async def test_delay_does_not_grow_without_end(
    audio: PhoneAudio, sounddevice: FakeSoundDevice
) -> None:
    async with audio.live() as microphone:
        microphone._heard.extend([bytes(640)] * 100)
        assert len(microphone._heard) <= MOST_FRAMES
        assert repr(microphone).startswith("<Microphone 16000 Hz, ")
    assert repr(microphone).startswith("<Microphone closed, ")
    await microphone.close()


async def test_a_card_that_takes_no_rate_is_told_and_leaves_nothing_open(
    audio: PhoneAudio, engine: MediaEngine, sounddevice: FakeSoundDevice
) -> None:
    sounddevice.rates = set()
    with pytest.raises(NoSoundCard, match="cannot be opened: Invalid sample rate"):
        await Microphone.open(engine, audio.stream)
    assert engine.live_streams == 1


async def test_a_card_that_does_not_start_is_told_and_leaves_nothing_open(
    audio: PhoneAudio, engine: MediaEngine, sounddevice: FakeSoundDevice
) -> None:
    sounddevice.broken = True
    with pytest.raises(NoSoundCard, match="does not start: Device unavailable"):
        await Microphone.open(engine, audio.stream)
    assert engine.live_streams == 1


@pytest.mark.parametrize(("missing", "name"), [("input", "microphone"), ("output", "loudspeaker")])
def test_a_missing_device_is_named(sounddevice: FakeSoundDevice, missing: str, name: str) -> None:
    sounddevice.missing = missing
    with pytest.raises(NoSoundCard) as refused:
        find_card()
    assert str(refused.value) == f"there is no {name} on this machine"


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(NoSoundCard, match="pip install sounddevice"):
        find_card()


def test_without_portaudio_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(NoSoundCard, match="apt install libportaudio2"):
        find_card()
