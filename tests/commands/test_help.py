from __future__ import annotations

from pathlib import Path

from softswitch import registry
from tests.support.switch import bench


async def test_help_lists_every_command(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command("help")
        assert answer.startswith("\nValid Commands:\n\n")
        for entry in registry.command:
            assert f"\n{entry.name},{entry.syntax}," in answer


async def test_help_explains_one_command_or_application(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert (await run("help uuid_kill")).startswith("uuid_kill <uuid> [cause]\n\nHang up")
        assert "milliseconds" in await run("help sleep")
        assert (await run("help nosuch")).startswith("-ERR ")


def test_everything_has_help_and_the_module_it_is_known_from() -> None:
    for entries in (registry.application, registry.command):
        assert not [entry.name for entry in entries if not entry.help or not entry.module]


async def test_an_alias_stands_for_a_command_line(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("alias add up toupper ab") == "+OK\n"
        assert await run("up cd") == "AB CD"
        assert await run("up") == "AB"
        assert f"0,up,toupper ab,{b.switch.hostname}\n" in await run("show aliases")
        assert await run("alias del up") == "+OK\n"
        assert (await run("up")).startswith("-ERR up Command not found!")
        await run("alias stickyadd a status")
        assert await run("alias del *") == "+OK\n"
        assert await run("show aliases") == "\n0 total.\n"


async def test_aliases_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert (await run("alias")).startswith("-USAGE: ")
        assert (await run("alias add x")).startswith("-USAGE: ")
        assert await run("alias del x") == "+OK\n"
        assert (await run("alias add status echo")).startswith("-ERR ")
