"""Records as rows of a PostgreSQL table, by the field map of ``cdr_pg_csv.conf``."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from softswitch.db.database import DatabaseError
from softswitch.db.dsn import described
from softswitch.db.postgres import Connection, away, connect, first_line, storable
from softswitch.modules.cdr.legs import Legs
from softswitch.modules.cdr.pg_settings import Field, PgSettings
from softswitch.modules.cdr.template import Get
from softswitch.switch.call_record import clean

if TYPE_CHECKING:
    from softswitch.switch.session import Session

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_QUALIFIED = re.compile(r'"((?:[^"]|"")*)"|([^".]+)')


class PgTable:
    """Inserts each record once, whatever happens in between: the uuid tells what is there.

    Table and columns are made where they are missing. A row that the table refuses, for a
    type or a constraint of its owner's, is written to a file in the spool folder; what the
    server does not take because it is away waits.
    """

    def __init__(self, conninfo: str, settings: PgSettings, fields: list[Field], spool: Path):
        self.legs = Legs(settings.legs)
        self.spool = spool / f"cdr-spool.{settings.spool_format}"
        self._conninfo = conninfo
        self._table = sql.Identifier(*_parts(settings.db_table))
        # Some configurations name no uuid: without it nothing could be told apart.
        self._fields = fields if _has_uuid(fields) else [*fields, Field("uuid")]
        self._uuid = next(field.column for field in self._fields if field.variable == "uuid")
        columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in self._fields)
        self._columns = sql.SQL("INSERT INTO {} ({}) VALUES ").format(self._table, columns)
        marks = sql.SQL(", ").join(sql.Placeholder() * len(self._fields))
        self._insert = self._columns + sql.SQL("({})").format(marks)
        self._connection: Connection | None = None

    def __repr__(self) -> str:
        return f"<PgTable in {described(self._conninfo)}>"

    async def render(self, session: Session) -> list[str | None]:
        """The values of the columns; None is NULL."""
        bleg = session.channel.variables.get("bridge_uuid") or ""
        session.scopes.append({"bleg_uuid": session.get("bleg_uuid") or bleg})
        try:
            return self._values(session.get)
        finally:
            session.scopes.pop()

    async def render_cut_off(self, variables: Mapping[str, str]) -> list[str | None]:
        """The same for a call of which only these variables are known."""
        return self._values(variables.get)

    def _values(self, get: Get) -> list[str | None]:
        return [_value(field, clean(get(field.variable) or "")) for field in self._fields]

    async def deliver(self, records: list[tuple[str, Any]], mark: Any, *, again: bool) -> Any:
        """Insert the rows. Raises OSError where the server is away or nothing can be written."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._write, dict(records))
        return mark

    def _write(self, rows: dict[str, list[str | None]]) -> None:
        try:
            if self._connection is None:
                self._connection = connect(self._conninfo)
                self._prepare(self._connection)
            refused = self._add(self._connection, rows)
        except psycopg.Error as error:
            self._disconnect()
            raise DatabaseError(f"{described(self._conninfo)}: {first_line(error)}") from None
        if refused:
            self._keep(refused, self._connection)

    def _add(
        self, connection: Connection, rows: dict[str, list[str | None]]
    ) -> list[list[str | None]]:
        """Insert those that are not there; the ones that the table refuses."""
        there = self._known(connection, list(rows))
        new = [storable(values) for uuid, values in rows.items() if uuid not in there]
        try:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(self._insert, new)
        except psycopg.Error as error:
            if away(error):
                raise
        else:
            return []
        refused = []
        with connection.transaction():
            for values in new:
                try:
                    with connection.transaction():
                        connection.execute(self._insert, values)
                except psycopg.Error as error:
                    if away(error):
                        raise
                    log.error("%r refuses a record, see %s: %s", self, self.spool, error)
                    refused.append([None if value is None else str(value) for value in values])
        return refused

    def _known(self, connection: Connection, uuids: list[str]) -> set[str]:
        marks = sql.SQL(", ").join(sql.Placeholder() * len(uuids))
        column = sql.Identifier(self._uuid)
        query = sql.SQL("SELECT {} FROM {} WHERE {} IN ({})").format(
            column, self._table, column, marks
        )
        return {str(row[0]) for row in connection.execute(query, uuids)}

    def _prepare(self, connection: Connection) -> None:
        """Make the table and the columns that are missing."""
        name = self._table.as_string(connection)
        found = connection.execute("SELECT to_regclass(%s)::oid", [name]).fetchone()
        if found is None or found[0] is None:
            columns = sql.SQL(", ").join(_column(field) for field in self._fields)
            connection.execute(
                sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(self._table, columns)
            )
            connection.execute(
                sql.SQL("CREATE INDEX ON {} ({})").format(self._table, sql.Identifier(self._uuid))
            )
            return
        there = {
            row[0]
            for row in connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0"
                " AND NOT attisdropped",
                [found[0]],
            )
        }
        for field in self._fields:
            if field.column not in there:
                connection.execute(
                    sql.SQL("ALTER TABLE {} ADD COLUMN {}").format(self._table, _column(field))
                )

    def _keep(self, rows: list[list[str | None]], connection: Connection) -> None:
        """Append rows to the spool file. Raises OSError."""
        self.spool.parent.mkdir(parents=True, exist_ok=True)
        text = io.StringIO()
        if self.spool.suffix == ".sql":
            for row in rows:
                values = sql.SQL(", ").join(map(sql.Literal, row))
                statement = self._columns + sql.SQL("({});\n").format(values)
                text.write(statement.as_string(connection))
        else:
            writer = csv.writer(text, quoting=csv.QUOTE_ALL)
            if not self.spool.exists():
                writer.writerow([field.column for field in self._fields])
            writer.writerows(rows)
        with self.spool.open("a", encoding="utf-8", newline="") as file:
            os.chmod(self.spool, 0o600)
            file.write(text.getvalue())
            file.flush()
            os.fsync(file.fileno())

    def rotate(self) -> None:
        """Begin a new spool file; the old one gets the time in its name. Blocks."""
        if self.spool.exists():
            stamp = time.strftime("%Y-%m-%d-%H-%M-%S")
            self.spool.rename(self.spool.with_name(f"{self.spool.name}.{stamp}"))

    async def close(self) -> None:
        """End the connection."""
        self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None


def _value(field: Field, text: str) -> str | None:
    if not field.quote:
        return text if _NUMBER.fullmatch(text) else "0" if field.not_null else None
    return text if text or field.not_null else None


def _column(field: Field) -> sql.Composed:
    """Name and type of a column that is to be made."""
    kind = "TEXT"
    if not field.quote:
        kind = "NUMERIC"
    elif field.variable in ("start_stamp", "answer_stamp", "end_stamp", "progress_stamp"):
        kind = "TIMESTAMP"
    return sql.SQL("{} {}").format(sql.Identifier(field.column), sql.SQL(kind))


def _has_uuid(fields: list[Field]) -> bool:
    return any(field.variable == "uuid" for field in fields)


def _parts(table: str) -> list[str]:
    """``schema.table`` as PostgreSQL reads it: folded to lower case where it is not quoted."""
    return [
        quoted.replace('""', '"') or plain.strip().lower()
        for quoted, plain in _QUALIFIED.findall(table)
    ]
