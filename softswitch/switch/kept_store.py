"""``db`` and ``group`` over a restart: all is in memory, each change goes to SQLite behind it.

Calls read and write memory alone. What was written when the process died stays: the writer
commits as fast as the disk lets it.
"""

from __future__ import annotations

from pathlib import Path

from softswitch.db.sqlite import SqliteDatabase
from softswitch.switch.hash_store import DialGroups, HashStore, Stores

FILE = "call_limit.db"
"""Where it is below the data folder; FreeSWITCH's name for the same."""
MIGRATIONS = (
    """
    CREATE TABLE db_data (
        realm TEXT NOT NULL, data_key TEXT NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (realm, data_key)
    );
    CREATE TABLE group_data (
        position INTEGER PRIMARY KEY, groupname TEXT NOT NULL, url TEXT NOT NULL,
        UNIQUE (groupname, url)
    );
    """,
)


class KeptStore(HashStore):
    """Values by realm and key that are there again after a restart."""

    def __init__(self, database: SqliteDatabase) -> None:
        super().__init__()
        self._database = database
        for realm, key, value in database.query("SELECT realm, data_key, data FROM db_data"):
            super().insert(str(realm), str(key), str(value))

    def insert(self, realm: str, key: str, value: str) -> None:
        super().insert(realm, key, value)
        statement = "INSERT OR REPLACE INTO db_data (realm, data_key, data) VALUES (?, ?, ?)"
        self._database.execute(statement, (realm, key, value))

    def delete(self, realm: str, key: str) -> bool:
        deleted = super().delete(realm, key)
        if deleted:
            statement = "DELETE FROM db_data WHERE realm = ? AND data_key = ?"
            self._database.execute(statement, (realm, key))
        return deleted

    def delete_realm(self, realm: str) -> int:
        deleted = super().delete_realm(realm)
        if deleted:
            self._database.execute("DELETE FROM db_data WHERE realm = ?", (realm,))
        return deleted


class KeptGroups(DialGroups):
    """Dial groups whose members are there again after a restart, in the order they joined."""

    def __init__(self, database: SqliteDatabase) -> None:
        super().__init__()
        self._database = database
        rows = database.query("SELECT groupname, url FROM group_data ORDER BY position")
        for group, url in rows:
            super().insert(str(group), str(url))

    def insert(self, group: str, url: str) -> None:
        super().insert(group, url)
        statement = "INSERT OR IGNORE INTO group_data (groupname, url) VALUES (?, ?)"
        self._database.execute(statement, (group, url))

    def delete(self, group: str, url: str) -> None:
        super().delete(group, url)
        statement = "DELETE FROM group_data WHERE groupname = ? AND (url = ? OR ? = '*')"
        self._database.execute(statement, (group, url, url))


def open_stores(folder: Path) -> Stores:
    """The stores of a switch whose data folder this is; blocks while it reads the file.

    Raises `sqlite3.Error` or OSError where the file cannot be used.
    """
    database = SqliteDatabase(folder / FILE, MIGRATIONS)
    try:
        return Stores(HashStore(), KeptStore(database), KeptGroups(database), database.close)
    except Exception:
        database.close()
        raise
