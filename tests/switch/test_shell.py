from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.switch import shell
from tests.support.switch import bench


@pytest.mark.parametrize(
    ("variables", "allowed"),
    [
        ({}, False),
        ({"enable_system_api_commands": "true"}, True),
        ({"enable_system_app_commands": "true"}, False),
        ({"enable_system_api_commands": "yes", "disable_system_api_commands": "true"}, False),
    ],
)
async def test_shell_commands_must_be_allowed(
    tmp_path: Path, variables: dict[str, str], allowed: bool
) -> None:
    async with bench(tmp_path) as b:
        b.switch.globals.update(variables)
        if allowed:
            shell.check_allowed(b.switch, "api")
        else:
            with pytest.raises(shell.ShellForbidden, match="enable_system_api_commands=true"):
                shell.check_allowed(b.switch, "api")


def test_all_that_a_command_prints_is_returned() -> None:
    assert asyncio.run(shell.run("echo out; echo err >&2; exit 3")) == "out\nerr\n"


def test_a_cancelled_caller_takes_the_command_with_it(tmp_path: Path) -> None:
    async def main() -> None:
        task = asyncio.get_running_loop().create_task(
            shell.run(f"echo $$ > {tmp_path}/pid; exec sleep 60")
        )
        for _ in range(500):
            if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
                break
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        process = Path("/proc") / (tmp_path / "pid").read_text().strip()
        for _ in range(100):
            if not process.exists():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the command still runs")

    asyncio.run(main())
