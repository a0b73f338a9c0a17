"""Asking databases of somebody else's, SQLite's and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from softswitch.db import foreign
from softswitch.db.database import DatabaseError
from softswitch.db.foreign import Answer, ForeignDatabase
from tests.support.postgres import Postgres, needs_postgres

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "rates.db") as connection:
        connection.execute("CREATE TABLE rates (digits TEXT, rate REAL, note TEXT)")
        connection.execute("INSERT INTO rates VALUES ('49', 0.5, NULL), ('4930', 1, 'x')")
    connection.close()
    return tmp_path


async def test_rows_come_as_text_with_the_names_of_columns(folder: Path) -> None:
    database = ForeignDatabase("sqlite://rates.db", folder)
    assert await database.ask("SELECT digits, rate AS r, note FROM rates ORDER BY 1;") == Answer(
        ("digits", "r", "note"), (("49", "0.5", None), ("4930", "1.0", "x"))
    )
    assert await database.ask("SELECT 1 WHERE 0") == Answer(("1",), ())
    many = await asyncio.gather(*(database.ask(f"SELECT {n}") for n in range(50)))
    assert [answer.rows[0][0] for answer in many] == [str(n) for n in range(50)]
    assert "0 waiting" in repr(database)
    await database.close()


@pytest.mark.parametrize(
    ("dsn", "statement", "message"),
    [
        ("sqlite://rates.db", "SELECT * FROM nowhere", "no such table: nowhere"),
        ("sqlite://rates.db", "nonsense", "syntax error"),
        ("sqlite://rates.db", "SELECT 1; SELECT 2", "one statement at a time"),
        ("sqlite://nowhere.db", "SELECT 1", "there is no such file"),
    ],
)
async def test_what_goes_wrong_is_told(
    folder: Path, dsn: str, statement: str, message: str
) -> None:
    database = ForeignDatabase(dsn, folder)
    with pytest.raises(DatabaseError, match=message):
        await database.ask(statement)
    await database.close()
    assert not (folder / "nowhere.db").exists()


@pytest.mark.parametrize("dsn", ["", "freeswitch-mysql:root:pw", "nonsense"])
async def test_a_dsn_of_another_kind_is_refused(folder: Path, dsn: str) -> None:
    with pytest.raises(ValueError, match="DSN begins with"):
        ForeignDatabase(dsn, folder)


async def test_a_question_ends_by_its_time_limit(folder: Path) -> None:
    database = ForeignDatabase("sqlite://rates.db", folder, seconds=2)
    with pytest.raises(DatabaseError, match=r"within 2 s|interrupted"):
        await database.ask(ENDLESS)
    assert (await database.ask("SELECT 1")).rows == (("1",),), "others go on"
    await database.close()


async def test_so_many_wait_and_no_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "MOST_WAITING", 2)
    database = ForeignDatabase("sqlite://rates.db", folder)
    gate = threading.Event()
    monkeypatch.setattr(database, "_ask", lambda *_: gate.wait(60))
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(database.ask("SELECT 1"))
        await asyncio.sleep(0)
        with pytest.raises(DatabaseError, match="2 questions wait already"):
            await database.ask("SELECT 1")
        gate.set()
    await database.close()


@needs_postgres
async def test_postgresql_is_asked_the_same_way(tmp_path: Path, postgres: Postgres) -> None:
    database = ForeignDatabase(postgres.dsn, tmp_path)
    answer = await database.ask("SELECT 49::numeric AS digits, 0.50000, true, NULL, 'a%b';")
    assert answer.columns[0] == "digits"
    assert answer.rows == (("49", "0.50000", "t", None, "a%b"),)
    with pytest.raises(DatabaseError, match=r"PostgreSQL .*nowhere") as refused:
        await database.ask("SELECT * FROM nowhere")
    assert "pw" not in str(refused.value)
    assert (await database.ask("SELECT 2")).rows == (("2",),)
    await database.close()


@needs_postgres
async def test_postgresql_may_go_and_come_back(tmp_path: Path, postgres: Postgres) -> None:
    database = ForeignDatabase(postgres.dsn, tmp_path, seconds=30)
    await database.ask("SELECT 1")
    await asyncio.to_thread(postgres.stop)
    try:
        with pytest.raises(DatabaseError, match="PostgreSQL"):
            await database.ask("SELECT 1")
    finally:
        await asyncio.to_thread(postgres.start)
    assert (await database.ask("SELECT 3")).rows == (("3",),)
    await database.close()


@needs_postgres
async def test_postgresql_ends_a_question_that_takes_too_long(
    tmp_path: Path, postgres: Postgres
) -> None:
    database = ForeignDatabase(postgres.dsn, tmp_path, seconds=5)
    await database.ask("SELECT 1")
    with pytest.raises(DatabaseError, match=r"within 5 s|timeout"):
        await database.ask("SELECT pg_sleep(60)")
    await database.close()
