"""Records as rows of an SQLite table."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softswitch.modules.cdr.legs import Legs
from softswitch.switch.call_record import clean
from softswitch.switch.event_expansion import expand_event

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


class SqliteTable:
    """Inserts each record once, whatever happens in between: the uuid tells what is there.

    Columns are named for the variables; the table, its columns and an index are made where
    they are missing.
    """

    def __init__(
        self, switch: Switch, path: Path, table: str, names: Sequence[str], legs: Legs
    ) -> None:
        self.legs = legs
        self.path = path
        self._switch = switch
        # Some configurations name no uuid: without it nothing could be told apart.
        self._names = [*names, *(("uuid",) if "uuid" not in names else ())]
        columns = ", ".join(_name(name) for name in self._names)
        marks = ", ".join("?" for _ in self._names)
        self._table = _name(table)
        self._insert = (
            f"INSERT INTO {self._table} ({columns}) SELECT {marks}"
            f" WHERE NOT EXISTS (SELECT 1 FROM {self._table} WHERE uuid = ?)"
        )

    def __repr__(self) -> str:
        return f"<SqliteTable {self.path} {self._table}>"

    async def render(self, session: Session) -> list[str]:
        """The values of the columns."""
        bleg = session.channel.variables.get("bridge_uuid") or ""
        session.scopes.append({"bleg_uuid": session.get("bleg_uuid") or bleg})
        try:
            return [clean(await session.expand(f"${{{name}}}")) for name in self._names]
        finally:
            session.scopes.pop()

    async def render_cut_off(self, variables: Mapping[str, str]) -> list[str]:
        """The same for a call of which only these variables are known."""
        return [await expand_event(self._switch, f"${{{name}}}", variables) for name in self._names]

    async def deliver(self, records: list[tuple[str, Any]], mark: Any, *, again: bool) -> Any:
        """Insert the rows. Raises sqlite3.Error where that fails."""
        loop = asyncio.get_running_loop()
        rows = [(*values, uuid) for uuid, values in records]
        await loop.run_in_executor(None, self._write, rows)
        return mark

    def _write(self, rows: list[tuple[str, ...]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path)
        try:
            with connection:
                self._prepare(connection)
                connection.executemany(self._insert, rows)
        finally:
            connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        columns = ", ".join(f"{_name(name)} TEXT" for name in self._names)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {self._table} ({columns})")
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({self._table})")}
        for name in self._names:
            if name not in there:
                connection.execute(f"ALTER TABLE {self._table} ADD COLUMN {_name(name)} TEXT")
        index = _name(f"{self._table.strip(chr(34))}_uuid")
        connection.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {self._table} (uuid)")

    async def close(self) -> None:
        """Nothing is kept open."""


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
