from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.switch import bench, extension


async def test_usage_is_told_taken_and_given_back(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run = b.switch.run_command
        assert await run("limit_usage hash r x") == "0"
        assert await run(f"uuid_limit {session.uuid} hash r x 5/60") == "+OK"
        assert await run("limit_usage hash r x") == "1"
        assert await run("limit_usage hash r x rate") == "1/1"
        assert await run("limit_status hash") == (
            f"Tracking 1 resources for hostname {b.switch.hostname}."
        )
        assert await run("limit_status nosuch") == "-ERR"
        assert await run("limit_reset nosuch") == "-ERR"
        assert await run("limit_usage nosuch r x") == "0"
        assert await run("limit_interval_reset hash r x") == "+OK"
        assert await run("limit_usage hash r x rate") == "1/0"
        assert await run(f"uuid_limit_release {session.uuid} hash r x") == "+OK"
        assert await run("limit_usage hash r x") == "0"
        await run(f"uuid_limit {session.uuid} hash r y")
        assert await run(f"uuid_limit_release {session.uuid} hash") == "+OK"
        assert await run("limit_reset hash") == "+OK"
        session.hangup()
        await b.ended(session)


async def test_over_the_limit_the_call_is_sent_away(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", "park"), extension("limit_exceeded", "set over=yes")
    ) as b:
        sent, hung = b.call("1"), b.call("1")
        await b.after(0.1)
        await b.switch.run_command(f"uuid_limit {sent.uuid} hash r x 0")
        await b.switch.run_command(f"uuid_limit {hung.uuid} hash r x 0 !USER_BUSY")
        await b.ended(sent)
        await b.ended(hung)
        assert sent.get("over") == "yes"
        assert hung.channel.hangup_cause is HangupCause.USER_BUSY


@pytest.mark.parametrize(
    "name",
    [
        "limit_usage",
        "limit_status",
        "limit_reset",
        "limit_interval_reset",
        "uuid_limit",
        "uuid_limit_release",
    ],
)
async def test_without_arguments_the_usage_is_told(tmp_path: Path, name: str) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command(name)).startswith(f"USAGE: {name} <")


@pytest.mark.parametrize("line", ["uuid_limit x hash r y", "uuid_limit_release x hash"])
async def test_calls_that_are_not_there_are_told(tmp_path: Path, line: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == "-ERR Cannot find session with uuid x\n"
        assert await b.switch.run_command("limit_interval_reset hash r y") == "+OK"
