"""Where the stores of a switch are: files below its data folder, or one PostgreSQL database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from weakref import WeakSet

from softswitch.db.database import Database, DatabaseError
from softswitch.db.dsn import connection_text
from softswitch.db.sqlite import SqliteDatabase


class Databases:
    """Opens stores, by the one setting that says where they are."""

    def __init__(self, dsn: str = "", setting: str = "core-db-dsn") -> None:
        """``dsn`` is what ``setting`` says, which messages name; empty for SQLite."""
        self.dsn = dsn
        self._setting = setting
        self.opened: WeakSet[Database] = WeakSet()
        """Those that are in use, for who watches how much waits."""
        self.traced = False

    def __repr__(self) -> str:
        return f"<Databases in {'PostgreSQL' if self.dsn else 'SQLite'}>"

    def open(self, path: Path, migrations: Sequence[str], *, patient: bool = False) -> Database:
        """The store of that file name, its schema brought up to date. Blocks.

        Who is ``patient`` gets one of a server that is away too: it is ``ready`` later.
        Raises OSError (`DatabaseError`) or `sqlite3.Error` where it cannot be used.
        """
        database = self._open(path, migrations, patient)
        database.traced = self.traced
        self.opened.add(database)
        return database

    def trace(self, wanted: bool) -> None:
        """Log each statement that is written, at the level debug and without its values."""
        self.traced = wanted
        for database in self.opened:
            database.traced = wanted

    def _open(self, path: Path, migrations: Sequence[str], patient: bool) -> Database:
        try:
            conninfo = connection_text(self.dsn)
        except ValueError as error:
            raise DatabaseError(f"{self._setting}: {error}") from None
        if not conninfo:
            return SqliteDatabase(path, migrations)
        try:
            from softswitch.db.postgres import PostgresDatabase
        except ImportError:
            raise DatabaseError(
                f"{self._setting} is PostgreSQL and psycopg is missing:"
                " pip install softswitch[postgres]"
            ) from None
        return PostgresDatabase(conninfo, path.stem, migrations, patient=patient)
