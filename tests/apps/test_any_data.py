"""No application fails on the data it is given: it says what is wrong, and the call goes on."""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.dialplan.hunt import PlannedAction
from softswitch.switch import modules
from softswitch.switch.states import ChannelState
from tests.commands.test_any_arguments import WORDS
from tests.support.switch import Bench, bench

SKIPPED = {"system", "bgsystem", "mkdir", "rename"}
"""What would leave the test's own folder."""
MODULES = """mod_conference mod_voicemail mod_fifo mod_directory mod_httapi mod_esf mod_enum
    mod_translate mod_distributor mod_easyroute mod_lcr mod_cidlookup mod_local_stream""".split()
CONFIGURATION = """
<configuration name="conference.conf"><caller-controls><group name="default">
  <control action="mute" digits="0"/><control action="lock" digits="1"/>
  <control action="energy up" digits="2"/><control action="hangup" digits="#"/>
</group></caller-controls>
<profiles><profile name="default"/>
  <profile name="closed"><param name="pin" value="1234"/></profile></profiles></configuration>
<configuration name="voicemail.conf"><profiles><profile name="default">
  <param name="operator-extension" value="none XML default"/></profile></profiles></configuration>
<configuration name="fifo.conf"><fifos><fifo name="q"/></fifos></configuration>
<configuration name="directory.conf"><profiles><profile name="default"/></profiles></configuration>
<configuration name="ivr.conf"><menus>
  <menu name="main" greet-long="silence_stream://500" timeout="1000" digit-len="4">
    <entry action="menu-exec-app" digits="1" param="playback silence_stream://100"/>
    <entry action="menu-sub" digits="2" param="main"/></menu></menus></configuration>"""
USERS = """<domain name="example.test">
<user id="1000"><params><param name="vm-password" value="1234"/></params></user>
<user id="1001"/></domain>"""
MEANT = [
    *("", " ", "\t", "\x00", "é🎉", "x" * 20_000, "1 " * 60, "a b c d e f g", "${uuid}", "a=b"),
    *("1", "1 2", "sound.wav", "silence_stream://3000", "test/bob", "test/ring", "all", "main"),
    *("room@default", "room@closed", "room+12@default+flags{mute|moderator|endconf}", "lot 1"),
    *("q in", "q out wait", "q out nowait", "lot auto in 1 3", "lot ask", "1000 XML default"),
    *("default example.test 1000", "check default example.test 1000", "check default nowhere"),
    *("en number pronounced -12.5", "2 5 silence_stream://100 var 3000 #", "+5 transfer none"),
    *("1 3 2 2000 # silence_stream://100 none v \\d+ 500 hangup", "1 b a playback::x", "1,2|3,4"),
    *("test/bob|test/ring,test/bob:_:error/USER_BUSY", "a,~\\d,log,x", "http://127.0.0.1:1/x"),
]
"""What somebody may have meant, for one application or another, and what nobody can."""
DEEDS = {
    "hangs up at once": "hangup@0.05",
    "hangs up while it runs": "digit:5@0.2 hangup@0.5",
    "presses keys": "digit:1@0.1 digit:#@0.2 digit:*0@0.3 digit:1234#@1 digit:9@3 hangup@8",
    "stays": "",
}
"""What the caller does meanwhile."""


EXCHANGE = ChannelState.CS_EXCHANGE_MEDIA


@asynccontextmanager
async def office(folder: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Bench]:
    """A switch with every module that has applications; nothing it does may raise."""
    caplog.set_level(logging.WARNING)
    modules.discover()
    async with bench(folder, configuration=CONFIGURATION, directory=USERS) as b:
        for name in MODULES:
            assert await b.switch.modules.load(name) is None
        b.script("bob", "answer@1 hangup@3")
        b.script("ring", "ring@0 hangup@30")
        b.script("partner", "answer@0 digit:1@0.4 digit:#@3")
        yield b
    failed = [record.getMessage() for record in caplog.records if record.exc_info]
    assert not failed, "\n".join(failed)


def names() -> list[str]:
    return [entry.name for entry in registry.application if entry.name not in SKIPPED]


async def over(b: Bench, seconds: float) -> None:
    """Whoever is left after a while is hung up; then nobody may be left.

    What calls several phones in turn, such as `page`, may call one more then.
    """
    waited = 0.0
    while b.switch.sessions and waited < seconds:
        await b.after(0.5)
        waited += 0.5
    for _ in range(4):
        for session in list(b.switch.sessions.values()):
            session.hangup()
        await b.after(1)
    assert not b.switch.sessions
    b.events.clear()


@pytest.mark.parametrize("seed", range(4))
async def test_every_application_bears_whatever_data_it_gets(
    tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(seed)
    async with office(tmp_path, caplog) as b:
        for name in names() * 6:
            glue = dice.choice(" |/=,")
            data = glue.join(dice.choice(WORDS) for _ in range(dice.randint(0, 5)))
            session = b.call("none", script=dice.choice(list(DEEDS.values())))
            session.actions = [PlannedAction(name, data)]
            await over(b, 10)


@pytest.mark.parametrize("deed", DEEDS)
async def test_nobody_is_left_whatever_the_caller_does_meanwhile(
    tmp_path: Path, deed: str, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(deed)
    async with office(tmp_path, caplog) as b:
        for name in names():
            for data in dice.sample(MEANT, 8):
                session = b.call("none", script=DEEDS[deed])
                session.actions = [PlannedAction(name, data)]
                await over(b, 10)


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("leg", ["aleg", "both"])
async def test_in_the_middle_of_a_talk_nobody_is_left_either(
    tmp_path: Path, deed: str, leg: str, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(deed + leg)
    async with office(tmp_path, caplog) as b:
        for name in names():
            for data in dice.sample(MEANT, 3):
                session = b.call("none", script=DEEDS[deed])
                session.actions = [PlannedAction("bridge", "test/partner")]
                await b.after(0.04)
                await b.switch.run_command(f"uuid_broadcast {session.uuid} {name}::{data} {leg}")
                if deed != "stays":
                    await b.ended(session, within=15)
                    # Nobody talks on to a party that has left.
                    await b.after(4)
                    alone = [one for one in b.switch.sessions.values() if one.peer is None]
                    assert not [one for one in alone if one.channel.state is EXCHANGE]
                await over(b, 10)
