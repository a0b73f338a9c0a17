"""Calls that are made and steered from the console, and the end of the switch under them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.phone.call import PhoneCall
from tests.support.audio import tone, write_wav
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.switch import extension

ECHO = extension("9196", "answer", "echo")
PARK = extension("5900", "answer", "park")
TONE = extension("9197", "answer", "playback {loops=-1}tone_stream://%(251,0,1004)")


async def originate(server: Server, line: str, *users: str) -> tuple[str, list[PhoneCall]]:
    """Run an originate that rings these users; its answer, and their calls, answered."""
    phones = [await server.phone(user, register=True) for user in users]
    task = asyncio.get_running_loop().create_task(server.api(f"originate {line}"))
    calls = []
    for phone in phones:
        call = await phone.expect_call()
        call.answer()
        calls.append(call)
    return await task, calls


async def test_a_phone_is_called_and_sent_to_an_extension(serve: Serve) -> None:
    server = await serve(TONE)
    answer, (call,) = await originate(server, f"user/1000@{DOMAIN} 9197", "1000")
    assert answer == f"+OK {server.sessions[0].uuid}\n"
    await call.hear(1004)
    call.hangup()


async def test_a_phone_is_called_and_an_application_runs(serve: Serve, tmp_path: Path) -> None:
    write_wav(tmp_path / "prompt.wav", tone(620, 5000))
    server = await serve()
    line = f"user/1000@{DOMAIN} &playback({tmp_path}/prompt.wav)"
    _, (call,) = await originate(server, line, "1000")
    await call.hear(620)
    call.hangup()


async def test_two_phones_are_connected_by_the_switch(serve: Serve) -> None:
    server = await serve()
    alice = await server.phone("1000", register=True)
    bob = await server.phone("1001", register=True)
    task = asyncio.get_running_loop().create_task(
        server.api(f"originate user/1000@{DOMAIN} &bridge(user/1001@{DOMAIN})")
    )
    a = await alice.expect_call()
    a.answer()
    b = await bob.expect_call()
    b.answer()
    assert (await task).startswith("+OK")
    await a.play("tone_stream://%(9000,0,440)")
    await b.hear(440)
    b.hangup()
    await a.expect_end()


async def test_the_caller_shown_is_the_one_asked_for(serve: Serve) -> None:
    server = await serve(ECHO)
    line = f"{{origination_caller_id_number=5551234}}user/1000@{DOMAIN} 9196"
    _, (call,) = await originate(server, line, "1000")
    assert call.far_end == "5551234"
    call.hangup()


async def test_an_originate_that_nobody_takes_tells_why(serve: Serve) -> None:
    server = await serve(ECHO)
    alice = await server.phone("1000", register=True)
    task = asyncio.get_running_loop().create_task(
        server.api(f"originate {{originate_timeout=1}}user/1000@{DOMAIN} 9196")
    )
    call = await alice.expect_call()
    assert await task == "-ERR NO_ANSWER\n"
    assert await call.expect_end() == 487


async def test_kill_ends_a_call_with_a_cause(serve: Serve) -> None:
    server = await serve(PARK)
    alice = await server.phone("1000")
    call = alice.call("5900")
    await call.expect_answer()
    uuid = server.sessions[0].uuid
    assert await server.api(f"uuid_kill {uuid} USER_BUSY") == "+OK\n"
    await call.expect_end()
    assert call.cause is not None and "USER_BUSY" in call.cause
    assert await server.api(f"uuid_kill {uuid}") == "-ERR No such channel!\n"


async def test_transfer_takes_a_call_elsewhere(serve: Serve) -> None:
    server = await serve(PARK, TONE)
    alice = await server.phone("1000")
    call = alice.call("5900")
    await call.expect_answer()
    assert await server.api(f"uuid_transfer {server.sessions[0].uuid} 9197") == "+OK\n"
    await call.hear(1004)
    call.hangup()


async def test_two_parked_calls_are_joined(serve: Serve) -> None:
    server = await serve(PARK)
    alice, bob = await server.phone("1000"), await server.phone("1001")
    a, b = alice.call("5900"), bob.call("5900")
    await a.expect_answer()
    await b.expect_answer()
    first, second = (session.uuid for session in server.sessions)
    assert (await server.api(f"uuid_bridge {first} {second}")).startswith("+OK")
    await a.play("tone_stream://%(9000,0,440)")
    await b.play("tone_stream://%(9000,0,1336)")
    await asyncio.gather(a.hear(1336), b.hear(440))
    a.hangup()
    await b.expect_end()


async def test_something_is_played_into_a_call(serve: Serve) -> None:
    server = await serve(PARK)
    alice = await server.phone("1000")
    call = alice.call("5900")
    await call.expect_answer()
    uuid = server.sessions[0].uuid
    answer = await server.api(f"uuid_broadcast {uuid} tone_stream://%(9000,0,620) aleg")
    assert answer.startswith("+OK")
    await call.hear(620)
    call.hangup()


async def test_a_transfer_of_the_other_leg_parts_a_bridge(serve: Serve) -> None:
    bridge = extension("(10..)", f"bridge user/$1@{DOMAIN}")
    server = await serve(bridge, TONE, PARK)
    alice, bob = await server.phone("1000"), await server.phone("1001", register=True)
    a = alice.call("1001")
    b = await bob.expect_call()
    b.answer()
    await a.expect_answer()
    uuid = server.sessions[0].uuid
    assert await server.api(f"uuid_transfer {uuid} -both 9197") == "+OK\n"
    await asyncio.gather(a.hear(1004), b.hear(1004))
    a.hangup()
    b.hangup()


async def test_hupall_ends_every_call(serve: Serve) -> None:
    server = await serve(PARK)
    alice = await server.phone("1000")
    calls = [alice.call("5900") for _ in range(5)]
    for call in calls:
        await call.expect_answer()
    assert "NORMAL_CLEARING" in await server.api("hupall NORMAL_CLEARING")
    for call in calls:
        await call.expect_end()


async def test_the_switch_stops_with_calls_up(serve: Serve) -> None:
    server = await serve(PARK)
    alice = await server.phone("1000")
    calls = [alice.call("5900") for _ in range(5)]
    for call in calls:
        await call.expect_answer()
    await server.switch.shutdown()
    for call in calls:
        await call.expect_end()
        assert call.cause is not None and "cause=" in call.cause
    assert not server.sessions
    assert not server.switch.engine.live_streams


async def test_a_stopping_switch_ends_calls_that_still_ring(serve: Serve) -> None:
    server = await serve(extension("(10..)", f"bridge user/$1@{DOMAIN}"))
    alice, bob = await server.phone("1000"), await server.phone("1001", register=True)
    a = alice.call("1001")
    b = await bob.expect_call()
    await a.expect_ringing()
    await bob.unregister()
    await server.switch.shutdown()
    assert await a.expect_end() >= 400
    assert await b.expect_end() == 487


async def test_a_paused_switch_takes_no_calls(serve: Serve) -> None:
    server = await serve(ECHO)
    alice = await server.phone("1000")
    await server.api("fsctl pause")
    assert await alice.call("9196").expect_end() == 503
    await server.api("fsctl resume")
    call = alice.call("9196")
    await call.expect_answer()
    call.hangup()


async def test_broken_files_are_refused_and_calls_go_on(serve: Serve, tmp_path: Path) -> None:
    server = await serve(ECHO)
    alice = await server.phone("1000")
    call = alice.call("9196")
    await call.expect_answer()
    path = tmp_path / "conf" / "softswitch.xml"
    good = path.read_text()
    path.write_text(good.replace("</section>", "</sektion>", 1))
    line = good[: good.index("</section>")].count("\n") + 1
    refused = await server.api("reloadxml")
    assert refused.startswith("-ERR")
    assert f"softswitch.xml:{line}" in refused
    await call.play("tone_stream://%(9000,0,440)")
    await call.hear(440)
    again = alice.call("9196")
    await again.expect_answer()
    path.write_text(good.replace("^9196$", "^9876$"))
    assert (await server.api("reloadxml")).startswith("+OK")
    assert await alice.call("9196").expect_end() == 404
    third = alice.call("9876")
    await third.expect_answer()
    await call.hear(440)
    for each in (call, again, third):
        each.hangup()


@pytest.mark.parametrize("content", [b"", b"RIFF\x00\x00\x00\x00WAVE", b"\x00" * 100, b"RIFF"])
async def test_a_sound_file_that_cannot_be_read_costs_the_prompt_not_the_call(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    actions = ("answer", f"playback {path}", "playback tone_stream://%(9000,0,620)")
    server = await serve(extension("1", *actions))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.hear(620)
    assert "broken.wav" in caplog.text
    call.hangup()


async def test_a_folder_that_cannot_be_written_ends_the_call_with_a_cause(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    server = await serve(extension("1", "answer", f"record {tmp_path}/file/below.wav"))
    alice = await server.phone("1000")
    await alice.call("1").expect_end()
    await until(lambda: bool(server.ended()), "the end")
    assert server.ended()[0]["Hangup-Cause"] == "DESTINATION_OUT_OF_ORDER"
    assert "below.wav" in caplog.text


async def test_an_application_that_is_unknown_ends_the_call(serve: Serve) -> None:
    server = await serve(extension("1", "answer", "no_such_application"))
    alice = await server.phone("1000")
    call = alice.call("1")
    await call.expect_end()
    await until(lambda: bool(server.ended()), "the end")
    assert server.ended()[0]["Hangup-Cause"] == "DESTINATION_OUT_OF_ORDER"
