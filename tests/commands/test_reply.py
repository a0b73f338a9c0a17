from __future__ import annotations

from pathlib import Path

from softswitch.commands.reply import find_live, usage
from softswitch.switch.commands import CommandCall
from tests.support.switch import bench, extension


def test_usage_is_the_registered_syntax() -> None:
    assert usage("uuid_kill") == "-USAGE: <uuid> [cause]\n"


async def test_a_call_that_is_hung_up_is_not_live(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        call = CommandCall(b.switch)
        assert find_live(call, session.uuid) is session
        session.hangup()
        assert find_live(call, session.uuid) is None
        await b.ended(session)
