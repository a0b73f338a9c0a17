"""SQLite behind one writer thread: call processing hands rows over and never waits.

Writes are gathered and committed together. Reading is for the start, before calls come, or
for an executor.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

Value = str | int | float | bytes | None
Row = tuple[Value, ...]

BATCH = 1000
"""Statements that share one commit at most."""


class _Barrier:
    """Asks the writer to say when everything before it is on disk."""

    def __init__(self) -> None:
        self.done: Future[None] = Future()


class SqliteDatabase:
    """One database file with its writer thread.

    A statement that fails is logged with its text and dropped, the others of its batch are
    kept: a full disk must not stop calls.
    """

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        """Open or create the file (mode 0600) and bring its schema up to date.

        ``migrations`` are SQL scripts; the file's ``user_version`` counts those that ran.
        Raises `sqlite3.Error` or OSError where the file cannot be used.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        connection = self._connect()
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            for number, script in enumerate(migrations[version:], start=version + 1):
                connection.executescript(
                    f"BEGIN;\n{script}\n;PRAGMA user_version={number};\nCOMMIT;"
                )
        finally:
            # What a failing script began is rolled back with it.
            connection.close()
        self.failed = 0
        """Statements that could not be written."""
        self._queue: queue.SimpleQueue[tuple[str, Row] | _Barrier | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name=f"sqlite {path.name}", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<SqliteDatabase {self.path} {self._queue.qsize()} waiting, {self.failed} failed>"

    def execute(self, statement: str, values: Row = ()) -> None:
        """Have a statement written soon; returns at once."""
        self._queue.put((statement, values))

    def query(self, statement: str, values: Row = ()) -> list[Row]:
        """Read rows. Blocks: for the start and for executors."""
        connection = self._connect()
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def flush(self) -> Future[None]:
        """Done once everything handed over before is on disk."""
        barrier = _Barrier()
        if self._thread.is_alive():
            self._queue.put(barrier)
        else:
            barrier.done.set_result(None)
        return barrier.done

    def close(self) -> None:
        """Write what waits and end the thread. Idempotent."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(timeout=10)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None)

    def _write(self) -> None:
        connection = self._connect()
        connection.execute("PRAGMA synchronous=NORMAL")
        running = True
        while running:
            batch = [self._queue.get()]
            while len(batch) < BATCH:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            running = None not in batch
            barriers = [item for item in batch if isinstance(item, _Barrier)]
            self._commit(connection, (item for item in batch if isinstance(item, tuple)))
            for barrier in barriers:
                if barrier.done.set_running_or_notify_cancel():
                    barrier.done.set_result(None)
        connection.close()

    def _commit(
        self, connection: sqlite3.Connection, statements: Iterable[tuple[str, Row]]
    ) -> None:
        try:
            connection.execute("BEGIN")
            for statement, values in statements:
                try:
                    connection.execute(statement, values)
                except Exception as error:
                    # Not SQLite's errors alone: text from the network may not even be UTF-8,
                    # and the thread must outlive it.
                    self.failed += 1
                    log.error("%s was not written: %s: %s", self.path.name, error, statement)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.failed += 1
            log.error("%s: a batch was not written: %s", self.path.name, error)
            with suppress(sqlite3.Error):
                connection.rollback()
