"""Messages that are left and heard by phone, with real sound."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from softswitch.media.engine import MediaEngine
from softswitch.phone.call import PhoneCall
from tests.calls.test_registering import register
from tests.support.audio import heard_tone, tone, write_wav
from tests.support.office import leave_message_for_absent
from tests.support.process import SwitchProcess, phone_of, shipped_switch
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.switch import extension

pytestmark = pytest.mark.slow

CONFIGURATION = """
<configuration name="modules.conf"><modules><load module="mod_voicemail"/></modules></configuration>
<configuration name="voicemail.conf"><profiles><profile name="default">
<param name="tone-spec" value="%(500,0,1000)"/><param name="min-record-len" value="1"/>
</profile></profiles></configuration>"""
LEAVE = extension("1", f"voicemail default {DOMAIN} 1001")
CHECK = extension("2", f"voicemail check auth default {DOMAIN} 1001")


async def prompted(server: Server, name: str, count: int = 1) -> None:
    """Wait until a prompt was begun so many times."""

    def begun() -> bool:
        paths = [event.headers.get("Playback-File-Path") for event in server.events]
        return paths.count(name) >= 2 * count - 1

    await until(begun, name, 60)


async def leave_message(server: Server, call: PhoneCall, frequency: int) -> None:
    """Say a tone of two seconds and hang up."""
    await prompted(server, "voicemail/vm-person.wav")
    call.send_digits("#")
    await call.hear(1000)
    await asyncio.sleep(0.3)
    await call.play_to_end(f"tone_stream://%(2000,0,{frequency})")
    call.hangup()


async def test_what_is_said_is_heard_again(serve: Serve) -> None:
    server = await serve(LEAVE, CHECK, configuration=CONFIGURATION)
    alice, bob = await server.phone("1000"), await server.phone("1001")
    call = alice.call("1")
    await leave_message(server, call, 440)
    await until(lambda: bool(server.ended()), "the end")
    assert await server.api(f"vm_boxcount 1001@{DOMAIN}|all") == "1:0:0:0"
    (path,) = [
        event.headers["VM-File-Path"]
        for event in server.events
        if event.headers.get("VM-Action") == "leave-message"
    ]
    assert heard_tone(path, 440, at_least_ms=1500)
    call = bob.call("2")
    await call.hear(440, 30)
    call.send_digits("7")
    await prompted(server, "voicemail/vm-deleted.wav")
    call.hangup()
    await until(lambda: len(server.ended()) == 2, "the end")
    assert await server.api(f"vm_boxcount 1001@{DOMAIN}|all") == "0:0:0:0"


async def test_each_question_is_asked_in_order(serve: Serve) -> None:
    server = await serve(LEAVE, configuration=CONFIGURATION)
    alice = await server.phone("1000")
    call = alice.call("1")
    await prompted(server, "voicemail/vm-record_message.wav")
    await call.hear(1000, 30)
    await asyncio.sleep(0.3)
    await call.play_to_end("tone_stream://%(1500,0,440)")
    call.send_digits("#")
    await prompted(server, "voicemail/vm-save_recording.wav")
    call.send_digits("2")
    await prompted(server, "voicemail/vm-mark-urgent.wav")
    call.send_digits("*")
    await prompted(server, "voicemail/vm-goodbye.wav")
    assert await call.expect_end(30) == 200
    assert await server.api(f"vm_boxcount 1001@{DOMAIN}|all") == "1:0:1:0"


async def test_the_lamp_of_a_phone_is_lit_and_put_out(serve: Serve, tmp_path: Path) -> None:
    write_wav(tmp_path / "note.wav", tone(440, 2000))
    server = await serve(CHECK, configuration=CONFIGURATION)
    wire = await server.socket()
    assert (await register(wire, user="1001")).status == 200
    # A phone that was away hears what holds now.
    notify = await wire.request("NOTIFY")
    wire.respond(notify, 200)
    assert b"Messages-Waiting: no\r\n" in notify.body
    assert await server.api(f"vm_inject 1001@{DOMAIN} {tmp_path}/note.wav") == "+OK\n"
    notify = await wire.request("NOTIFY")
    wire.respond(notify, 200)
    assert notify.headers.get("Event") == "message-summary"
    assert b"Messages-Waiting: yes\r\n" in notify.body
    assert b"Voice-Message: 1/0" in notify.body
    assert await server.api(f"vm_delete 1001@{DOMAIN}") == "+OK\n"
    notify = await wire.request("NOTIFY")
    wire.respond(notify, 200)
    assert b"Messages-Waiting: no\r\n" in notify.body


async def count(switch: SwitchProcess, user: str) -> str:
    return (await switch.api(f"vm_boxcount {user}@127.0.0.1|all")).strip()


async def counted(switch: SwitchProcess, user: str, expected: str) -> None:
    """Wait until the user has so many messages."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + 30
    # The switch is another process: there is nothing else to wait for.
    while (found := await count(switch, user)) != expected:
        assert loop.time() < limit, f"{found}, not {expected}"
        await asyncio.sleep(0.1)


async def test_who_does_not_answer_gets_a_message_that_a_crash_does_not_lose(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with shipped_switch(tmp_path) as switch:
        async with await phone_of(engine, switch, "1000") as alice:
            # 1001 has no phone: the call goes to voicemail at once.
            await leave_message_for_absent(alice, "1001")
            await counted(switch, "1001", "1:0:0:0")
        switch.process.send_signal(signal.SIGKILL)
    async with shipped_switch(tmp_path) as switch:
        assert await count(switch, "1001") == "1:0:0:0"
        async with await phone_of(engine, switch, "1001") as bob:
            call = bob.call("*97")
            await call.hear(440, 40)
            call.send_digits("2")
            await asyncio.sleep(1)
            call.hangup()
        await counted(switch, "1001", "0:1:0:0")
