"""What SQLite and PostgreSQL have in common: statements are handed over, one thread writes them.

Statements are written in the SQL that both know, with ``?`` for values. Call processing never
waits: writes are gathered and committed together; reading is for the start, before calls come,
or for an executor.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future

log = logging.getLogger(__name__)

Value = str | int | float | bytes | None
Row = tuple[Value, ...]
Statement = tuple[str, Row]

BATCH = 1000
"""Statements that share one commit at most."""
MOST_WAITING = 1_000_000
"""Statements that wait for a database that is away; what comes then is not written, and counted."""


class DatabaseError(OSError):
    """A database cannot be used; the message says which and why, and holds no password."""


class _Barrier:
    """Asks the writer to say when everything before it is on disk."""

    def __init__(self) -> None:
        self.done: Future[None] = Future()


class Database:
    """A database and its writer thread.

    A statement that the database refuses is logged with its text and dropped, the others of its
    batch are kept: a mistake must not stop calls.
    """

    name: str

    def __init__(self, name: str, *, ready: bool = True) -> None:
        self.name = name
        self.failed = 0
        """Statements that could not be written."""
        self.lost = 0
        """Statements that were not taken because `MOST_WAITING` waited already."""
        self.taken = 0
        """Statements that were taken."""
        self.traced = False
        """Whether each statement that is written is logged; its values, which may be secret, are
        not."""
        self.ready: Future[None] = Future()
        """Done once the database can be read and its schema is up to date."""
        # One that runs cannot be cancelled by who waits for it.
        self.ready.set_running_or_notify_cancel()
        if ready:
            self.ready.set_result(None)
        self.closing = False
        self._queue: queue.SimpleQueue[Statement | _Barrier | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"database {name}", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.waiting} waiting, {self.failed} failed>"

    @property
    def waiting(self) -> int:
        """Statements that the writer has not taken yet."""
        return self._queue.qsize()

    def execute(self, statement: str, values: Row = ()) -> None:
        """Have a statement written soon; returns at once."""
        if self._queue.qsize() >= MOST_WAITING:
            if not self.lost:
                log.error("%s: %d changes wait, more are lost", self.name, MOST_WAITING)
            self.lost += 1
            return
        self.taken += 1
        self._queue.put((statement, values))

    def query(self, statement: str, values: Row = ()) -> list[Row]:
        """Read rows. Blocks: for the start and for executors."""
        raise NotImplementedError

    def tables(self) -> dict[str, list[str]]:
        """The tables and their columns, without those that number rows by themselves. Blocks."""
        raise NotImplementedError

    def version(self) -> int:
        """How many of its migrations the schema has seen. Blocks."""
        raise NotImplementedError

    def problems(self) -> list[str]:
        """What is wrong with what is stored, in sentences. Blocks."""
        raise NotImplementedError

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
        self.closing = True
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(timeout=10)

    def _commit(self, statements: Iterable[Statement]) -> None:
        """Write these in the writer's thread; must not raise."""
        raise NotImplementedError

    def _prepare(self) -> None:
        """Become `ready`, in the writer's thread; must not raise."""
        raise NotImplementedError

    def _disconnect(self) -> None:
        """The writer ends."""

    def _run(self) -> None:
        if not self.ready.done():
            self._prepare()
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
            statements = [item for item in batch if isinstance(item, tuple)]
            if statements:
                if self.traced:
                    for statement, _ in statements:
                        log.debug("%s: %s", self.name, statement)
                self._commit(statements)
            for barrier in barriers:
                if barrier.done.set_running_or_notify_cancel():
                    barrier.done.set_result(None)
        self._disconnect()


def upsert(table: str, columns: Sequence[str], key: Sequence[str]) -> str:
    """The statement that puts a row in place of one with the same key, or adds it."""
    marks = ", ".join("?" * len(columns))
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}"
    )
