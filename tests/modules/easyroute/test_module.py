from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.modules.easyroute.module import Destination, Easyroute
from tests.support.switch import Bench, bench

ROWS = """
CREATE TABLE gateways (gateway_id INTEGER PRIMARY KEY, gateway_ip TEXT, "group" TEXT,
  "limit" TEXT, techprofile TEXT);
CREATE TABLE numbers (number_id INTEGER PRIMARY KEY, gateway_id INTEGER, number TEXT,
  acctcode TEXT, translated TEXT);
INSERT INTO gateways VALUES (1, '192.0.2.7:5060', 'west', '10', 'sofia/out'),
  (2, '', '', '', NULL);
INSERT INTO numbers VALUES (1, 1, '18005551212', 'acme', '2125551212'), (2, 2, '5', 'b', ''),
  (3, 1, 'o''hara', '', '1,user/1');
"""


def configuration(*more: str, dsn: str = "sqlite://easy.db") -> str:
    params = "".join(f'<param name="{more[i]}" value="{more[i + 1]}"/>' for i in (0,) if more)
    return (
        '<configuration name="easyroute.conf"><settings>'
        f'<param name="db-dsn" value="{dsn}"/><param name="default-gateway" value="gw.test"/>'
        f"{params}</settings></configuration>"
    )


async def loaded(b: Bench) -> Easyroute:
    registry.discover("softswitch.modules")
    path = b.switch.folders.data / "db/easy.db"
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(ROWS)
    connection.close()
    assert await b.switch.modules.load("mod_easyroute") is None
    module = b.switch.modules.running["mod_easyroute"]
    assert isinstance(module, Easyroute)
    return module


async def test_a_number_goes_where_its_row_says_or_to_the_default(tmp_path: Path) -> None:
    async with bench(tmp_path, configuration=configuration()) as b:
        easy = await loaded(b)
        assert await easy.look_up("18005551212") == Destination(
            "sofia/out/2125551212@192.0.2.7:5060", "2125551212", "10", "west", "acme"
        )
        assert await easy.look_up("5") == Destination(
            "sofia/default/5@gw.test", "5", "9999", "", "b"
        )
        assert await easy.look_up("7") == Destination("sofia/default/7@gw.test", "7")
        assert (await easy.look_up("5", "")).dial_string == "sofia/default/5gw.test"
        assert (await easy.look_up("o'hara")).dial_string == ("sofia/out/1user1@192.0.2.7:5060"), (
            "quoted, and never more than one leg"
        )
        assert await b.switch.modules.unload("mod_easyroute") is None


@pytest.mark.parametrize(
    ("query", "dial_string", "told"),
    [
        ("SELECT 'g%s', '', 5, 'sofia/x', '', '9%q'", "sofia/x/91@g1", ""),
        ("SELECT %s, '', 5, 'sofia/x', '', ''", "sofia/x/1@1", ""),
        ("SELECT 'g'", "sofia/default/1@gw.test", "finds 1 columns, not 6"),
        ("SELECT * FROM nowhere", "sofia/default/1@gw.test", "no such table"),
    ],
)
async def test_a_query_of_the_operators_finds_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, query: str, dial_string: str, told: str
) -> None:
    async with bench(tmp_path, configuration=configuration("custom-query", query)) as b:
        easy = await loaded(b)
        assert (await easy.look_up("1")).dial_string == dial_string
        assert told in caplog.text


async def test_a_bare_number_in_a_query_must_be_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    query = "SELECT %s, '', 5, 'sofia/x', '', ''"
    async with bench(tmp_path, configuration=configuration("custom-query", query)) as b:
        easy = await loaded(b)
        assert (await easy.look_up("1 OR 1")).dial_string == "sofia/default/1OR1@gw.test"
        assert "may not stand bare" in caplog.text


async def test_without_a_database_all_numbers_go_to_the_default(tmp_path: Path) -> None:
    async with bench(tmp_path, configuration=configuration(dsn="easyroute")) as b:
        easy = await loaded(b)
        assert (await easy.look_up("18005551212")).dial_string == (
            "sofia/default/18005551212@gw.test"
        )
