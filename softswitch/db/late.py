"""What was stored before a start at which the database was away, taken up once it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from softswitch.db.database import Database

T = TypeVar("T")

ATTEMPTS = 10
"""How often it is read again because something was written meanwhile."""


async def read_once_ready(database: Database, read: Callable[[], T]) -> T:
    """What ``read`` finds once the database is there and everything that waited is written.

    ``read`` blocks and runs in an executor. Raises `DatabaseError` where the database is back but
    cannot be used.
    """
    loop = asyncio.get_running_loop()
    await asyncio.wrap_future(database.ready)
    for _ in range(ATTEMPTS):
        taken = database.taken
        await asyncio.wrap_future(database.flush())
        found = await loop.run_in_executor(None, read)
        if database.taken == taken:
            break
    return found
