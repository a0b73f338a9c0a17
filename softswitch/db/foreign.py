"""Databases of somebody else's that are only asked: rates, names, routes.

A question waits for its answer, calls beside it do not: threads of its own ask, a time limit holds
for each question, and so many wait and no more.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from softswitch.db.database import DatabaseError
from softswitch.db.dsn import connection_text, described

THREADS = 4
MOST_WAITING = 500
"""Questions that wait for a thread; more are refused."""
MOST_ROWS = 1000
"""Rows of one answer that are read."""
_STEPS = 10_000
"""Steps of SQLite between two looks at the clock."""


def dsn_problem(dsn: str) -> str:
    """What is wrong with a DSN, in a sentence; empty where nothing is."""
    with suppress(ValueError):
        if dsn.startswith("sqlite://") or connection_text(dsn):
            return ""
    return "a DSN begins with sqlite://, pgsql:// or postgresql://; there is no ODBC"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as text, NULL as None, and the names of their columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


class _Connection(Protocol):
    def ask(self, statement: str, seconds: float) -> Answer: ...
    def close(self) -> None: ...


class ForeignDatabase:
    """One database that a DSN names: ``sqlite://FILE`` or PostgreSQL in each form of its own."""

    def __init__(self, dsn: str, folder: Path, *, seconds: float = 5.0) -> None:
        """Nothing is connected yet. SQLite's files are looked for in ``folder``.

        ``seconds`` is what a question may take. Raises ValueError with a sentence.
        """
        if problem := dsn_problem(dsn):
            raise ValueError(problem)
        conninfo = connection_text(dsn)
        self._path = folder / dsn.removeprefix("sqlite://")
        self.where = described(conninfo) if conninfo else str(self._path)
        self._conninfo = conninfo
        self._seconds = seconds
        self._executor = ThreadPoolExecutor(THREADS, f"asking {self.where}")
        self._connections = threading.local()
        self._opened: list[_Connection] = []
        self._waiting = 0

    def __repr__(self) -> str:
        return f"<ForeignDatabase {self.where}, {self._waiting} waiting>"

    async def ask(self, statement: str) -> Answer:
        """What a statement finds; nothing where it finds nothing. Raises `DatabaseError`."""
        if self._waiting >= MOST_WAITING:
            raise DatabaseError(f"{self.where}: {MOST_WAITING} questions wait already")
        loop = asyncio.get_running_loop()
        deadline = time.monotonic() + self._seconds
        self._waiting += 1
        asked = loop.run_in_executor(self._executor, self._ask, statement, deadline)
        asked.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(asked), self._seconds)
        except TimeoutError:
            raise self._late() from None

    def _done(self, asked: asyncio.Future[Answer]) -> None:
        self._waiting -= 1
        if not asked.cancelled():
            # It is retrieved, even where nobody waits for it any more.
            asked.exception()

    def _late(self) -> DatabaseError:
        return DatabaseError(f"{self.where} did not answer within {self._seconds:g} s")

    def _ask(self, statement: str, deadline: float) -> Answer:
        """In a thread of ours."""
        kept: _Connection | None = getattr(self._connections, "own", None)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._late()
            try:
                connection = kept or self._connect()
                return connection.ask(statement, left)
            except _Broken as broken:
                self._forget()
                if kept is None:
                    raise DatabaseError(f"{self.where}: {broken}") from None
                # It is from before the server was started anew.
                kept = None
            except _Refused as refused:
                raise DatabaseError(f"{self.where}: {refused}") from None

    def _connect(self) -> _Connection:
        made = _postgres(self._conninfo) if self._conninfo else _Sqlite(self._path)
        self._connections.own = made
        self._opened.append(made)
        return made

    def _forget(self) -> None:
        own: _Connection | None = getattr(self._connections, "own", None)
        if own is not None:
            self._connections.own = None
            self._opened.remove(own)
            own.close()

    async def close(self) -> None:
        """Ask nothing more; what is asked now ends by its time limit."""
        loop = asyncio.get_running_loop()
        # The one thread that may wait for the others.
        await loop.run_in_executor(None, lambda: self._executor.shutdown(cancel_futures=True))
        for connection in self._opened:
            connection.close()


class _Broken(Exception):
    """The connection is of no use any more."""


class _Refused(Exception):
    """The statement is the database's to refuse."""


class _Sqlite:
    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise _Broken("there is no such file")
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        except sqlite3.Error as error:
            raise _Broken(str(error)) from None

    def ask(self, statement: str, seconds: float) -> Answer:
        deadline = time.monotonic() + seconds
        connection = self._connection
        connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            cursor = connection.execute(statement.rstrip().rstrip(";"))
            columns = tuple(column[0] for column in cursor.description or ())
            rows = cursor.fetchmany(MOST_ROWS)
            cursor.close()
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _Refused(str(error)) from None
        return Answer(columns, tuple(tuple(map(_text, row)) for row in rows))

    def close(self) -> None:
        self._connection.close()


def _postgres(conninfo: str) -> _Connection:
    try:
        import psycopg
    except ImportError:
        raise _Refused("psycopg is missing: pip install softswitch[postgres]") from None
    from softswitch.db.postgres import away, connect, first_line

    class Postgres:
        def __init__(self) -> None:
            try:
                self._connection = connect(conninfo)
            except psycopg.Error as error:
                raise _Broken(first_line(error)) from None

        def ask(self, statement: str, seconds: float) -> Answer:
            milliseconds = max(int(seconds * 1000), 1)
            try:
                self._connection.execute(f"SET statement_timeout = {milliseconds}".encode())
                cursor = self._connection.execute(statement.encode("utf-8", "replace"))
                columns = tuple(column.name for column in cursor.description or ())
                rows = cursor.fetchmany(MOST_ROWS) if columns else []
            except psycopg.Error as error:
                late = isinstance(error, psycopg.errors.QueryCanceled)
                raise (_Broken if away(error) and not late else _Refused)(
                    first_line(error)
                ) from None
            return Answer(columns, tuple(tuple(map(_text, row)) for row in rows))

        def close(self) -> None:
            with suppress(psycopg.Error):
                self._connection.close()

    return Postgres()


def _text(value: Any) -> str | None:
    """A value as databases write it."""
    match value:
        case None:
            return None
        case bool():
            return "t" if value else "f"
        case Decimal():
            return format(value, "f")
        case bytes():
            return value.decode("utf-8", "replace")
    return str(value)
