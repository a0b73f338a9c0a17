"""What a user does with his mailbox by keys and voice, and what his phone's lamp is told."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from softswitch.phone.call import PhoneCall
from tests.calls.test_registering import register
from tests.support.audio import tone, write_wav
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.sip_socket import SipSocket
from tests.support.switch import extension

pytestmark = pytest.mark.slow

CONFIGURATION = """
<configuration name="modules.conf"><modules><load module="mod_voicemail"/></modules></configuration>
<configuration name="voicemail.conf"><profiles><profile name="default">
<param name="tone-spec" value="%(500,0,1000)"/><param name="min-record-len" value="1"/>
<param name="operator-key" value="9"/>
<param name="operator-extension" value="operator XML default"/>
<param name="callback-dialplan" value="XML"/><param name="callback-context" value="default"/>
</profile></profiles></configuration>"""
LEAVE = extension("leave", "answer", f"voicemail default {DOMAIN} 1001")
MINE = extension("mine", f"voicemail check auth default {DOMAIN} 1001")
LOGIN = extension("login", f"voicemail check default {DOMAIN} 1001")
HERS = extension("hers", f"voicemail check auth default {DOMAIN} 1000")
OPERATOR = extension("operator", "playback tone_stream://%(60000,0,1700)")
BACK = extension("3000", "answer", "playback tone_stream://%(2000,0,1900)")
BEEP = 1000


class Keys:
    """A phone that answers prompts by keys."""

    def __init__(self, server: Server, call: PhoneCall) -> None:
        self._server, self.call = server, call
        self._seen = len(server.events)

    async def hears(self, *names: str) -> None:
        """Wait until these prompts were begun, one after the other."""
        for name in names:

            def begun(name: str = name) -> bool:
                for index in range(self._seen, len(self._server.events)):
                    event = self._server.events[index]
                    path = event.headers.get("Playback-File-Path", "")
                    if event.name == "PLAYBACK_START" and path.endswith(f"{name}.wav"):
                        self._seen = index + 1
                        return True
                return False

            await until(begun, name, 60)

    async def answers(self, name: str, keys: str) -> None:
        await self.hears(name)
        # Keys that come with the first packet of a prompt are those of somebody in a hurry.
        await asyncio.sleep(0.1)
        self.call.send_digits(keys)

    async def says(self, frequency: int, milliseconds: int = 1800) -> None:
        """Speak behind the beep."""
        await self.call.hear(BEEP, 30)
        await asyncio.sleep(0.6)
        await self.call.play_to_end(f"tone_stream://%({milliseconds},0,{frequency})")
        self.call.send_digits("#")


class Lamp:
    """What a phone is told by NOTIFY of the messages that wait."""

    def __init__(self, wire: SipSocket) -> None:
        self._wire = wire
        self._known: set[tuple[str, int]] = set()

    @classmethod
    async def of(cls, server: Server, user: str) -> Lamp:
        """That of a phone that registers; nothing waits for it yet."""
        wire = await server.socket()
        assert (await register(wire, user=user)).status == 200
        lamp = cls(wire)
        assert (await lamp.told())[0] == "no"
        return lamp

    async def told(self) -> tuple[str, str]:
        """What the next NOTIFY says: whether messages wait, and how many."""
        while True:
            notify = await self._wire.request("NOTIFY")
            self._wire.respond(notify, 200)
            # One that waited here may have been sent again meanwhile.
            if (one := (notify.call_id, notify.cseq.number)) not in self._known:
                break
        self._known.add(one)
        waiting = re.search(rb"Messages-Waiting: (\w+)", notify.body)
        counts = re.search(rb"Voice-Message: (\S+)", notify.body)
        assert waiting is not None, notify.body
        return waiting[1].decode(), counts[1].decode() if counts else ""


async def test_a_message_is_forwarded_with_words_saved_and_deleted(
    serve: Serve, tmp_path: Path
) -> None:
    write_wav(tmp_path / "note.wav", tone(440, 4000))
    server = await serve(MINE, HERS, configuration=CONFIGURATION)
    ours, hers = await Lamp.of(server, "1001"), await Lamp.of(server, "1000")
    await server.api(f"vm_inject 1001@{DOMAIN} {tmp_path}/note.wav 3000 Ann")
    assert await ours.told() == ("yes", "1/0")
    bob = Keys(server, (await server.phone("1001")).call("mine"))
    await bob.call.hear(440, 60)
    await bob.answers("vm-listen_to_recording", "8")
    await bob.answers("vm-forward_add_intro", "1")
    await bob.says(880)
    await bob.answers("vm-save_recording", "2")
    await bob.answers("vm-forward_enter_ext", "1000#")
    await bob.hears("vm-saved")
    assert await hers.told() == ("yes", "1/0")
    await bob.answers("vm-listen_to_recording", "2")
    await bob.hears("vm-saved")
    assert await ours.told() == ("no", "0/1")
    bob.call.hangup()
    ann = Keys(server, (await server.phone("1000")).call("hers"))
    await ann.call.hear(880, 60)
    await ann.call.hear(440, 60)
    await ann.answers("vm-listen_to_recording", "7")
    await ann.hears("vm-deleted")
    assert await hers.told() == ("no", "0/0")
    ann.call.hangup()
    bob = Keys(server, (await server.phone("1001")).call("mine"))
    await bob.answers("vm-listen_saved", "2")
    await bob.call.hear(440, 60)
    await bob.answers("vm-listen_to_recording", "7")
    await bob.hears("vm-deleted")
    assert await ours.told() == ("no", "0/0")
    bob.call.hangup()


async def test_who_left_it_is_called_back(serve: Serve, tmp_path: Path) -> None:
    write_wav(tmp_path / "note.wav", tone(440, 3000))
    server = await serve(MINE, BACK, configuration=CONFIGURATION)
    ours = await Lamp.of(server, "1001")
    await server.api(f"vm_inject 1001@{DOMAIN} {tmp_path}/note.wav 3000 Ann")
    assert await ours.told() == ("yes", "1/0")
    bob = Keys(server, (await server.phone("1001")).call("mine"))
    await bob.answers("vm-listen_to_recording", "5")
    await bob.call.hear(1900, 30)
    # Behind the call the mailbox goes on.
    await bob.hears("vm-you_have")
    bob.call.hangup()


async def test_urgent_messages_and_the_operator(serve: Serve) -> None:
    server = await serve(LEAVE, OPERATOR, configuration=CONFIGURATION)
    ours = await Lamp.of(server, "1001")
    ann = await server.phone("1000")
    caller = Keys(server, ann.call("leave"))
    await caller.says(440)
    await caller.answers("vm-save_recording", "2")
    await caller.answers("vm-mark-urgent", "*")
    await caller.hears("vm-marked-urgent", "vm-goodbye")
    assert await ours.told() == ("yes", "1/0")
    assert await server.api(f"vm_boxcount 1001@{DOMAIN}|all") == "1:0:1:0"
    assert await caller.call.expect_end(30) == 200
    caller = Keys(server, ann.call("leave"))
    await caller.answers("vm-person", "9")
    await caller.call.hear(1700, 30)
    caller.call.hangup()


async def test_greeting_name_and_password_of_ones_own(serve: Serve) -> None:
    server = await serve(LEAVE, MINE, LOGIN, configuration=CONFIGURATION)
    phone = await server.phone("1001")
    bob = Keys(server, phone.call("mine"))
    await bob.answers("vm-listen_new", "5")
    await bob.answers("vm-to_record_greeting", "3")
    await bob.says(600)
    await bob.answers("vm-save_recording", "2")
    await bob.answers("vm-to_record_greeting", "1")
    await bob.answers("vm-choose_greeting_choose", "4")
    await bob.says(770)
    await bob.answers("vm-save_recording", "2")
    await bob.answers("vm-to_record_greeting", "6")
    await bob.answers("vm-enter_pass", "4321#")
    await bob.hears("vm-password_has_been_changed")
    bob.call.hangup()
    await until(lambda: not server.sessions, "the end")
    ann = await server.phone("1000")
    caller = ann.call("leave")
    await caller.hear(770, 30)
    caller.hangup()
    bob = Keys(server, phone.call("mine"))
    await bob.answers("vm-listen_new", "5")
    await bob.answers("vm-to_record_greeting", "2")
    await bob.answers("vm-choose_greeting_choose", "0")
    await bob.hears("vm-selected")
    bob.call.hangup()
    await until(lambda: not server.sessions, "the end")
    caller = ann.call("leave")
    await caller.hear(600, 30)
    caller.hangup()
    bob = Keys(server, phone.call("login"))
    await bob.answers("vm-enter_pass", "1234#")
    await bob.answers("vm-enter_pass", "4321#")
    await bob.hears("vm-you_have")
    bob.call.hangup()
