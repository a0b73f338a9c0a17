"""Every store of the switch does the same on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.db.database import DatabaseError
from softswitch.db.databases import Databases
from softswitch.db.sqlite import SqliteDatabase
from softswitch.endpoints.sip import location
from softswitch.endpoints.sip.location import Binding, Location
from softswitch.endpoints.sip.presence import store as presence
from softswitch.endpoints.sip.presence.store import WatcherStore
from softswitch.modules.voicemail import store as voicemail
from softswitch.modules.voicemail.store import URGENT, Counts, Message, MessageStore, Preferences
from softswitch.switch.kept_store import open_stores
from tests.support.postgres import needs_postgres

_folders = (f"run{number}" for number in itertools.count())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs_postgres)])
def databases(request: pytest.FixtureRequest) -> Databases:
    if request.param == "sqlite":
        return Databases()
    server = request.getfixturevalue("postgres")
    for (schema,) in server.rows(
        "SELECT schema_name FROM information_schema.schemata WHERE schema_owner = 'postgres'"
        " AND schema_name !~ '^(pg_|information_schema|public)'"
    ):
        server.run_sql(f'DROP SCHEMA "{schema}" CASCADE')
    return Databases(server.dsn)


BINDING = Binding(
    *("internal", "1000", "example.com", "sip:1000@10.0.0.1;ob", "id", 2**31, 2000.625, 0.5),
    *("udp", "10.0.0.1", 5060, "10.0.0.2", 5060, "", "agent", "1000", "example.com", "B", "host"),
)


def test_registrations_are_there_again(databases: Databases, tmp_path: Path) -> None:
    database = databases.open(tmp_path / "registrations.db", location.MIGRATIONS)
    kept = Location(database, 1000.0)
    other = replace(BINDING, contact="sip:other@10.0.0.3")
    kept.put(replace(BINDING, cseq=1))
    kept.put(BINDING)
    kept.put(other)
    kept.put(replace(BINDING, user="1001", expires=1500.0))
    kept.remove(other)
    database.close()
    again = databases.open(tmp_path / "registrations.db", location.MIGRATIONS)
    assert list(Location(again, 1500.0)) == [BINDING]
    again.close()


def test_watchers_are_there_again(databases: Databases, tmp_path: Path) -> None:
    database = databases.open(tmp_path / "presence.db", presence.MIGRATIONS)
    kept = WatcherStore(database)
    for data in ({"a": "'"}, {"a": "\u2028"}):
        kept.put("k", "internal", 2000.5, data)
    kept.put("gone", "internal", 2000.5, {})
    kept.put("old", "internal", 900.0, {})
    kept.forget("gone")
    database.flush().result(30)
    assert kept.read(1000.0) == [("k", "internal", 2000.5, {"a": "\u2028"})]
    database.close()


def test_values_and_groups_are_there_again(databases: Databases, tmp_path: Path) -> None:
    stores = open_stores(databases, tmp_path)
    for value in ("1", "2"):
        stores.database.insert("realm", "key", value)
        stores.database.insert("realm", f"gone{value}", value)
    stores.database.insert("away", "key", "1")
    stores.database.delete("realm", "gone1")
    stores.database.delete("realm", "gone2")
    stores.database.delete_realm("away")
    for url in ("user/2", "user/1", "user/2", "user/3"):
        stores.groups.insert("sales", url)
    stores.groups.delete("sales", "user/3")
    stores.close()
    again = open_stores(databases, tmp_path)
    assert again.database.items() == [("realm", "key", "2")]
    assert again.groups.members("sales") == ["user/2", "user/1"]
    again.groups.delete("sales", "*")
    again.close()
    last = open_stores(databases, tmp_path)
    assert last.groups.members("sales") == []
    last.close()


async def test_voice_messages_are_kept(databases: Databases, tmp_path: Path) -> None:
    database = databases.open(tmp_path / "voicemail_default.db", voicemail.MIGRATIONS)
    store = MessageStore(database)
    messages = [
        Message("1000", "d", str(number), 100 + number, "Bob's", "1", f"/{number}.wav", 10)
        for number in range(4)
    ]
    messages[2] = replace(messages[2], urgency=URGENT)
    for message in messages:
        await store.add(message)
    await store.mark_read(messages[0], 200)
    await store.flag(messages[1], voicemail.DELETED)
    await store.remove(messages[3])
    found = await store.messages("1000", "d", saved=False)
    assert found == [messages[2], replace(messages[1], flags=voicemail.DELETED)]
    assert await store.counts("1000", "d") == Counts(new=1, saved=1, urgent_new=1)
    assert await store.used_seconds("1000", "d") == 30
    assert await store.used_seconds("1001", "d") == 0
    for value in ("1", "2"):
        await store.prefer("1000", "d", "password", value)
    await store.prefer("1000", "d", "name_path", "/name.wav")
    assert await store.preferences("1000", "d") == Preferences("/name.wav", "", "2")
    await store.close()


def test_without_a_dsn_each_store_is_a_file(tmp_path: Path) -> None:
    database = Databases().open(tmp_path / "a.db", ())
    assert isinstance(database, SqliteDatabase) and (tmp_path / "a.db").exists()
    database.close()
    assert repr(Databases()) == "<Databases in SQLite>"
    assert "secret" not in repr(Databases("pgsql://password=secret"))


def test_a_database_that_we_do_not_speak_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="core-db-dsn: this is no PostgreSQL"):
        Databases("mariadb://x").open(tmp_path / "a.db", ())


def test_a_driver_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "softswitch.db.postgres", None)
    with pytest.raises(DatabaseError, match=r"pip install softswitch\[postgres\]"):
        Databases("pgsql://host=x").open(tmp_path / "a.db", ())
