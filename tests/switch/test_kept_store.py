"""What ``db`` and ``group`` keep over a restart."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from softswitch.db.databases import Databases
from softswitch.switch.hash_store import DialGroups, HashStore
from softswitch.switch.kept_store import FILE, open_stores


def test_values_and_groups_are_there_again(tmp_path: Path) -> None:
    stores = open_stores(Databases(), tmp_path)
    stores.database.insert("spy", "1000", "uuid")
    stores.database.insert("spy", "1000", "other")
    stores.database.insert("spy", "it's", "a 'quoted' value; DROP TABLE db_data")
    stores.groups.insert("sales", "user/2")
    stores.groups.insert("sales", "user/1")
    stores.groups.insert("sales", "user/2")
    stores.hash.insert("spy", "1000", "gone")
    stores.close()
    again = open_stores(Databases(), tmp_path)
    assert again.database.items() == [
        ("spy", "1000", "other"),
        ("spy", "it's", "a 'quoted' value; DROP TABLE db_data"),
    ]
    assert again.groups.members("sales") == ["user/2", "user/1"]
    assert again.hash.items() == []
    again.close()


def test_what_was_deleted_stays_away(tmp_path: Path) -> None:
    stores = open_stores(Databases(), tmp_path)
    for key in "abc":
        stores.database.insert("one", key, "1")
        stores.database.insert("two", key, "2")
        stores.groups.insert("sales", key)
        stores.groups.insert("support", key)
    stores.database.delete("one", "b")
    stores.database.delete_realm("two")
    stores.groups.delete("sales", "a")
    stores.groups.delete("support", "*")
    stores.close()
    again = open_stores(Databases(), tmp_path)
    assert again.database.items() == [("one", "a", "1"), ("one", "c", "1")]
    assert again.groups.members("sales") == ["b", "c"]
    assert again.groups.members("support") == []
    again.close()


def test_any_order_of_changes_is_kept_as_memory_has_it(tmp_path: Path) -> None:
    dice = random.Random(7)
    kept = open_stores(Databases(), tmp_path)
    memory, groups = HashStore(), DialGroups()
    for step in range(500):
        realm, key = dice.choice("rst"), dice.choice("abcd")
        for store in (kept.database, memory):
            match step % 7:
                case 0 if key == "a":
                    store.delete_realm(realm)
                case 1:
                    store.delete(realm, key)
                case 2:
                    store.delete_if_match(realm, key, str(step - 3))
                case 3:
                    store.insert_if_empty(realm, key, str(step))
                case _:
                    store.insert(realm, key, str(step))
        for members in (kept.groups, groups):
            if step % 3:
                members.insert(realm, key)
            else:
                members.delete(realm, "*" if key == "d" else key)
    kept.close()
    again = open_stores(Databases(), tmp_path)
    assert sorted(again.database.items()) == sorted(memory.items())
    for realm in "rst":
        assert again.groups.members(realm) == groups.members(realm)
    again.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        open_stores(Databases(), tmp_path)


def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    open_stores(Databases(), tmp_path).close()
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
