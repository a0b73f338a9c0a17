"""Commands that speak to phones: what they hand to the leg, and their answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.leg import ScriptedLeg
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


NOBODY = (
    "-err operation failed",
    "-err no such channel none!",
    "-err unable to find session for uuid",
)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("uuid_display {} Bob|42", "Display(name='Bob', number='42', asked=True)"),
        ("uuid_send_info {} a b c d", "Information(body='c d', content_type='a/b')"),
        ("uuid_send_info {} news", "Information(body='news', content_type='')"),
        ("uuid_send_message {} hi you", "TextMessage(body='hi you', content_type='text/plain')"),
        ("uuid_phone_event {} TALK", "PhoneEvent(name='talk')"),
        ("uuid_media_reneg {} =PCMA", "NewCodecs(codecs='PCMA')"),
        ("uuid_media_reneg {}", "NewCodecs(codecs='')"),
    ],
)
async def test_a_command_is_said_to_the_leg(tmp_path: Path, command: str, said: str) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        session = b.call("1")
        await b.after(1)
        told = await b.switch.run_command(command.format(session.uuid))
        assert told in ("+OK\n", "+OK Success\n")
        assert isinstance(session.leg, ScriptedLeg)
        assert said in session.leg.verbs
        name = command.partition(" ")[0]
        assert (await b.switch.run_command(f"{name} none x")).lower().startswith(NOBODY)
        assert (await b.switch.run_command(name)).startswith("-USAGE: <uuid>")
        session.hangup()
        await b.ended(session)


async def test_early_media_counts_when_that_is_asked_for_later(tmp_path: Path) -> None:
    dial = extension("1", "bridge {ignore_early_media=true}test/bob")
    async with bench(tmp_path, dial) as b:
        b.script("bob", "early@1 answer@60")
        session = b.call("1")
        await b.after(2)
        assert session.peer is None
        (bob,) = [each for each in b.switch.sessions.values() if each is not session]
        assert await b.switch.run_command(f"uuid_early_ok {bob.uuid}") == "+OK\n"
        await b.after(1)
        assert session.peer is bob
        assert (await b.switch.run_command("uuid_early_ok")) == "-ERROR\n"
        session.hangup()
        await b.ended(session)
