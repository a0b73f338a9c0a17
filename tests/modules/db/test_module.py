from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from tests.support.ports import free_port
from tests.support.postgres import needs_postgres
from tests.support.switch import bench


def configuration(dsn: str) -> str:
    param = f'<param name="odbc-dsn" value="{dsn}"/>'
    return f'<configuration name="db.conf"><settings>{param}</settings></configuration>'


@pytest.mark.parametrize("dsn", ["", "sqlite:///var/lib/x.db"])
async def test_without_a_server_the_limits_are_of_this_switch(tmp_path: Path, dsn: str) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, configuration=configuration(dsn)) as b:
        assert await b.switch.modules.load("mod_db") is None
        assert b.switch.limits.db.listener is None
        assert await b.switch.modules.unload("mod_db") is None


@needs_postgres
async def test_a_server_that_is_away_is_waited_for_until_the_module_is_unloaded(
    tmp_path: Path,
) -> None:
    registry.discover("softswitch.modules")
    dsn = f"pgsql://host=127.0.0.1 port={free_port()} dbname=limits"
    async with bench(tmp_path, configuration=configuration(dsn)) as b:
        assert await b.switch.modules.load("mod_db") is None
        assert b.switch.limits.db.listener is not None
        assert await b.switch.modules.unload("mod_db") is None
        assert b.switch.limits.db.listener is None
