"""Calls that are listened to, spoken into and recorded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import soundfile

from tests.calls.test_bridging import (
    ALICE_SAYS,
    BOB_SAYS,
    LOCAL,
    LONG,
    hear_each_other,
    talk,
    two_phones,
)
from tests.support.audio import heard_ms, read_wav
from tests.support.server import until
from tests.support.serving import Serve
from tests.support.switch import extension

SPY_SAYS = 880
SECRET = 1020
SILENCE = "silence_stream://-1"


async def test_a_listener_hears_both_and_speaks_to_whom_it_chooses(serve: Serve) -> None:
    server = await serve(extension("88", "answer", "eavesdrop ${spied}"), LOCAL)
    alice, bob = await two_phones(server)
    a, b = await talk(alice, bob)
    await hear_each_other(a, b)
    session = next(one for one in server.switch.sessions.values() if not one.channel.outbound)
    server.switch.globals["spied"] = session.uuid
    spy = (await server.phone("1002")).call("88")
    await spy.expect_answer()
    await a.play(SILENCE)
    await spy.hear(BOB_SAYS)
    await b.play(SILENCE)
    await a.play(LONG.format(ALICE_SAYS))
    await spy.hear(ALICE_SAYS)
    await a.play(SILENCE)
    await spy.play(LONG.format(SPY_SAYS))
    spy.send_digits("2")
    await a.hear(SPY_SAYS)
    spy.send_digits("1")
    await b.hear(SPY_SAYS)
    a.hangup()
    assert await b.expect_end() == 200
    assert await spy.expect_end() == 200


@pytest.mark.parametrize("extension_", ["wav", "flac", "opus", "mp3"])
async def test_both_parties_are_recorded_apart(
    serve: Serve, tmp_path: Path, extension_: str
) -> None:
    path = tmp_path / f"talk.{extension_}"
    plan = extension(
        "(10..)",
        f"record_session {path} {{RECORD_STEREO=true}}",
        "set hangup_after_bridge=true",
        "bridge user/$1@example.test",
    )
    server = await serve(plan)
    a, b = await talk(*await two_phones(server))
    await hear_each_other(a, b)
    await asyncio.gather(a.hear(BOB_SAYS), b.hear(ALICE_SAYS))
    a.hangup()
    await b.expect_end()
    await until(lambda: not server.switch.sessions, "the end of the calls")
    samples, rate = await asyncio.to_thread(soundfile.read, str(path), dtype="int16")
    left, right = samples[:, 0].copy(), samples[:, 1].copy()
    assert heard_ms(left, rate, ALICE_SAYS) >= 200
    assert heard_ms(right, rate, BOB_SAYS) >= 200
    assert heard_ms(left, rate, BOB_SAYS) == heard_ms(right, rate, ALICE_SAYS) == 0


async def test_sound_is_played_over_a_call(serve: Serve) -> None:
    server = await serve(LOCAL)
    a, b = await talk(*await two_phones(server))
    await hear_each_other(a, b)
    session = next(one for one in server.switch.sessions.values() if not one.channel.outbound)
    tone = "tone_stream://%(20000,0,880)"
    answer = await server.api(f"uuid_displace {session.uuid} start {tone} 0 mux")
    assert answer == "+OK Success\n"
    await b.hear(ALICE_SAYS)
    await b.play(SILENCE)
    await a.hear(SPY_SAYS)
    await b.play(LONG.format(BOB_SAYS))
    assert await server.api(f"uuid_displace {session.uuid} stop {tone}") == "+OK Success\n"
    assert await server.api(f"uuid_audio {session.uuid} start read mute") == "+OK\n"
    await a.hear(BOB_SAYS)
    a.hangup()
    await b.expect_end()


async def test_sound_in_place_of_a_talk_is_heard_by_whom_its_flags_name(
    serve: Serve, tmp_path: Path
) -> None:
    server = await serve(LOCAL)
    a, b = await talk(*await two_phones(server))
    await hear_each_other(a, b)
    session = next(one for one in server.switch.sessions.values() if not one.channel.outbound)
    tone = f"tone_stream://%(400,0,{SPY_SAYS})"
    for flags, hearing, deaf in (("l", [a], b), ("lr", [b], a), ("lrw", [a, b], None)):
        command = f"uuid_displace {session.uuid} {{}} {tone}"
        assert await server.api(command.format("start") + f" 0 {flags}") == "+OK Success\n"
        for call in hearing:
            await call.hear(SPY_SAYS)
        if deaf is not None:
            path = tmp_path / f"{flags}.wav"
            number = deaf.record(str(path))
            for _ in range(3):
                await hearing[0].hear(SPY_SAYS)
            await deaf.stop_recording(number)
            samples, rate = read_wav(path)
            assert len(samples) >= rate / 10
            assert heard_ms(samples, rate, ALICE_SAYS) == heard_ms(samples, rate, BOB_SAYS) == 0
        assert await server.api(command.format("stop")) == "+OK Success\n"
        await asyncio.gather(a.hear(BOB_SAYS), b.hear(ALICE_SAYS))
    a.hangup()
    await b.expect_end()


async def test_tones_beeps_and_silence_are_noticed(serve: Serve) -> None:
    plan = extension(
        "9",
        "answer",
        "tone_detect ours 480,620 r +60 set tone=heard",
        "avmd_start",
        "wait_for_silence 200 15 10 20000",
        "set quiet=yes",
        "sleep 20000",
    )
    server = await serve(plan)
    call = (await server.phone("1000")).call("9")
    await call.expect_answer()
    await call.play("tone_stream://%(800,0,480,620)")
    session = server.sessions[0]
    await until(lambda: session.get("tone") == "heard", "the tone")
    assert session.get("quiet") is None
    await until(lambda: session.get("quiet") == "yes", "the silence")
    assert session.get("avmd_detect") == "FALSE"
    await call.play("tone_stream://%(400,0,1400)")
    await until(lambda: session.get("avmd_detect") == "TRUE", "the beep")
    call.hangup()


async def test_a_paused_recording_lacks_what_was_said_meanwhile(
    serve: Serve, tmp_path: Path
) -> None:
    path = tmp_path / "talk.wav"
    told = (ALICE_SAYS, SECRET, BOB_SAYS)
    first, second, third = (f"playback tone_stream://%(500,0,{each})" for each in told)
    plan = extension(
        "9",
        "answer",
        f"record_session {path}",
        first,
        f"record_session_pause {path}",
        second,
        f"record_session_resume {path}",
        third,
        f"stop_record_session {path}",
        "set over=yes",
        "sleep 20000",
    )
    server = await serve(plan)
    call = (await server.phone("1000")).call("9")
    await call.expect_answer()
    await until(lambda: server.sessions[0].get("over") == "yes", "the end of the recording")
    samples, rate = await asyncio.to_thread(soundfile.read, str(path), dtype="int16")
    heard = [heard_ms(samples, rate, each) for each in told]
    assert heard[0] >= 350 and heard[2] >= 350 and heard[1] <= 50
    assert 900 <= len(samples) * 1000 // rate <= 1300, "what was paused takes no time"
    call.hangup()


async def test_a_recording_outlives_a_transfer_and_is_silent_while_masked(
    serve: Serve, tmp_path: Path
) -> None:
    path = tmp_path / "talk.wav"
    plan = extension(
        "(10..)", f"record_session {path} {{RECORD_STEREO=true}}", "bridge user/$1@example.test"
    )
    after = extension("77", "answer", f"playback tone_stream://%(20000,0,{SPY_SAYS})")
    server = await serve(plan, after)
    a, b = await talk(*await two_phones(server))
    await hear_each_other(a, b)
    session = next(one for one in server.sessions if not one.channel.outbound)
    assert (await server.api(f"uuid_record {session.uuid} mask {path}")).startswith("+OK")
    await a.play(SILENCE)
    await a.play(LONG.format(SECRET))
    await b.hear(SECRET)
    await a.play(LONG.format(ALICE_SAYS))
    await b.hear(ALICE_SAYS)
    assert (await server.api(f"uuid_record {session.uuid} unmask {path}")).startswith("+OK")
    assert (await server.api(f"uuid_transfer {session.uuid} 77")).startswith("+OK")
    await a.hear(SPY_SAYS)
    a.hangup()
    await until(lambda: not server.switch.sessions, "the end of the calls")
    samples, rate = await asyncio.to_thread(soundfile.read, str(path), dtype="int16")
    left, right = samples[:, 0].copy(), samples[:, 1].copy()
    assert heard_ms(left, rate, ALICE_SAYS) >= 200
    assert heard_ms(right, rate, BOB_SAYS) >= 200
    assert heard_ms(right, rate, SPY_SAYS) >= 200, "what was heard behind the transfer"
    assert heard_ms(left, rate, SECRET) == 0
