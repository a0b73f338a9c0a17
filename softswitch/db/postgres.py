"""PostgreSQL: one database for all stores, each in a schema of its own name.

While the server is away what is to be written waits in memory, in its order, and is written
when it is back.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from functools import lru_cache
from os import dup
from socket import SHUT_RDWR, socket
from typing import Any

import psycopg
from psycopg import sql

from softswitch.db.database import Database, DatabaseError, Row, Statement, Value
from softswitch.db.dsn import described

log = logging.getLogger(__name__)

FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0
"""Seconds between attempts at a server that is away."""
HANG = 2.0
"""Seconds that a reader may still take when the database is closed."""
_DEFAULTS = {"connect_timeout": "5", "application_name": "softswitch", "tcp_user_timeout": "30000"}
_TYPES = (
    (re.compile(r"\bINTEGER PRIMARY KEY\b"), "BIGSERIAL PRIMARY KEY"),
    (re.compile(r"\bINTEGER\b"), "BIGINT"),
    # Times in seconds need more digits than PostgreSQL's REAL has.
    (re.compile(r"\bREAL\b"), "DOUBLE PRECISION"),
)

_PASSING = ("08", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE that another attempt may not meet again: the server is down, full, locked."""

Connection = psycopg.Connection[tuple[Any, ...]]


class _Away(Exception):
    """The server cannot be talked to now."""

    def __init__(self, error: Exception) -> None:
        self.error = error


@contextmanager
def _noticing() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        if away(error):
            raise _Away(error) from None
        raise


class PostgresDatabase(Database):
    """The schema of one store in a PostgreSQL database, with its writer thread."""

    def __init__(
        self, conninfo: str, name: str, migrations: Sequence[str], *, patient: bool = False
    ) -> None:
        """Connect and bring the schema up to date. Raises `DatabaseError`.

        Who is ``patient`` need not have the server now: the writer's thread goes on trying.
        """
        self._conninfo = conninfo
        self._migrations: Sequence[str] | None = None
        self.where = described(conninfo)
        self.schema = name
        self._reading_lock = threading.Lock()
        self._reading: Connection | None = None
        self._writing: Connection | None = None
        try:
            with connect(conninfo) as connection:
                _migrate(connection, name, migrations)
        except psycopg.Error as error:
            if not (patient and away(error)):
                raise DatabaseError(f"{self.where}: {first_line(error)}") from None
            log.error("%s is away, %s waits: %s", self.where, name, first_line(error))
            self._migrations = migrations
        super().__init__(name, ready=self._migrations is None)

    def query(self, statement: str, values: Row = ()) -> list[Row]:
        """Read rows. Blocks: for the start and for executors. Raises `DatabaseError`."""
        if self._migrations is not None:
            raise DatabaseError(f"{self.where} is away")
        with self._reading_lock:
            again = self._reading is not None
            while True:
                try:
                    if self._reading is None:
                        self._reading = self._connect()
                    rows = self._reading.execute(translated(statement), storable(values)).fetchall()
                    return [tuple(map(_plain, row)) for row in rows]
                except psycopg.Error as error:
                    broken = away(error)
                    if broken and self._reading is not None:
                        self._reading.close()
                        self._reading = None
                    if not (broken and again) or self.closing:
                        raise DatabaseError(f"{self.where}: {first_line(error)}") from None
                    # The connection may be one from before the server was started anew.
                    again = False

    def tables(self) -> dict[str, list[str]]:
        """The tables and their columns, without those that number rows by themselves. Blocks."""
        found: dict[str, list[str]] = {}
        for table, column in self.query(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = ? AND table_name != 'schema_version'"
            " AND coalesce(column_default, '') NOT LIKE 'nextval(%'"
            " ORDER BY table_name, ordinal_position",
            (self.schema,),
        ):
            found.setdefault(str(table), []).append(str(column))
        return found

    def version(self) -> int:
        """How many of its migrations the schema has seen. Blocks."""
        return int(self.query("SELECT max(version) FROM schema_version")[0][0] or 0)

    def problems(self) -> list[str]:
        """What is wrong with the server, in sentences. Blocks."""
        [(recovering, read_only)] = self.query(
            "SELECT pg_is_in_recovery()::int,"
            " (current_setting('transaction_read_only') = 'on')::int"
        )
        if recovering:
            return [f"{self.where} is a standby and takes no changes"]
        return [f"{self.where} is read-only"] if read_only else []

    def close(self) -> None:
        """Write what waits and end the thread. Idempotent."""
        super().close()
        free = self._reading_lock.acquire(timeout=HANG)
        if not free and self._reading is not None:
            # A server that keeps connections and answers nothing holds a reader for ever.
            with suppress(psycopg.Error, OSError), socket(fileno=dup(self._reading.fileno())) as it:
                it.shutdown(SHUT_RDWR)
            self._reading_lock.acquire()
        if self._reading is not None:
            self._reading.close()
            self._reading = None
        self._reading_lock.release()

    def _connect(self) -> Connection:
        connection = connect(self._conninfo)
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(self.schema)))
        return connection

    def _prepare(self) -> None:
        delay = FIRST_DELAY
        while self._migrations is not None:
            try:
                with connect(self._conninfo) as connection:
                    _migrate(connection, self.schema, self._migrations)
            except psycopg.Error as error:
                if self.closing or not away(error):
                    log.error("%s: %s cannot be used: %s", self.where, self.name, first_line(error))
                    self.ready.set_exception(DatabaseError(f"{self.where}: {first_line(error)}"))
                    return
                time.sleep(delay)
                delay = min(delay * 2, LONGEST_DELAY)
            else:
                self._migrations = None
                log.info("%s is there; %s is read and written", self.where, self.name)
        self.ready.set_result(None)

    def _commit(self, statements: Iterable[Statement]) -> None:
        batch = list(statements)
        delay, told = FIRST_DELAY, False
        while True:
            try:
                if self._writing is None:
                    with _noticing():
                        self._writing = self._connect()
                self._write(self._writing, batch)
            except _Away as away:
                error = away.error
                if not told:
                    log.error("%s is away, %s waits: %s", self.where, self.name, first_line(error))
                    told = True
                self._disconnect()
                if self.closing:
                    self.failed += len(batch)
                    log.error("%s: %d changes were not written", self.name, len(batch))
                    return
                time.sleep(delay)
                delay = min(delay * 2, LONGEST_DELAY)
            else:
                if told:
                    log.info("%s is back; %s is written again", self.where, self.name)
                return

    def _write(self, connection: Connection, batch: list[Statement]) -> None:
        try:
            with _noticing(), connection.transaction(), connection.pipeline():
                for statement, values in batch:
                    connection.execute(translated(statement), storable(values))
        except _Away:
            raise
        except Exception:
            # One of them is refused, and took the others with it.
            for statement, values in batch:
                try:
                    with _noticing():
                        connection.execute(translated(statement), storable(values))
                except _Away:
                    raise
                except Exception as error:
                    self.failed += 1
                    log.error("%s was not written: %s: %s", self.name, error, statement)

    def _disconnect(self) -> None:
        if self._writing is not None:
            with suppress(psycopg.Error):
                self._writing.close()
            self._writing = None


def connect(conninfo: str) -> Connection:
    """A connection that commits by itself and notices a server that vanished within a minute."""
    given = psycopg.conninfo.conninfo_to_dict(conninfo)
    return psycopg.connect(conninfo, autocommit=True, **{**_DEFAULTS, **given})  # type: ignore[arg-type]


def away(error: psycopg.Error) -> bool:
    """Whether an error is the connection's or the server's, not the statement's."""
    if isinstance(error, psycopg.errors.PipelineAborted):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate[:2] in _PASSING


def first_line(error: Exception) -> str:
    """What an error says, without the statement and hints that libpq adds."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


@lru_cache(1000)
def translated(statement: str) -> bytes:
    """A statement with ``?`` for values, as psycopg takes it."""
    text = statement.replace("%", "%%").replace("?", "%s").replace("rowid", "ctid")
    return text.encode("utf-8", "replace")


def storable(values: Iterable[Value]) -> list[Value]:
    """Values as PostgreSQL can hold them: its text has no NUL and no half characters."""
    return [
        value.encode("utf-8", "replace").decode().replace("\0", "�")
        if isinstance(value, str)
        else value
        for value in values
    ]


def _plain(value: Any) -> Value:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value  # type: ignore[no-any-return]


def _migrate(connection: Connection, schema: str, migrations: Sequence[str]) -> None:
    name = sql.Identifier(schema)
    with connection.transaction():
        # Two programs that start at once must not both do it.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"softswitch {schema}"])
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
        connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(name))
        connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        found = connection.execute("SELECT max(version) FROM schema_version").fetchone()
        version = found[0] if found and found[0] is not None else 0
        for number, script in enumerate(migrations[version:], start=version + 1):
            for pattern, kind in _TYPES:
                script = pattern.sub(kind, script)
            connection.execute(script.encode())
            connection.execute("INSERT INTO schema_version VALUES (%s)", [number])
