"""Calls that the switch itself answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.phone.phone import Phone
from tests.support.audio import heard_tone, read_wav, tone, write_wav
from tests.support.server import until
from tests.support.serving import Serve
from tests.support.switch import extension


async def test_echo_says_back_what_the_caller_says(serve: Serve) -> None:
    server = await serve(extension("9196", "answer", "echo"))
    alice = await server.phone("1000")
    call = alice.call("9196")
    await call.expect_answer()
    await call.play("tone_stream://%(2000,0,440)")
    await call.hear(440)
    call.hangup()


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
async def test_a_wav_file_of_any_rate_is_played(serve: Serve, tmp_path: Path, rate: int) -> None:
    write_wav(tmp_path / "prompt.wav", tone(697, 400, rate=rate), rate)
    server = await serve(extension("1", "answer", f"playback {tmp_path}/prompt.wav"))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_answer()
    await call.hear(697)
    assert await call.expect_end() == 200
    (end,) = server.ended()
    assert end["variable_playback_ms"] == "400"
    assert end["Hangup-Cause"] == "NORMAL_CLEARING"


async def test_tones_are_played_until_the_caller_hangs_up(serve: Serve) -> None:
    actions = ("answer", "playback {loops=-1}tone_stream://%(251,0,1004)")
    server = await serve(extension("9197", *actions))
    alice = await server.phone("1000")
    call = alice.call("9197")
    await call.hear(1004)
    await call.hear(1004)
    call.hangup()


async def test_how_much_of_a_prompt_was_heard_is_told_after_a_hang_up(
    serve: Serve, tmp_path: Path
) -> None:
    write_wav(tmp_path / "prompt.wav", tone(697, 5000))
    server = await serve(extension("1", "answer", f"playback {tmp_path}/prompt.wav"))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.hear(697)
    call.hangup()
    await until(lambda: bool(server.ended()), "the end")
    assert 150 <= int(server.ended()[0]["variable_playback_ms"]) < 5000


async def test_what_the_caller_says_is_recorded(serve: Serve, tmp_path: Path) -> None:
    target = tmp_path / "message.wav"
    server = await serve(extension("1", "answer", f"record {target} 10"))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_answer()
    await until(target.exists, "the recording")
    await call.play_to_end("tone_stream://%(400,0,620)")
    call.hangup()
    await until(lambda: bool(server.ended()), "the end")
    (end,) = server.ended()
    assert 350 <= int(end["variable_record_ms"]) <= 1500
    assert heard_tone(target, 620)
    assert read_wav(target)[1] == 8000


async def test_a_digit_ends_a_recording_and_the_dialplan_goes_on(
    serve: Serve, tmp_path: Path
) -> None:
    target = tmp_path / "message.wav"
    actions = (
        "answer",
        "set playback_terminators=#",
        f"record {target}",
        "set after=${playback_terminator_used}",
    )
    server = await serve(extension("1", *actions))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_answer()
    await until(target.exists, "the recording")
    call.send_digits("#")
    assert await call.expect_end() == 200
    assert server.ended()[0]["variable_after"] == "#"


@pytest.mark.parametrize("method", ["rfc4733", "info"])
async def test_digits_are_read(serve: Serve, method: str) -> None:
    server = await serve(
        extension("1", "answer", "read 4 4 silence_stream://-1 pin 3000 #"),
        # Where telephone-events were agreed, INFO counts only on request.
        profile={"liberal-dtmf": "true" if method == "info" else "false"},
    )
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_answer()
    await call.expect_media()
    call.send_digits("19*5", duration_ms=60, method=method)
    assert await call.expect_end() == 200
    assert server.ended()[0]["variable_pin"] == "19*5"


async def test_a_terminator_ends_reading(serve: Serve) -> None:
    server = await serve(extension("1", "answer", "read 1 9 silence_stream://-1 pin 3000 #"))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_media()
    call.send_digits("42#", duration_ms=60)
    assert await call.expect_end() == 200
    end = server.ended()[0]
    assert (end["variable_pin"], end["variable_read_terminator_used"]) == ("42", "#")


async def test_digits_are_sent_to_the_caller(serve: Serve) -> None:
    server = await serve(extension("1", "answer", "send_dtmf 73#@60", "sleep 5000"))
    alice = await server.phone("1000")
    call = alice.call("1")
    assert await call.expect_digits(3) == "73#"
    call.hangup()


async def test_early_media_is_heard_before_the_answer(serve: Serve) -> None:
    actions = ("pre_answer", "playback tone_stream://%(3000,0,480)")
    server = await serve(extension("1", *actions))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_early_media()
    await call.hear(480)
    assert not server.sessions[0].channel.answered
    call.hangup()
    await until(lambda: bool(server.ended()), "the end")
    assert server.ended()[0]["Hangup-Cause"] == "ORIGINATOR_CANCEL"


async def test_ringing_is_told_before_the_answer(serve: Serve) -> None:
    server = await serve(extension("1", "ring_ready", "sleep 3000"))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_ringing()
    assert not call.early_media
    call.hangup()


async def test_a_caller_without_an_offer_gets_one(serve: Serve) -> None:
    actions = ("answer", "playback tone_stream://%(3000,0,350)")
    server = await serve(extension("1", *actions))
    alice = await server.phone("1000")
    call = alice.call("1", sdp=False)
    await call.expect_answer()
    await call.hear(350)
    call.hangup()


async def test_a_call_over_tcp(serve: Serve) -> None:
    server = await serve(extension("9196", "answer", "echo"))
    alice = await server.phone("1000", transport="tcp")
    call = alice.call("9196")
    await call.expect_answer()
    await call.play("tone_stream://%(2000,0,440)")
    await call.hear(440)
    assert server.sessions[0].get("sip_via_protocol") == "tcp"
    call.hangup()


async def test_the_switch_hangs_up(serve: Serve) -> None:
    server = await serve(extension("1", "answer", "hangup USER_BUSY"))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_end()
    assert call.reason == "hung up by the far end"
    assert call.cause is not None and "cause=17" in call.cause


async def test_hanging_up_before_the_answer_refuses(serve: Serve) -> None:
    server = await serve(
        extension("1", "hangup CALL_REJECTED"), extension("2", "respond 480 Later")
    )
    alice = await server.phone("1000")
    call = alice.call("1")
    assert await call.expect_end() == 603
    call = alice.call("2")
    assert (await call.expect_end(), call.reason) == (480, "Later")


async def test_a_number_that_is_nowhere_is_not_found(serve: Serve) -> None:
    server = await serve()
    alice = await server.phone("1000")
    assert await alice.call("12345").expect_end() == 404


async def test_a_caller_is_sent_elsewhere(serve: Serve) -> None:
    server = await serve(extension("1", "redirect sip:elsewhere@192.0.2.9"))
    wire = await server.socket()
    response = await wire.ask("INVITE", "sip:1@127.0.0.1")
    assert response.status == 302
    assert response.headers.get("Contact") == "<sip:elsewhere@192.0.2.9>"
    wire.send(wire.build("ACK", "sip:1@127.0.0.1"))
    await until(lambda: not server.sessions, "the end")


async def test_a_call_without_sound_times_out(serve: Serve) -> None:
    server = await serve(extension("1", "answer", "park"), profile={"rtp-timeout-sec": "1"})
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_answer()
    await call.expect_end()
    assert server.ended()[0]["Hangup-Cause"] == "MEDIA_TIMEOUT"


async def test_many_calls_at_once_do_not_mix(serve: Serve) -> None:
    tones = (350, 620, 941, 1336)
    server = await serve(
        *(
            extension(str(number), "answer", f"playback tone_stream://%(4000,0,{number})")
            for number in tones
        )
    )
    alice = await server.phone("1000")
    calls = {number: alice.call(str(number)) for number in tones}
    await asyncio.gather(*(call.hear(number) for number, call in calls.items()))
    assert (await server.api("show channels count")).strip() == "4 total."
    await hang_up_all(alice)
    await until(lambda: not server.sessions, "the end of all calls")


async def hang_up_all(phone: Phone) -> None:
    """End what that phone has."""
    for call in phone.calls:
        call.hangup()
