from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from softswitch.modules.cdr.legs import Legs
from softswitch.modules.cdr.sql import SqliteTable


def table(path: Path, *names: str) -> SqliteTable:
    switch: Any = None
    return SqliteTable(switch, path, "cdr", names, Legs.BOTH)


def rows(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT * FROM cdr").fetchall()
    finally:
        connection.close()


async def test_each_record_is_one_row_however_often_it_is_delivered(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "cdr.db"
    sink = table(path, "caller_id_name", "uuid")
    records = [("1", ["Bob'); DROP TABLE cdr;--", "1"]), ("2", ["", "2"])]
    await sink.deliver(records, None, again=False)
    await sink.deliver(records, None, again=True)
    assert rows(path) == [("Bob'); DROP TABLE cdr;--", "1"), ("", "2")]


async def test_a_table_without_uuid_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "cdr.db"
    await table(path, "context").deliver([("1", ["c", "1"])], None, again=False)
    assert rows(path) == [("c", "1")]


async def test_columns_that_are_missing_are_added(tmp_path: Path) -> None:
    path = tmp_path / "cdr.db"
    await table(path, "uuid").deliver([("1", ["1"])], None, again=False)
    await table(path, "uuid", "context").deliver([("2", ["2", "c"])], None, again=False)
    assert rows(path) == [("1", None), ("2", "c")]


async def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "cdr.db").mkdir()
    with pytest.raises(sqlite3.Error):
        await table(tmp_path / "cdr.db", "uuid").deliver([("1", ["1"])], None, again=False)


async def test_odd_names_of_tables_are_names(tmp_path: Path) -> None:
    switch: Any = None
    sink = SqliteTable(switch, tmp_path / "x.db", 'a"b; DROP', ["uuid"], Legs.A)
    await sink.deliver([("1", ["1"])], None, again=False)
    connection = sqlite3.connect(tmp_path / "x.db")
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
    connection.close()
    assert 'a"b; DROP' in names
