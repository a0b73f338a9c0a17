"""``db`` and ``group`` over a restart: all is in memory, each change goes to a database behind it.

Calls read and write memory alone. What was written when the process died stays: the writer
commits as fast as the disk lets it.
"""

from __future__ import annotations

from pathlib import Path

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.validators import register_validator
from softswitch.db.database import Database, Row, upsert
from softswitch.db.databases import Databases
from softswitch.db.dsn import connection_text
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


_PUT = upsert("db_data", ("realm", "data_key", "data"), ("realm", "data_key"))


class KeptStore(HashStore):
    """Values by realm and key that are there again after a restart."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def stored(self) -> list[Row]:
        """What is in the database. Blocks."""
        return self._database.query("SELECT realm, data_key, data FROM db_data")

    def take_up(self, rows: list[Row]) -> None:
        """Have what was stored; what was set since is newer and stays."""
        for realm, key, value in rows:
            if self.select(str(realm), str(key)) is None:
                super().insert(str(realm), str(key), str(value))

    def insert(self, realm: str, key: str, value: str) -> None:
        super().insert(realm, key, value)
        self._database.execute(_PUT, (realm, key, value))

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

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def stored(self) -> list[Row]:
        """What is in the database. Blocks."""
        return self._database.query("SELECT groupname, url FROM group_data ORDER BY position")

    def take_up(self, rows: list[Row]) -> None:
        """Have the members that were stored."""
        for group, url in rows:
            super().insert(str(group), str(url))

    def insert(self, group: str, url: str) -> None:
        super().insert(group, url)
        statement = "INSERT INTO group_data (groupname, url) VALUES (?, ?) ON CONFLICT DO NOTHING"
        self._database.execute(statement, (group, url))

    def delete(self, group: str, url: str) -> None:
        super().delete(group, url)
        statement = "DELETE FROM group_data WHERE groupname = ? AND (url = ? OR ? = '*')"
        self._database.execute(statement, (group, url, url))


def _bad_dsn(configuration: Configuration) -> list[Finding]:
    element = configuration.configuration("switch.conf")
    settings = element.find("settings") if element else None
    param = settings.find("param", name="core-db-dsn") if settings else None
    try:
        connection_text(param.get("value", "") if param else "")
    except ValueError as error:
        assert param is not None
        return [param.finding("S403", f"core-db-dsn: {error}", attribute="value")]
    return []


register_validator("configuration", _bad_dsn)


class KeptStores(Stores):
    """The stores of a switch that outlive it."""

    def __init__(self, database: Database) -> None:
        self.kept = database
        self._values, self._groups = KeptStore(database), KeptGroups(database)
        super().__init__(HashStore(), self._values, self._groups, database.close)

    def stored(self) -> tuple[list[Row], list[Row]]:
        """What is in the database. Blocks."""
        return self._values.stored(), self._groups.stored()

    def take_up(self, found: tuple[list[Row], list[Row]]) -> None:
        """Have what was stored."""
        self._values.take_up(found[0])
        self._groups.take_up(found[1])


def open_stores(databases: Databases, folder: Path) -> KeptStores:
    """The stores of a switch whose data folder this is; blocks while it reads them.

    Raises `sqlite3.Error` or OSError where the database cannot be used. One that is away is read
    once it is back: by whoever opens the stores.
    """
    database = databases.open(folder / FILE, MIGRATIONS, patient=True)
    stores = KeptStores(database)
    try:
        if database.ready.done():
            stores.take_up(stores.stored())
        return stores
    except Exception:
        database.close()
        raise
