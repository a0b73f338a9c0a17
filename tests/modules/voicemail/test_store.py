from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.db.sqlite import SqliteDatabase
from softswitch.modules.voicemail.store import (
    DELETED,
    MIGRATIONS,
    NORMAL,
    SAVED,
    URGENT,
    Counts,
    Message,
    MessageStore,
    Preferences,
    StoreError,
)

FIRST = Message("1000", "a.test", "u1", 100, "Bob", "3000", "/m/1.wav", 5)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[MessageStore]:
    store = MessageStore(SqliteDatabase(folder / "vm.db", MIGRATIONS))
    yield store
    await store.close()


async def test_messages_are_there_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.add(FIRST)
    async with opened(tmp_path) as store:
        assert await store.messages("1000", "a.test") == [FIRST]
        assert await store.message("1000", "a.test", "u1") == FIRST
        assert await store.message("1000", "a.test", "u2") is None
        assert await store.messages("1000", "b.test") == []


async def test_urgent_messages_come_first_then_the_oldest(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        for uuid, created, urgency in (("c", 300, NORMAL), ("a", 100, NORMAL), ("b", 200, URGENT)):
            await store.add(replace(FIRST, uuid=uuid, created=created, urgency=urgency))
        assert [m.uuid for m in await store.messages("1000", "a.test")] == ["b", "a", "c"]


async def test_counts_tell_new_saved_and_urgent_ones(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        for number, (read, urgency, flags) in enumerate(
            [
                *((0, NORMAL, ""), (0, URGENT, ""), (0, URGENT, SAVED)),
                *((9, NORMAL, SAVED), (9, URGENT, SAVED), (0, NORMAL, DELETED)),
            ]
        ):
            await store.add(
                replace(FIRST, uuid=str(number), read=read, urgency=urgency, flags=flags)
            )
        assert await store.counts("1000", "a.test") == Counts(3, 2, 2, 1)
        assert await store.used_seconds("1000", "a.test") == 30
        assert await store.used_seconds("1001", "a.test") == 0
        assert len(await store.messages("1000", "a.test", saved=True)) == 2
        assert len(await store.messages("1000", "a.test", saved=False)) == 4


async def test_messages_are_flagged_read_and_removed(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.add(FIRST)
        await store.flag(FIRST, SAVED)
        await store.mark_read(FIRST, 77)
        assert await store.messages("1000", "a.test") == [replace(FIRST, flags=SAVED, read=77)]
        await store.remove(FIRST)
        assert await store.messages("1000", "a.test") == []


async def test_preferences_are_kept_one_by_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        assert await store.preferences("1000", "a.test") == Preferences()
        await store.prefer("1000", "a.test", "password", "1")
        await store.prefer("1000", "a.test", "greeting_path", "/g")
        await store.prefer("1000", "a.test", "password", "2")
        assert await store.preferences("1000", "a.test") == Preferences("", "/g", "2")
        with pytest.raises(ValueError, match="is no preference"):
            await store.prefer("1000", "a.test", "uuid; DROP TABLE voicemail_prefs", "x")


async def test_a_message_that_is_not_written_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        with sqlite3.connect(tmp_path / "vm.db") as connection:
            connection.execute(
                "CREATE TRIGGER no BEFORE INSERT ON voicemail_msgs BEGIN SELECT RAISE(IGNORE); END"
            )
        connection.close()
        with pytest.raises(StoreError, match="the message u1 could not be written"):
            await store.add(FIRST)


async def test_names_from_the_network_are_no_sql(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        nasty = replace(FIRST, cid_name="'; DROP TABLE voicemail_msgs; --", cid_number='"')
        await store.add(nasty)
        assert await store.messages("1000", "a.test") == [nasty]
