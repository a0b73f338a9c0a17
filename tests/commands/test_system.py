from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.switch import bench


async def test_shell_commands_are_off_and_say_how_to_allow_them(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        names = ("system", "bg_system", "spawn", "bg_spawn", "spawn_stream")
        for line in (f"{name} touch {{0}}/x" for name in names):
            answer = await b.switch.run_command(line.format(tmp_path))
            assert answer.startswith("-ERR shell commands are off")
            assert "enable_system_api_commands=true" in answer
        assert not (tmp_path / "x").exists()


def test_where_they_are_allowed_they_run(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as b:
            b.switch.globals["enable_system_api_commands"] = "true"
            run = b.switch.run_command
            assert await run("system echo hi there") == "hi there\n"
            assert await run("spawn_stream echo DEADBEEF") == "DEADBEEF\n"
            assert await run("spawn echo DEADBEEF") == "+OK\n"
            assert await run("spawn") == "-USAGE: <command>\n"
            assert await run(f"bg_spawn touch {tmp_path}/x") == "+OK\n"
            for _ in range(500):
                if not b.switch.tasks:
                    break
                await asyncio.sleep(0.01)
            assert (tmp_path / "x").exists()
            assert await run("system") == await run("bg_system") == "-USAGE: <command>\n"

    asyncio.run(main())


async def test_files_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run(f"file_exists {tmp_path}/here") == "true"
        assert await run(f"file_exists {tmp_path}/there") == "false"
        assert await run("file_exists") == "false"
        assert await run("file_exists a\0b") == "false"


async def test_the_environment_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTSWITCH_TEST", "yes")
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("getenv SOFTSWITCH_TEST") == "yes"
        assert await b.switch.run_command("getenv NO_SUCH_VARIABLE") == "_undef_"


async def test_the_time_on_the_processor_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        own, kernel = (await b.switch.run_command("getcputime")).split(",")
        assert int(own) > 0 and int(kernel) >= 0
