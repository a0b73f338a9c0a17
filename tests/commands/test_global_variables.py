from __future__ import annotations

from pathlib import Path

from tests.support.switch import bench


async def test_global_variables_are_read_written_and_listed(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("global_getvar domain") == "example.test"
        assert await run("global_getvar nothing") == ""
        assert await run("global_setvar a=b=c") == "-ERR\n"
        assert await run("global_setvar a=1") == "+OK"
        assert await run("global_getvar a") == "1"
        assert "\na=1\n" in "\n" + await run("global_getvar")
        assert await run("global_setvar a") == "+OK"
        assert await run("global_getvar a") == ""
        assert (await run("global_setvar")).startswith("-USAGE: ")


async def test_a_variable_may_be_set_only_if_it_has_a_certain_value(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        await run("global_setvar a=1")
        assert await run("global_setvar a=2 =9") == "-ERR\n"
        assert await run("global_getvar a") == "1"
        assert await run("global_setvar a=2 =1") == "+OK"
        assert await run("global_getvar a") == "2"
