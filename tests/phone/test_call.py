from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.phone import call as module
from softswitch.phone.call import CallFailed, PhoneCall
from softswitch.phone.phone import Phone
from tests.support.audio import heard_tone, tone, write_wav

Phones = tuple[Phone, Phone]
pytestmark = pytest.mark.parametrize("transport", ["udp"])


async def _connected(phones: Phones) -> tuple[PhoneCall, PhoneCall]:
    alice, bob = phones
    call = alice.call("bob")
    called = await bob.expect_call()
    called.answer()
    await call.expect_answer()
    return call, called


@pytest.mark.slow
async def test_each_side_hears_the_other_and_can_keep_it(phones: Phones, tmp_path: Path) -> None:
    call, called = await _connected(phones)
    path = tmp_path / "heard.wav"
    recording = called.record(str(path))
    await call.play("tone_stream://%(5000,0,500)", loops=-1)
    await called.play("tone_stream://%(5000,0,900)", loops=-1)
    await called.hear(500)
    await call.hear(900)
    await called.stop_recording(recording)
    assert heard_tone(path, 500)


@pytest.mark.slow
async def test_a_file_is_said_to_its_end(phones: Phones, tmp_path: Path) -> None:
    call, called = await _connected(phones)
    write_wav(tmp_path / "hello.wav", tone(700, 300))
    await call.play_to_end(str(tmp_path / "hello.wav"))
    await called.expect_media()
    call.hangup()
    await called.expect_end()


@pytest.mark.slow
async def test_an_echo_gives_back_what_is_said(phones: Phones) -> None:
    call, called = await _connected(phones)
    called.open_audio().echo()
    await call.play("tone_stream://%(5000,0,600)", loops=-1)
    await call.hear(600)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["rfc4733", "info"])
async def test_digits_arrive_in_order(phones: Phones, method: str) -> None:
    call, called = await _connected(phones)
    call.send_digits("12#", method=method)
    assert await called.expect_digits(2) == "12"
    assert await called.expect_digits(1) == "#"


async def test_giving_up_before_the_answer_cancels(phones: Phones) -> None:
    alice, bob = phones
    call = alice.call("bob")
    called = await bob.expect_call()
    await call.expect_ringing()
    call.hangup()
    assert await called.expect_end() == 487
    assert called.reason == "the caller gave up"


async def test_who_waits_for_an_answer_is_told_of_a_refusal(phones: Phones) -> None:
    alice, bob = phones
    call = alice.call("bob")
    (await bob.expect_call()).reject(603)
    with pytest.raises(CallFailed, match="603"):
        await call.expect_answer()


async def test_hold_and_back(phones: Phones) -> None:
    call, called = await _connected(phones)
    call.hold()
    await called.expect_hold()
    call.hold(False)
    await called.expect_hold(False)


async def test_of_two_wishes_at_once_the_last_counts(phones: Phones) -> None:
    call, called = await _connected(phones)
    call.hold()
    call.hold(False)
    await called.expect_hold()
    await called.expect_hold(False)


async def test_a_call_without_an_offer_is_offered_to(phones: Phones) -> None:
    alice, bob = phones
    call = alice.call("bob", sdp=False)
    (await bob.expect_call()).answer()
    await call.expect_answer()
    assert call.audio is not None
    assert call.audio.agreed is not None


async def test_what_does_not_happen_in_time_is_told(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.02)
    call, _ = await _connected(phones)
    with pytest.raises(CallFailed, match="not 1 digits"):
        await call.expect_digits(1)
    with pytest.raises(CallFailed, match="does not end"):
        await call.expect_end(0.02)


async def test_over_is_over(phones: Phones) -> None:
    call, called = await _connected(phones)
    call.hangup()
    call.hangup()
    await called.expect_end()
    with pytest.raises(CallFailed, match="is over"):
        called.hold()
    assert repr(called) == "<PhoneCall bob alice ended hung up by the far end>"
