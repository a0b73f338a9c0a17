from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from tests.modules.lcr.support import configuration, make_database
from tests.support.switch import bench


async def test_rates_may_come_after_the_start(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, configuration=configuration()) as b:
        run = b.switch.run_command
        assert await b.switch.modules.load("mod_lcr") is None
        assert "there is no such file" in await run("lcr 4989")
        make_database(tmp_path / "db/rates.db")
        assert "cheap" in await run("lcr 4989")
        assert await b.switch.modules.unload("mod_lcr") is None
        assert "not loaded" in await run("lcr 4989")


@pytest.mark.parametrize("dsn", ["freeswitch-mysql:freeswitch:x", ""])
async def test_it_starts_without_a_database(tmp_path: Path, dsn: str) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, configuration=configuration(dsn=dsn)) as b:
        assert await b.switch.modules.load("mod_lcr") is None
        assert "lcr.conf names no database" in await b.switch.run_command("lcr 49")
