from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.db.settings import read_settings
from tests.support.switch import bench


@pytest.mark.parametrize(
    ("dsn", "complaint"),
    [
        ("pgsql://host=db dbname=limits", ""),
        ("postgresql://db/limits", ""),
        ("", ""),
        ("limits:user:password", "this is no PostgreSQL"),
    ],
)
async def test_what_is_no_postgresql_is_told(tmp_path: Path, dsn: str, complaint: str) -> None:
    params = f'<param name="odbc-dsn" value="{dsn}"/><param name="dbname" value="x"/>'
    document = f'<configuration name="db.conf"><settings>{params}</settings></configuration>'
    async with bench(tmp_path, configuration=document) as b:
        element = b.switch.generation.configuration.configuration("db.conf")
        settings, findings = read_settings(element)
    assert settings.dsn == dsn
    assert "dbname" in findings[0].message
    assert [complaint in finding.message for finding in findings[1:]] == [True] * bool(complaint)
