from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from softswitch.db.database import Database, DatabaseError, Statement
from softswitch.db.late import ATTEMPTS, read_once_ready


class Late(Database):
    """Is ready when the test says so; remembers what was written."""

    def __init__(self) -> None:
        self.written: list[Statement] = []
        super().__init__("late", ready=False)

    def _prepare(self) -> None:
        """Nothing is written before the test has made it ready."""
        self.ready.exception()

    def _commit(self, statements: Iterable[Statement]) -> None:
        self.written += statements


async def test_what_waited_is_written_before_it_is_read() -> None:
    database = Late()
    database.execute("DELETE", (1,))
    reading = asyncio.get_running_loop().create_task(
        read_once_ready(database, lambda: list(database.written))
    )
    await asyncio.sleep(0)
    assert not reading.done() and database.waiting == 1
    database.ready.set_result(None)
    assert await reading == [("DELETE", (1,))]
    database.close()


async def test_it_is_read_again_when_something_was_written_meanwhile() -> None:
    database = Late()
    database.ready.set_result(None)
    reads: list[int] = []

    def read() -> int:
        reads.append(len(database.written))
        if len(reads) < 3:
            database.execute("INSERT")
        return len(reads)

    assert await read_once_ready(database, read) == 3
    assert reads == [0, 1, 2]
    database.close()


async def test_one_that_is_always_written_to_is_read_all_the_same() -> None:
    database = Late()
    database.ready.set_result(None)
    reads: list[None] = []
    await read_once_ready(database, lambda: (reads.append(None), database.execute("INSERT")))
    assert len(reads) == ATTEMPTS
    database.close()


async def test_who_waits_may_give_up_and_others_go_on_waiting() -> None:
    database = Late()
    reading = asyncio.get_running_loop().create_task(read_once_ready(database, lambda: 1))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    other = asyncio.get_running_loop().create_task(read_once_ready(database, lambda: 1))
    database.ready.set_result(None)
    assert await other == 1
    database.close()


async def test_one_that_cannot_be_used_is_told() -> None:
    database = Late()
    database.ready.set_exception(DatabaseError("no such role"))
    with pytest.raises(DatabaseError, match="no such role"):
        await read_once_ready(database, lambda: 1)
    database.close()
