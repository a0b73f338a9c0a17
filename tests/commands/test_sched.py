from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_commands_run_later_once_or_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("sched_api +5 none global_setvar once=1") == "+OK Added: 1\n"
        assert await run("sched_api @10 mine hash insert/r/k/${x} &") == "+OK Added: 2\n"
        await b.after(6)
        assert b.switch.globals["once"] == "1"
        tasks = await run("show tasks")
        assert "2,hash insert/r/k/${x},mine," in tasks and "1 total." in tasks
        assert await run("sched_del mine") == "+OK Deleted: 1\n"
        assert await run("sched_del 99") == "+OK Deleted: 0\n"
        assert await run("show tasks") == "\n0 total.\n"


async def test_a_repeated_command_runs_until_it_is_taken_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await b.switch.run_command("sched_api @10 mine group insert:g:${now}")
        await b.after(35)
        assert [event.headers.get("API-Command") for event in b.events].count("group") == 3
        assert await b.switch.run_command("unsched_api 1") == "+OK\n"
        assert await b.switch.run_command("unsched_api 1") == "-ERR No such id\n"


async def test_calls_are_hung_up_moved_and_played_to_later(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park"), extension("2", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run = b.switch.run_command
        assert await run(f"sched_broadcast +1 {session.uuid} silence_stream://500") == (
            "+OK Message scheduled\n"
        )
        assert await run(f"sched_transfer +5 {session.uuid} 2 XML default") == "+OK\n"
        assert await run(f"sched_hangup +9 {session.uuid} USER_BUSY") == "+OK\n"
        await b.after(2)
        assert far_end(session.media).played == ["silence 500,0"]
        await b.after(4)
        assert session.channel.profile.destination_number == "2"
        await b.ended(session)
        assert session.channel.hangup_cause is HangupCause.USER_BUSY


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("sched_api +5", "-ERR Invalid syntax. USAGE: [+@]<time>"),
        ("sched_api soon g status", "-ERR Invalid syntax. USAGE: [+@]<time>"),
        ("sched_api @0 g status", "-ERR Invalid syntax. USAGE: [+@]<time>"),
        ("sched_del", "+OK Deleted: 0"),
        ("sched_hangup", "-USAGE: "),
        ("sched_hangup +5", "-ERR No such channel!"),
        ("sched_hangup +5 x", "-ERR No such channel!"),
        ("sched_transfer +5", "-USAGE: "),
        ("sched_transfer +5 x 1", "-ERR No such channel!"),
        ("sched_broadcast +5 x", "-USAGE: "),
        ("sched_broadcast +5 x y noleg", "-USAGE: "),
        ("sched_broadcast +5 x y", "-ERR No such channel!"),
    ],
)
async def test_what_is_wrong_is_told(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command(line)).startswith(answer)


@pytest.mark.parametrize(
    "line", ["sched_hangup x {}", "sched_transfer x {} 1", "sched_broadcast x {} y"]
)
async def test_a_time_is_wanted(tmp_path: Path, line: str) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        assert (await b.switch.run_command(line.format(session.uuid))).startswith("-USAGE: ")
        session.hangup()
        await b.ended(session)
