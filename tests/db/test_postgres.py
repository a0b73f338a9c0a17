"""PostgreSQL, a real one: the same promises as SQLite's, and a server that goes away."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from softswitch.db import postgres as module
from softswitch.db.database import BATCH, DatabaseError, upsert
from softswitch.db.dsn import connection_text
from softswitch.db.postgres import PostgresDatabase, first_line, storable, translated
from tests.support.postgres import Postgres, needs_postgres

pytestmark = needs_postgres
SCHEMA = ("CREATE TABLE calls (number TEXT PRIMARY KEY, seconds INTEGER, at REAL)",)
PUT = upsert("calls", ("number", "seconds"), ("number",))
_names = (f"store_{number}" for number in itertools.count())


@pytest.fixture
def database(postgres: Postgres) -> Iterator[PostgresDatabase]:
    made = PostgresDatabase(connection_text(postgres.dsn), next(_names), SCHEMA)
    yield made
    made.close()


def rows(database: PostgresDatabase) -> list[tuple[object, ...]]:
    database.flush().result(30)
    return list(database.query("SELECT number, seconds FROM calls ORDER BY rowid"))


def test_rows_are_there_once_flushed_in_their_order(database: PostgresDatabase) -> None:
    for number in range(2 * BATCH + 5):
        database.execute(PUT, (str(number), number))
    assert [row[1] for row in rows(database)] == list(range(2 * BATCH + 5))
    assert "0 waiting, 0 failed" in repr(database)


def test_a_row_takes_the_place_of_one_with_its_key(database: PostgresDatabase) -> None:
    database.execute(PUT, ("1", 1))
    database.execute(PUT, ("1", 2))
    assert rows(database) == [("1", 2)]


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("INSERT INTO calls VALUES (?, ?)", ("1", 0)),
        ("INSERT INTO nowhere VALUES (1)", ()),
        ("nonsense", ()),
        ("INSERT INTO calls VALUES (?, ?)", ("only one",)),
        ("INSERT INTO calls VALUES (?, ?)", ("big", 2**70)),
        ("INSERT INTO calls VALUES (?, ?)", ("x", "no number")),
        ("INSERT INTO calls VALUES ('\udcff', 'x')", ()),
        ("INSERT INTO calls VALUES (?, 0)", ("".join(map(chr, range(0x4E00, 0x9E00))),)),
    ],
    ids=[
        *("twice", "no table", "no SQL", "too few", "too big", "no number", "no UTF-8"),
        "more than an index takes",
    ],
)
def test_a_statement_that_is_refused_costs_only_itself(
    database: PostgresDatabase,
    caplog: pytest.LogCaptureFixture,
    statement: str,
    values: tuple[str | int, ...],
) -> None:
    database.execute(PUT, ("1", 1))
    database.execute(statement, values)
    database.execute(PUT, ("2", 2))
    assert rows(database) == [("1", 1), ("2", 2)]
    assert database.failed == 1
    assert "was not written" in caplog.text


def test_text_that_is_none_is_made_some(database: PostgresDatabase) -> None:
    database.execute(PUT, ("a\0b\udcff'; DROP TABLE calls; --%s?", 1))
    assert rows(database) == [("a�b?'; DROP TABLE calls; --%s?", 1)]
    assert storable(["\0", None, 1, b"\0"]) == ["�", None, 1, b"\0"]


def test_times_keep_their_digits(database: PostgresDatabase) -> None:
    database.execute("INSERT INTO calls VALUES (?, ?, ?)", ("1", 2**40, 1790000000.125))
    database.flush().result(30)
    found = database.query("SELECT seconds, at, sum(seconds) FROM calls GROUP BY 1, 2")
    assert found == [(2**40, 1790000000.125, 2**40)]
    assert [type(value) for value in found[0]] == [int, float, int]


def test_what_is_written_while_the_server_is_away_is_written_when_it_is_back(
    postgres: Postgres, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_DELAY", 0.2)
    database = PostgresDatabase(connection_text(postgres.dsn), next(_names), SCHEMA)
    database.execute(PUT, ("before", 0))
    assert rows(database) == [("before", 0)]
    postgres.stop()
    with caplog.at_level(logging.INFO):
        database.execute(PUT, ("during", 1))
        database.execute("nonsense")
        for number in range(BATCH):
            database.execute(PUT, (str(number), number))
        with pytest.raises(DatabaseError, match="PostgreSQL postgres at 127"):
            database.query("SELECT 1")
        flushed = database.flush()
        assert not flushed.done()
        postgres.start()
        flushed.result(30)
    assert len(rows(database)) == BATCH + 2
    assert database.failed == 1
    assert "is away" in caplog.text and "is back" in caplog.text
    database.close()


def test_closing_while_the_server_is_away_tells_what_is_lost(
    postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    database = PostgresDatabase(connection_text(postgres.dsn), next(_names), SCHEMA)
    postgres.stop()
    database.execute(PUT, ("1", 1))
    database.close()
    postgres.start()
    assert database.failed == 1
    assert "1 changes were not written" in caplog.text


def test_a_server_that_is_not_there_is_told_without_the_password(postgres: Postgres) -> None:
    text = connection_text(postgres.dsn).replace(f"port={postgres.port}", "port=1")
    with pytest.raises(DatabaseError, match="refused") as refused:
        PostgresDatabase(text, "nowhere", SCHEMA)
    assert "pw" not in str(refused.value)


def test_who_is_patient_writes_to_a_server_that_comes_later(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LONGEST_DELAY", 0.2)
    postgres.stop()
    name = next(_names)
    with caplog.at_level(logging.INFO):
        database = PostgresDatabase(connection_text(postgres.dsn), name, SCHEMA, patient=True)
        database.execute(PUT, ("early", 1))
        with pytest.raises(DatabaseError, match="is away"):
            database.query("SELECT 1")
        assert not database.ready.done()
        postgres.start()
        database.ready.result(30)
    assert rows(database) == [("early", 1)]
    assert f"is away, {name} waits" in caplog.text
    assert f"is there; {name} is read and written" in caplog.text
    database.close()


def test_a_patient_one_ends_without_the_server(
    postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    text = connection_text(postgres.dsn).replace(f"port={postgres.port}", "port=1")
    database = PostgresDatabase(text, "nowhere", SCHEMA, patient=True)
    database.execute(PUT, ("1", 1))
    database.close()
    assert isinstance(database.ready.exception(), DatabaseError)
    assert "1 changes were not written" in caplog.text


def test_patience_is_for_servers_that_are_away_alone(postgres: Postgres) -> None:
    with pytest.raises(DatabaseError, match="syntax"):
        PostgresDatabase(connection_text(postgres.dsn), next(_names), ("nonsense",), patient=True)


def test_a_schema_grows_by_the_scripts_it_has_not_seen(postgres: Postgres) -> None:
    name, text = next(_names), connection_text(postgres.dsn)
    first = PostgresDatabase(text, name, SCHEMA)
    first.execute(PUT, ("1", 1))
    first.close()
    grown = (*SCHEMA, "ALTER TABLE calls ADD COLUMN who TEXT NOT NULL DEFAULT 'bob'")
    for _ in range(2):
        second = PostgresDatabase(text, name, grown)
        assert second.query("SELECT number, who FROM calls") == [("1", "bob")]
        assert second.query("SELECT max(version) FROM schema_version") == [(2,)]
        second.close()


def test_a_script_that_fails_leaves_the_schema_as_it_was(postgres: Postgres) -> None:
    name, text = next(_names), connection_text(postgres.dsn)
    PostgresDatabase(text, name, SCHEMA).close()
    broken = (*SCHEMA, "ALTER TABLE calls ADD COLUMN x TEXT; CREATE TABLE calls (a TEXT)")
    with pytest.raises(DatabaseError, match="already exists"):
        PostgresDatabase(text, name, broken)
    again = PostgresDatabase(text, name, SCHEMA)
    assert again.query("SELECT count(*) FROM calls") == [(0,)]
    with pytest.raises(DatabaseError):
        again.query("SELECT x FROM calls")
    again.close()


def test_statements_keep_their_percent_signs() -> None:
    assert translated("SELECT a FROM b WHERE c LIKE '%' AND d = ? ORDER BY rowid") == (
        b"SELECT a FROM b WHERE c LIKE '%%' AND d = %s ORDER BY ctid"
    )


def test_errors_are_one_line() -> None:
    assert first_line(psycopg.Error("bad\nLINE 1: password")) == "bad"
    assert first_line(psycopg.Error()) == "Error"


def test_a_reader_that_gets_no_answer_does_not_keep_it_from_closing(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HANG", 0.1)
    name = next(_names)
    database = PostgresDatabase(connection_text(postgres.dsn), name, SCHEMA)
    with (
        ThreadPoolExecutor() as threads,
        psycopg.connect(connection_text(postgres.dsn)) as other,
    ):
        other.execute(f"LOCK TABLE {name}.calls".encode())
        reading = threads.submit(database.query, "SELECT * FROM calls")
        waiting = (
            f"SELECT 1 FROM pg_locks WHERE NOT granted AND relation = '{name}.calls'::regclass"
        )
        while not postgres.rows(waiting):
            assert not reading.done()
        database.close()
        with pytest.raises(DatabaseError):
            reading.result(10)
