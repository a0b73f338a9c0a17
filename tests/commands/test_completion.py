"""Completion for consoles of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("show ch", f"[{'channels':>20}]\t[{'chat':>20}]\t\n\nwrite=2:cha"),
        ("sofia sta", f"[{'status':>20}]\t\n\nwrite=3:status"),
        ("fsctl pause in", f"[{'inbound':>20}]\t\n\nwrite=2:inbound"),
        ("touppe", f"[{'toupper':>20}]\t\n\nwrite=6:toupper"),
        ("show zz", ""),
        ("nosuch x", ""),
    ],
)
async def test_words_are_completed(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(f"console_complete {line}") == answer


async def test_many_words_stand_in_rows_of_four(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command("console_complete uui")
        first, *_ = answer.split("\n")
        assert first.count("[") == 4
        assert answer.endswith("\n\nwrite=3:uuid_")


async def test_calls_are_completed_behind_commands_about_calls(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100")
        answer = await b.switch.run_command("console_complete uuid_kill 0000")
        assert answer.endswith(f"write=4:{session.uuid}")
        session.hangup()


async def test_words_are_taught_and_taken_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("complete add my  command here") == "+OK\n"
        assert await run("complete add my other") == "+OK\n"
        assert (await run("console_complete my c")).endswith("write=1:command")
        assert (await run("console_complete my command h")).endswith("write=1:here")
        assert await run("complete del my command here") == "+OK\n"
        assert await run("console_complete my c") == ""
        assert await run("complete del *") == "+OK\n"
        assert await run("console_complete my o") == ""
        for line in ("complete", "complete del", "complete what"):
            assert await run(line) == "-USAGE: add <word>|del [<word>|*]\n"
