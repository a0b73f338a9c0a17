from __future__ import annotations

from pathlib import Path

from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs


async def test_echo_connects_the_caller_with_itself(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("9196", "echo")) as b:
        session = b.call("9196")
        await b.after(1)
        stream = far_end(session.media)
        assert session.channel.answered
        assert stream.connected_to is stream
        session.hangup()
        await b.ended(session)


async def test_echo_sends_digits_back_that_did_not_come_in_rtp(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("9196", "echo")) as b:
        session = b.call("9196", script="digit:7@1")
        await b.after(2)
        session.on_digit("4", 100, "info")
        await b.after(1)
        assert [verb for verb in verbs(session) if verb.startswith("digits")] == ["digits 4 100"]
        assert not session.digits
        session.hangup()
        await b.ended(session)


async def test_a_break_ends_echo_and_the_dialplan_goes_on(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("9196", "echo", "set after=yes", "sleep 500")) as b:
        session = b.call("9196")
        await b.after(1)
        assert await b.switch.run_command(f"uuid_break {session.uuid}") == "+OK\n"
        await b.after(0.1)
        assert far_end(session.media).connected_to is None
        await b.ended(session, within=1)
        assert session.get("after") == "yes"
