"""The database: one writer that nothing stops, and schemas that grow."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from softswitch.db.database import BATCH
from softswitch.db.sqlite import SqliteDatabase

SCHEMA = ("CREATE TABLE calls (number TEXT PRIMARY KEY, seconds INTEGER)",)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    made = SqliteDatabase(tmp_path / "deep/er/calls.db", SCHEMA)
    yield made
    made.close()


def rows(database: SqliteDatabase) -> list[tuple[object, ...]]:
    database.flush().result(5)
    return list(database.query("SELECT number, seconds FROM calls ORDER BY rowid"))


def insert(database: SqliteDatabase, number: str | None, seconds: int = 0) -> None:
    database.execute("INSERT INTO calls VALUES (?, ?)", (number, seconds))


def test_rows_are_on_disk_once_flushed_in_their_order(database: SqliteDatabase) -> None:
    for number in range(2 * BATCH + 5):
        insert(database, str(number), number)
    assert [row[1] for row in rows(database)] == list(range(2 * BATCH + 5))
    assert "0 waiting, 0 failed" in repr(database)


def test_the_file_is_for_its_owner_alone(database: SqliteDatabase) -> None:
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("INSERT INTO calls VALUES (?, ?)", ("1", 0)),
        ("INSERT INTO nowhere VALUES (1)", ()),
        ("nonsense", ()),
        ("INSERT INTO calls VALUES (?, ?)", ("only one",)),
        ("INSERT INTO calls VALUES (?, ?)", ("\udcff", 0)),
        ("INSERT INTO calls VALUES (?, ?)", ("big", 2**70)),
        ("INSERT INTO calls VALUES ('\udcff', 0)", ()),
        ("INSERT INTO calls VALUES ('\0', 0)", ()),
    ],
    ids=["twice", "no table", "no SQL", "too few", "no UTF-8", "too big", "no UTF-8 SQL", "zero"],
)
def test_a_statement_that_fails_costs_only_itself(
    database: SqliteDatabase,
    caplog: pytest.LogCaptureFixture,
    statement: str,
    values: tuple[str | int, ...],
) -> None:
    insert(database, "1")
    database.execute(statement, values)
    insert(database, "2")
    assert [row[0] for row in rows(database)] == ["1", "2"]
    assert database.failed == 1
    assert "calls.db was not written" in caplog.text


def test_a_batch_that_cannot_be_committed_costs_only_itself(
    database: SqliteDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    database.execute("ROLLBACK")  # takes the writer's own transaction away
    database.flush().result(5)
    insert(database, "2")
    assert [row[0] for row in rows(database)] == ["2"]
    assert database.failed == 1
    assert "a batch was not written" in caplog.text


def test_a_database_that_is_locked_for_a_while_is_waited_for(database: SqliteDatabase) -> None:
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    insert(database, "1")
    flushed = database.flush()
    assert not flushed.done()
    other.execute("COMMIT")
    other.close()
    flushed.result(5)
    assert len(rows(database)) == 1


async def test_a_flush_that_nobody_waits_for_harms_nothing(database: SqliteDatabase) -> None:
    waiting = asyncio.wrap_future(database.flush())
    waiting.cancel()
    cancelled: Future[None] = database.flush()
    cancelled.cancel()
    insert(database, "1")
    assert len(rows(database)) == 1


def test_closing_writes_what_waits(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "calls.db", SCHEMA)
    for number in range(BATCH + 1):
        insert(database, str(number))
    database.close()
    database.close()
    database.flush().result(0)
    assert len(database.query("SELECT * FROM calls")) == BATCH + 1


def test_what_was_flushed_survives_a_crash(tmp_path: Path) -> None:
    """The files as they lie there while the writer still runs are a whole database."""
    database = SqliteDatabase(tmp_path / "calls.db", SCHEMA)
    insert(database, "1")
    database.flush().result(5)
    (tmp_path / "after").mkdir()
    for path in tmp_path.glob("calls.db*"):
        (tmp_path / "after" / path.name).write_bytes(path.read_bytes())
    crashed = SqliteDatabase(tmp_path / "after/calls.db", SCHEMA)
    assert rows(crashed) == [("1", 0)]
    crashed.close()
    database.close()


def test_a_schema_grows_by_the_scripts_that_have_not_run(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    first = SqliteDatabase(path, SCHEMA)
    insert(first, "1")
    first.close()
    grown = (*SCHEMA, "ALTER TABLE calls ADD note TEXT; UPDATE calls SET note = 'old'")
    for _ in range(2):
        second = SqliteDatabase(path, grown)
        assert second.query("SELECT number, note FROM calls") == [("1", "old")]
        assert second.query("PRAGMA user_version") == [(2,)]
        second.close()


def test_a_script_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "calls.db"
    SqliteDatabase(path, SCHEMA).close()
    broken = (*SCHEMA, "ALTER TABLE calls ADD note TEXT; nonsense")
    with pytest.raises(sqlite3.Error):
        SqliteDatabase(path, broken)
    database = SqliteDatabase(path, SCHEMA)
    assert database.query("PRAGMA user_version") == [(1,)]
    assert len(database.query("PRAGMA table_info(calls)")) == 2
    database.close()


@pytest.mark.parametrize("content", [b"this is no database, and longer than a header" * 9, None])
def test_a_file_that_cannot_be_used_is_told_at_once(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "calls.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises((sqlite3.Error, OSError)):
        SqliteDatabase(path, SCHEMA)
