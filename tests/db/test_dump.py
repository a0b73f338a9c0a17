"""Backups: of either database, into either."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from softswitch.db.database import Database
from softswitch.db.dump import BadBackup, lines, load, stores_of
from softswitch.db.postgres import PostgresDatabase
from softswitch.db.sqlite import SqliteDatabase
from tests.support.postgres import Postgres, needs_postgres

SCHEMA = (
    "CREATE TABLE a (position INTEGER PRIMARY KEY, name TEXT UNIQUE, at REAL);"
    'CREATE TABLE b ("user" TEXT)',
)
FILLED = ["INSERT INTO a (name, at) VALUES ('x''\n', 0.1)", "INSERT INTO a (name) VALUES ('y')"]


def sqlite(folder: Path, name: str) -> Database:
    return SqliteDatabase(folder / name, SCHEMA)


def fill(database: Database) -> list[str]:
    for statement in FILLED:
        database.execute(statement)
    database.execute('INSERT INTO b ("user") VALUES (?)', ("ü",))
    database.flush().result(30)
    return list(lines("store", database))


def restore(database: Database, text: list[str]) -> list[str]:
    [(name, version, rows)] = stores_of(text)
    assert (name, version) == ("store", 1)
    assert load(database, rows) == 3
    return list(lines("store", database))


def test_what_is_backed_up_is_there_again(tmp_path: Path) -> None:
    first, second = sqlite(tmp_path, "1.db"), sqlite(tmp_path, "2.db")
    text = fill(first)
    assert [json.loads(line) for line in text][1:4] == [
        {"table": "a", "columns": ["name", "at"]},
        ["x'\n", 0.1],
        ["y", None],
    ]
    second.execute("INSERT INTO a (name) VALUES ('gone')")
    for _ in range(2):
        assert restore(second, text) == text
    first.close()
    second.close()


@needs_postgres
def test_a_backup_moves_between_the_databases(tmp_path: Path, postgres: Postgres) -> None:
    there = PostgresDatabase(postgres.dsn.removeprefix("pgsql://"), "dumped", SCHEMA)
    here, back = sqlite(tmp_path, "1.db"), sqlite(tmp_path, "2.db")
    text = fill(here)
    assert restore(there, text) == text
    there.execute("INSERT INTO a (name) VALUES ('z')")
    there.flush().result(30)
    assert there.failed == 0 and there.problems() == []
    assert there.query("SELECT name FROM a ORDER BY position") == [("x'\n",), ("y",), ("z",)]
    there.execute("DELETE FROM a WHERE name = 'z'")
    there.flush().result(30)
    assert restore(back, list(lines("store", there))) == text
    for database in (here, there, back):
        database.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (["nonsense"], "line 1 is none of a backup"),
        (["[1]"], "no backup of softswitch"),
        (['{"store": "a"}'], "line 1 is none"),
        (['{"store": "a", "version": "x"}'], "line 1 is none"),
    ],
)
def test_what_is_no_backup_is_told(text: list[str], message: str) -> None:
    with pytest.raises(BadBackup, match=message):
        list(stores_of(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (['{"table": "c", "columns": []}'], "table c is not known"),
        (['{"table": "a", "columns": ["evil"]}'], "table a is not known"),
        (["[1]"], "not the row of a table"),
        (['{"table": "b", "columns": ["user"]}', "[1, 2]"], "not the row"),
        (['{"table": "b", "columns": ["user"]}', "[[1]]"], "not the row"),
        (['{"table": "a", "columns": ["name"]}', '["x"]', '["x"]'], "1 rows could not"),
    ],
)
def test_rows_that_do_not_fit_are_told(tmp_path: Path, text: list[str], message: str) -> None:
    database = sqlite(tmp_path, "1.db")
    with pytest.raises(BadBackup, match=message):
        load(database, text)
    database.close()


def test_a_broken_file_has_problems(tmp_path: Path) -> None:
    database = sqlite(tmp_path, "1.db")
    assert database.problems() == []
    for number in range(2000):
        database.execute("INSERT INTO a (name) VALUES (?)", (f"name {number}",))
    database.close()
    content = bytearray((tmp_path / "1.db").read_bytes())
    content[12288:16384] = bytes(4096)
    (tmp_path / "1.db").write_bytes(content)
    again = sqlite(tmp_path, "1.db")
    assert again.problems()
    again.close()
