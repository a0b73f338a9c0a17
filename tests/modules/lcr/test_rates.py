from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softswitch.db.foreign import ForeignDatabase
from softswitch.modules.lcr.rates import Inquiry, LookupFailed, Rates, expanded
from softswitch.modules.lcr.routes import Dialled
from softswitch.modules.lcr.settings import LcrProfile
from tests.modules.lcr.support import ROWS, TABLES, make_database
from tests.support.postgres import Postgres, needs_postgres
from tests.support.switch import bench

DEFAULT = LcrProfile()
NEW_YORK = "12125550000"


@pytest.fixture
async def rates(tmp_path: Path) -> AsyncIterator[Rates]:
    make_database(tmp_path / "rates.db")
    database = ForeignDatabase("sqlite://rates.db", tmp_path)
    async with bench(tmp_path / "switch") as b:
        yield Rates(b.switch, database)
    await database.close()


async def carriers(
    rates: Rates,
    number: str,
    profile: LcrProfile = DEFAULT,
    *,
    cid: str = "4912345",
    lrn: str = "",
    intrastate: bool = False,
    intralata: bool = False,
) -> list[str]:
    inquiry = Inquiry(Dialled(number, cid), lrn, intrastate, intralata)
    return [f"{r.carrier} {r.rate:g}" for r in await rates.routes(profile, inquiry)]


async def test_the_longest_digits_go_first_then_the_cheapest(rates: Rates) -> None:
    assert await carriers(rates, "49891234") == ["cheap 0.1", "middle 0.25", "dear 0.5"]
    # The other way to the same end is left out: it is the longer match that counts.
    assert await carriers(rates, "+49 30 1234") == ["dear 0.9", "cheap 0.1", "middle 0.25"]
    assert await carriers(rates, "33123") == await carriers(rates, "7") == []


async def test_a_profile_orders_by_other_things(rates: Rates) -> None:
    quality = LcrProfile(order_by=("quality", "rate"))
    assert await carriers(rates, "4989", quality) == ["dear 0.5", "middle 0.25", "cheap 0.1"]
    assert await carriers(rates, "4989", LcrProfile(id=7)) == []


@pytest.mark.parametrize(
    ("cid", "wanted", "first"),
    [
        ("12015550000", {}, "middle 0.01"),
        ("16465550000", {}, "cheap 0.02"),
        ("19175550000", {}, "cheap 0.01"),
        ("4930", {"intrastate": True}, "cheap 0.02"),
        ("4930", {"intralata": True}, "cheap 0.01"),
    ],
)
async def test_rates_inside_a_state_or_lata_count_where_they_hold(
    rates: Rates, cid: str, wanted: dict[str, bool], first: str
) -> None:
    assert (await carriers(rates, NEW_YORK, cid=cid, **wanted))[0] == first


async def test_a_ported_number_goes_by_that_of_its_network(rates: Rates) -> None:
    assert await carriers(rates, NEW_YORK, lrn="19995550000") == [
        "dear 0.001", "middle 0.01", "cheap 0.03",
    ]  # fmt: skip


async def test_a_statement_of_the_operators_may_name_what_is_asked(rates: Rates) -> None:
    sql = (
        "SELECT digits AS lcr_digits, '%q' AS lcr_carrier_name, ${lcr_rate_field} AS"
        " lcr_rate_field, 'x' AS lcr_gw_prefix FROM lcr WHERE digits IN"
        " (${lcr_query_expanded_digits}) AND id = ${wanted}"
    )
    inquiry = Inquiry(Dialled("4989", "1"), variables={"wanted": "3"})
    (route,) = await rates.routes(LcrProfile(custom_sql=sql), inquiry)
    assert (route.carrier, route.rate) == ("4989", 0.25)
    assert inquiry.variables["lcr_query_expanded_digits"] == "4989, 498, 49, 4"
    evil = Inquiry(Dialled("4989", "1"), variables={"wanted": "3 OR 1=1"})
    with pytest.raises(LookupFailed, match="may not stand bare"):
        await rates.routes(LcrProfile(custom_sql=sql), evil)


async def test_what_cannot_be_found_is_told(rates: Rates, tmp_path: Path) -> None:
    with pytest.raises(LookupFailed, match="has no digits"):
        await carriers(rates, "office")
    with pytest.raises(LookupFailed, match="no such table"):
        await carriers(rates, "49", LcrProfile(custom_sql="SELECT * FROM nowhere"))
    (tmp_path / "rates.db").unlink()
    other = Rates(rates._switch, ForeignDatabase("sqlite://none.db", tmp_path))
    with pytest.raises(LookupFailed, match="there is no such file"):
        await carriers(other, "49")


async def test_a_database_may_lack_what_came_later(tmp_path: Path) -> None:
    import sqlite3

    make_database(tmp_path / "rates.db")
    with sqlite3.connect(tmp_path / "rates.db") as connection:
        for statement in (
            "ALTER TABLE lcr DROP COLUMN lrn",
            "ALTER TABLE lcr DROP COLUMN cid",
            "ALTER TABLE lcr DROP COLUMN intrastate_rate",
            "ALTER TABLE carrier_gateway DROP COLUMN codec",
            "DROP TABLE npa_nxx_company_ocn",
        ):
            connection.execute(statement)
    connection.close()
    database = ForeignDatabase("sqlite://rates.db", tmp_path)
    async with bench(tmp_path / "switch") as b:
        old = Rates(b.switch, database)
        assert (await carriers(old, "4989"))[0] == "cheap 0.1"
        assert (await carriers(old, NEW_YORK, intrastate=True))[0] == "middle 0.01"
        schema = await old.schema()
        assert not (schema.lrn or schema.cid or schema.codec or schema.npanxx)
    await database.close()


def test_a_number_and_its_beginnings_are_a_list() -> None:
    assert expanded("493", quoted=False) == "493, 49, 4"
    assert expanded("49", quoted=True) == "'49', '4'"


@needs_postgres
async def test_rates_in_postgresql_are_found_too(tmp_path: Path, postgres: Postgres) -> None:
    postgres.run_sql("CREATE SCHEMA lcr; SET search_path TO lcr;" + TABLES + ROWS)
    dsn = f"{postgres.dsn} options='-csearch_path=lcr'"
    database = ForeignDatabase(dsn, tmp_path, seconds=60)
    async with bench(tmp_path / "switch") as b:
        found = Rates(b.switch, database)
        assert await carriers(found, "49891234") == ["cheap 0.1", "middle 0.25", "dear 0.5"]
        assert (await carriers(found, NEW_YORK, cid="16465550000"))[0] == "cheap 0.02"
    await database.close()
