"""Stores as lines of JSON: what ``softswitch db backup`` writes, of SQLite and PostgreSQL alike.

The first line of a store names it and the version of its schema, the next its tables and their
columns, each followed by its rows as arrays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from softswitch.db.database import Database


class BadBackup(ValueError):
    """A file is no backup, or one that cannot be restored; the message says why."""


def lines(name: str, database: Database) -> Iterator[str]:
    """All that is in a store. Blocks."""
    yield json.dumps({"store": name, "version": database.version()}) + "\n"
    for table, columns in database.tables().items():
        yield json.dumps({"table": table, "columns": columns}) + "\n"
        listed = ", ".join(map(_name, columns))
        for row in database.query(f"SELECT {listed} FROM {_name(table)} ORDER BY rowid"):
            yield json.dumps(row) + "\n"


def stores_of(text: Iterable[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Name, version and lines of each store of a backup. Raises `BadBackup`."""
    name, version, found = "", 0, list[str]()
    for number, line in enumerate(text, 1):
        try:
            item = json.loads(line)
            if isinstance(item, dict) and "store" in item:
                if name:
                    yield name, version, found
                name, version, found = str(item["store"]), int(item["version"]), []
                continue
        except (ValueError, TypeError, KeyError):
            raise BadBackup(f"line {number} is none of a backup") from None
        if not name:
            raise BadBackup("this is no backup of softswitch")
        found.append(line)
    if name:
        yield name, version, found


def load(database: Database, text: Iterable[str]) -> int:
    """Put the tables and rows of one store in place of what is there; how many rows. Blocks.

    Raises `BadBackup`; rows written until then stay, and another attempt begins anew.
    """
    known = database.tables()
    insert, count, width = "", 0, 0
    for table in known:
        database.execute(f"DELETE FROM {_name(table)}")
    for line in text:
        item = json.loads(line)
        match item:
            case {"table": str(table), "columns": [*columns]}:
                if table not in known or not set(columns) <= set(known[table]):
                    raise BadBackup(f"the table {table} is not known here")
                marks = ", ".join("?" * len(columns))
                listed = ", ".join(map(_name, columns))
                insert = f"INSERT INTO {_name(table)} ({listed}) VALUES ({marks})"
                width = len(columns)
            case [*values] if insert and len(values) == width and all(map(_is_value, values)):
                database.execute(insert, tuple(values))
                count += 1
            case _:
                raise BadBackup(f"not the row of a table: {line[:60].rstrip()}")
    database.flush().result()
    if database.failed:
        raise BadBackup(f"{database.failed} rows could not be written; the log says why")
    return count


def _is_value(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
