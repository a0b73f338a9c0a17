"""Records in a real PostgreSQL."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import pytest

from softswitch.db.database import DatabaseError
from softswitch.modules.cdr.pg_settings import Field, PgSettings
from softswitch.modules.cdr.pg_table import PgTable
from tests.support.postgres import Postgres, needs_postgres

pytestmark = needs_postgres
FIELDS = [
    Field("uuid"),
    Field("caller_id_name", "name"),
    Field("billsec", quote=False),
    Field("answer_stamp"),
]
ONE = "11111111-1111-1111-1111-111111111111"
TWO = "22222222-2222-2222-2222-222222222222"
_names = (f"cdr{number}" for number in itertools.count())


class Desk:
    """A table that may not be there yet."""

    def __init__(self, server: Postgres, folder: Path, **settings: Any) -> None:
        self.server, self.folder, self.settings = server, folder, settings
        self.name = settings.pop("db_table", next(_names))

    def table(self, fields: list[Field] = FIELDS) -> PgTable:
        settings = PgSettings(db_table=self.name, **self.settings)
        return PgTable(self.server.dsn.removeprefix("pgsql://"), settings, fields, self.folder)

    def rows(self, columns: str = "*") -> list[tuple[object, ...]]:
        return self.server.rows(f"SELECT {columns} FROM {self.name}")


async def record(table: PgTable, uuid: str, **variables: str) -> tuple[str, Any]:
    return uuid, await table.render_cut_off({"uuid": uuid, **variables})


async def test_each_record_is_one_row_however_often_it_is_delivered(
    postgres: Postgres, tmp_path: Path
) -> None:
    desk = Desk(postgres, tmp_path)
    table = desk.table()
    evil = "Bob'); DROP TABLE cdr;--\0\udcff"
    records = [
        await record(
            table, ONE, caller_id_name=evil, billsec="7", answer_stamp="2026-01-02 03:04:05"
        ),
        await record(table, TWO, billsec="x"),
    ]
    for again in (False, True):
        assert await table.deliver(records, "mark", again=again) == "mark"
    await table.close()
    assert desk.rows("uuid, name, billsec::int, answer_stamp::text") == [
        (ONE, "Bob'); DROP TABLE cdr;--�?", 7, "2026-01-02 03:04:05"),
        (TWO, None, None, None),
    ]


async def test_a_table_of_freeswitchs_schema_is_filled(postgres: Postgres, tmp_path: Path) -> None:
    desk = Desk(postgres, tmp_path, db_table="public.fs_cdr")
    postgres.run_sql(
        "CREATE TABLE fs_cdr (id serial PRIMARY KEY, name varchar NOT NULL, uuid uuid NOT NULL,"
        " billsec int NOT NULL, answer_stamp timestamptz)"
    )
    fields = [Field("uuid"), Field("caller_id_name", "name", not_null=True), *FIELDS[2:]]
    table = desk.table(fields)
    for _ in range(2):
        await table.deliver([await record(table, ONE, billsec="3")], None, again=True)
    await table.close()
    assert desk.rows("uuid::text, name, billsec, answer_stamp") == [(ONE, "", 3, None)]


async def test_columns_that_are_missing_are_added(postgres: Postgres, tmp_path: Path) -> None:
    desk = Desk(postgres, tmp_path)
    first, second = desk.table(FIELDS[1:2]), desk.table()
    await first.deliver([await record(first, ONE, caller_id_name="a")], None, again=False)
    await second.deliver([await record(second, TWO, billsec="1")], None, again=False)
    assert desk.rows("uuid, name, billsec::int") == [(ONE, "a", None), (TWO, None, 1)]
    await first.close()
    await second.close()


@pytest.mark.parametrize("form", ["csv", "sql"])
async def test_a_row_that_the_table_refuses_goes_to_a_file_and_holds_up_nobody(
    postgres: Postgres, tmp_path: Path, form: str
) -> None:
    desk = Desk(postgres, tmp_path / "spool", spool_format=form)
    postgres.run_sql(f"CREATE TABLE {desk.name} (uuid uuid, name varchar(3), billsec int)")
    table = desk.table(FIELDS[:3])
    for bad in (ONE, "33333333-3333-3333-3333-333333333333"):
        records = [
            await record(table, bad, caller_id_name='"too", long\'', billsec="1"),
            await record(table, TWO, caller_id_name="Bob", billsec="2"),
        ]
        await table.deliver(records, None, again=False)
    assert desk.rows("name, billsec") == [("Bob", 2)]
    text = table.spool.read_text()
    if form == "csv":
        lines = list(csv.reader(text.splitlines()))
        assert [line[1] for line in lines] == ["name", '"too", long\'', '"too", long\'']
    else:
        postgres.run_sql(f"ALTER TABLE {desk.name} ALTER COLUMN name TYPE varchar")
        postgres.run_sql(text)
        assert len(desk.rows()) == 3
    table.rotate()
    assert not table.spool.exists()
    assert len(list(table.spool.parent.iterdir())) == 1
    table.rotate()
    await table.close()


async def test_while_the_server_is_away_records_are_not_taken(
    postgres: Postgres, tmp_path: Path
) -> None:
    desk = Desk(postgres, tmp_path)
    table = desk.table()
    await table.deliver([await record(table, ONE)], None, again=False)
    postgres.stop()
    for _ in range(2):
        with pytest.raises(DatabaseError, match="PostgreSQL postgres at 127") as refused:
            await table.deliver([await record(table, TWO)], None, again=False)
        assert "pw" not in str(refused.value)
    postgres.start()
    await table.deliver([await record(table, TWO)], None, again=True)
    assert [row[0] for row in desk.rows("uuid")] == [ONE, TWO]
    await table.close()
    assert "pw" not in repr(table)


async def test_a_table_that_cannot_be_made_is_told(postgres: Postgres, tmp_path: Path) -> None:
    table = Desk(postgres, tmp_path, db_table="nowhere.cdr").table()
    with pytest.raises(DatabaseError, match="nowhere"):
        await table.deliver([await record(table, ONE)], None, again=False)
    await table.close()


async def test_odd_names_of_tables_are_names(postgres: Postgres, tmp_path: Path) -> None:
    table = Desk(postgres, tmp_path, db_table='"a""b; DROP"').table()
    await table.deliver([await record(table, ONE)], None, again=False)
    await table.close()
    assert postgres.rows('SELECT uuid FROM "a""b; DROP"') == [(ONE,)]
