from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize("name", ["system", "bgsystem"])
async def test_shell_commands_are_off_and_say_how_to_allow_them(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", f"{name} touch {tmp_path}/x", "set after=1")) as b:
        assert (await b.ended(b.call("1"))).get("after") == "1"
        assert f"{name}: shell commands are off" in caplog.text
        assert "enable_system_app_commands=true" in caplog.text
        assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", ["system", "bgsystem"])
def test_where_they_are_allowed_they_run(tmp_path: Path, name: str) -> None:
    async def main() -> None:
        async with bench(tmp_path, extension("1", f"{name} touch {tmp_path}/x", name)) as b:
            b.switch.globals["enable_system_app_commands"] = "true"
            await b.ended(b.call("1"))
            for _ in range(500):
                if not b.switch.tasks:
                    break
                await asyncio.sleep(0.01)
            assert (tmp_path / "x").exists()

    asyncio.run(main())
