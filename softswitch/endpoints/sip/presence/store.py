"""Watchers on disk: written behind, read once after a restart."""

from __future__ import annotations

import json
import logging
from typing import Any

from softswitch.db.database import Database, upsert

log = logging.getLogger(__name__)

MIGRATIONS = (
    """
    CREATE TABLE watcher (
        key TEXT PRIMARY KEY, profile TEXT NOT NULL, expires REAL NOT NULL, data TEXT NOT NULL
    );
    """,
)
"""The schema of ``presence.db``, one script for each version."""


_PUT = upsert("watcher", ("key", "profile", "expires", "data"), ("key",))


Stored = tuple[str, str, float, dict[str, Any]]
"""Key, profile, expiry and data of a watcher."""


class WatcherStore:
    """Keeps watchers; without a database it forgets them with the process."""

    def __init__(self, database: Database | None) -> None:
        self._database = database

    def put(self, key: str, profile: str, expires: float, data: dict[str, Any]) -> None:
        """Keep a watcher until ``expires``, in seconds since 1970."""
        if self._database is not None:
            self._database.execute(_PUT, (key, profile, expires, json.dumps(data)))

    def forget(self, key: str) -> None:
        """A watcher is gone."""
        if self._database is not None:
            self._database.execute("DELETE FROM watcher WHERE key=?", (key,))

    def sweep(self, now: float) -> None:
        """Forget those that have expired."""
        if self._database is not None:
            self._database.execute("DELETE FROM watcher WHERE expires<=?", (now,))

    def read(self, now: float) -> list[Stored]:
        """Key, profile, expiry and data of all that have not expired; blocks.

        What cannot be read is left out.
        """
        if self._database is None:
            return []
        found = []
        rows = self._database.query(
            "SELECT key, profile, expires, data FROM watcher WHERE expires>?", (now,)
        )
        for key, profile, expires, text in rows:
            try:
                data = json.loads(str(text))
            except ValueError:
                log.warning("watcher %s on disk cannot be read", key)
                continue
            if isinstance(data, dict):
                found.append((str(key), str(profile), float(expires or 0), data))
        return found
