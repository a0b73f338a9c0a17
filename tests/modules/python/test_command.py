"""The command ``python``."""

from __future__ import annotations

from pathlib import Path

from tests.modules.python.test_module import loaded, write
from tests.support.switch import bench


async def test_files_are_listed_and_reloaded(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "first")
    async with loaded(tmp_path) as (b, _):
        run = b.switch.run_command
        assert await run("python list") == "file|kind|name\na.py|application|mine\n"
        assert await run("python reload a") == "+OK\n"
        (tmp_path / "conf/python/a.py").write_text("(")
        answer = await run("python reload")
        assert answer.startswith("-ERR ") and "a.py:1: " in answer
        for line in ("python", "python list x", "python what"):
            assert (await run(line)).startswith("-USAGE: reload [<file>] | list")


async def test_without_the_module_the_command_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("python list") == "-ERR mod_python is not loaded\n"
