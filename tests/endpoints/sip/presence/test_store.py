"""Watchers on disk."""

from __future__ import annotations

from pathlib import Path

from softswitch.db.sqlite import SqliteDatabase
from softswitch.endpoints.sip.presence.store import MIGRATIONS, WatcherStore


def test_what_has_not_expired_is_read_back(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "presence.db", MIGRATIONS)
    store = WatcherStore(database)
    store.put("a", "internal", 200.0, {"x": 1})
    store.put("b", "internal", 50.0, {"x": 2})
    store.put("c", "internal", 200.0, {"x": 3})
    store.forget("c")
    database.execute("INSERT INTO watcher VALUES ('d', 'p', 200, 'no json')")
    database.flush().result(10)
    assert store.read(100.0) == [("a", "internal", 200.0, {"x": 1})]
    database.close()


def test_without_a_database_nothing_is_kept() -> None:
    store = WatcherStore(None)
    store.put("a", "p", 1.0, {})
    store.forget("a")
    assert store.read(0.0) == []
