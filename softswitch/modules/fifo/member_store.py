"""Members that commands added to queues, over a restart: FreeSWITCH's table in ``fifo.db``.

All is in memory; each change goes to the database behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.db.database import Database, Row, upsert
from softswitch.modules.fifo.queue import Member

if TYPE_CHECKING:
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.switch import Switch

FILE = "fifo.db"
MIGRATIONS = (
    """
    CREATE TABLE fifo_outbound (
        uuid VARCHAR(255) NOT NULL, fifo_name VARCHAR(1024) NOT NULL, originate_string TEXT,
        simo_count INTEGER, timeout INTEGER, lag INTEGER, expires INTEGER NOT NULL DEFAULT 0,
        taking_calls INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (uuid, fifo_name)
    );
    """,
)
_COLUMNS = (
    "uuid", "fifo_name", "originate_string", "simo_count", "timeout", "lag", "expires",
    "taking_calls",
)  # fmt: skip
_PUT = upsert("fifo_outbound", _COLUMNS, ("uuid", "fifo_name"))


class MemberStore:
    """Puts members of queues aside, and reads them back."""

    def __init__(self, database: Database, wall_clock: Callable[[], float]) -> None:
        """``wall_clock`` tells seconds since 1970."""
        self._database = database
        self._wall_clock = wall_clock

    @classmethod
    async def open(cls, switch: Switch) -> MemberStore:
        """The store of a switch. Raises OSError or `sqlite3.Error` where it cannot be used."""
        folder = Path(switch.globals.get("db_dir") or switch.folders.data / "db")
        work = switch.loop.run_in_executor(None, switch.databases.open, folder / FILE, MIGRATIONS)
        return cls(await work, lambda: switch.now_us() / 1_000_000)

    def __repr__(self) -> str:
        return f"<MemberStore {self._database}>"

    def put(self, queue: str, member: Member, now: float) -> None:
        """Keep a member; ``now`` is the loop's time, which his end is told in."""
        expires = 0
        if member.expires_at is not None:
            expires = round(self._wall_clock() + member.expires_at - now)
        self._database.execute(
            _PUT,
            (
                member.id,
                queue,
                member.dial_string,
                member.simo,
                member.timeout,
                member.lag,
                expires,
                member.taking_calls,
            ),
        )

    def delete(self, queue: str, member: Member) -> None:
        """Keep him no more."""
        statement = "DELETE FROM fifo_outbound WHERE uuid = ? AND fifo_name = ?"
        self._database.execute(statement, (member.id, queue))

    def delete_all(self) -> None:
        """Keep nobody."""
        self._database.execute("DELETE FROM fifo_outbound")

    async def restore(self, queues: Queues) -> None:
        """Put those who were kept into their queues; whose time is over is forgotten."""
        loop = asyncio.get_running_loop()
        columns = ", ".join(_COLUMNS)
        statement = f"SELECT {columns} FROM fifo_outbound ORDER BY fifo_name, uuid"
        rows = await loop.run_in_executor(None, self._database.query, statement)
        for row in rows:
            name, member = self._read(row, loop.time())
            if member.expires_at is not None and member.expires_at <= loop.time():
                self.delete(name, member)
            else:
                queues.restore_member(name, member)

    def _read(self, row: Row, now: float) -> tuple[str, Member]:
        name, dial_string = str(row[1]), str(row[2])
        simo, timeout, lag, expires, taking = (int(value or 0) for value in row[3:])
        ends = now + expires - self._wall_clock() if expires else None
        return name, Member(dial_string, simo, timeout, lag, ends, taking)

    async def close(self) -> None:
        """Write what waits."""
        await asyncio.get_running_loop().run_in_executor(None, self._database.close)
