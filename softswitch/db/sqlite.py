"""SQLite: the database that needs no server, a file for each store."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from softswitch.db.database import Database, Row, Statement

log = logging.getLogger(__name__)


class SqliteDatabase(Database):
    """One database file, in WAL mode, with its writer thread."""

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
        self._writing: sqlite3.Connection | None = None
        super().__init__(path.name)

    def query(self, statement: str, values: Row = ()) -> list[Row]:
        """Read rows. Blocks: for the start and for executors."""
        connection = self._connect()
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def tables(self) -> dict[str, list[str]]:
        """The tables and their columns, without those that number rows by themselves. Blocks."""
        found: dict[str, list[str]] = {}
        for table, column in self.query(
            "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
            " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
            " AND NOT (c.pk = 1 AND c.type = 'INTEGER') ORDER BY t.name, c.cid"
        ):
            found.setdefault(str(table), []).append(str(column))
        return found

    def version(self) -> int:
        """How many of its migrations the schema has seen. Blocks."""
        return int(self.query("PRAGMA user_version")[0][0] or 0)

    def problems(self) -> list[str]:
        """What is wrong with the file, in sentences. Blocks."""
        try:
            told = [str(row[0]) for row in self.query("PRAGMA integrity_check")]
        except sqlite3.DatabaseError as error:
            return [str(error)]
        return [] if told == ["ok"] else told

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None)

    def _commit(self, statements: Iterable[Statement]) -> None:
        if self._writing is None:
            self._writing = self._connect()
            self._writing.execute("PRAGMA synchronous=NORMAL")
        connection = self._writing
        try:
            connection.execute("BEGIN")
            for statement, values in statements:
                try:
                    connection.execute(statement, values)
                except Exception as error:
                    # Not SQLite's errors alone: text from the network may not even be UTF-8,
                    # and the thread must outlive it.
                    self.failed += 1
                    log.error("%s was not written: %s: %s", self.name, error, statement)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.failed += 1
            log.error("%s: a batch was not written: %s", self.name, error)
            with suppress(sqlite3.Error):
                connection.rollback()

    def _disconnect(self) -> None:
        if self._writing is not None:
            self._writing.close()
