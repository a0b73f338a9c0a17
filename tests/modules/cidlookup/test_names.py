from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from softswitch.db.foreign import ForeignDatabase
from softswitch.modules.cidlookup.names import CallerName, Names
from softswitch.modules.cidlookup.settings import CidlookupSettings
from tests.support.switch import bench

SQL = "SELECT name FROM people WHERE number = '${caller_id_number}'"
CITY = "SELECT city FROM places WHERE npa = ${caller_id_number:1:3}"


@dataclass
class Registry:
    """A web server that knows names."""

    url: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        name = self.answers.get(request.query.get("n", ""))
        return web.Response(text="nobody", status=404) if name is None else web.Response(text=name)


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    made = Registry()
    application = web.Application()
    application.router.add_get("/", made.serve)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://me:pw@127.0.0.1:{runner.addresses[0][1]}/?n=${{caller_id_number}}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[ForeignDatabase]:
    with sqlite3.connect(tmp_path / "names.db") as connection:
        connection.execute("CREATE TABLE people (number TEXT, name TEXT)")
        connection.execute("INSERT INTO people VALUES ('4930', 'Berlin Ltd'), ('5', NULL)")
        connection.execute("CREATE TABLE places (npa INTEGER, city TEXT)")
        connection.execute("INSERT INTO places VALUES (212, 'New York NY')")
    connection.close()
    made = ForeignDatabase("sqlite://names.db", tmp_path)
    yield made
    await made.close()


async def test_the_database_goes_before_the_server(
    tmp_path: Path, registry: Registry, database: ForeignDatabase
) -> None:
    registry.answers = {"4930": "other", "12125550000": "Alice\n", "7": "unknown", "8": "Bob"}
    settings = CidlookupSettings(url=registry.url, sql=SQL, citystate_sql=CITY)
    async with bench(tmp_path / "switch") as b:
        names = Names(b.switch, settings, database)
        look_up = names.look_up
        assert await look_up("+49 30") == CallerName("Berlin Ltd", source="phone_database")
        assert registry.asked == []
        assert await look_up("12125550000") == CallerName(
            "Alice", "New York NY", "url,npanxx_database"
        )
        assert registry.asked[0].headers["Authorization"] == (
            f"Basic {b64encode(b'me:pw').decode()}"
        )
        assert await look_up("7") == await look_up("9") == CallerName("UNKNOWN")
        assert await look_up("8", skip_url=True) == CallerName("UNKNOWN")
        assert await look_up("12125550001") == CallerName(
            "New York NY", "New York NY", "npanxx_database"
        )
        assert (await look_up("12125550001", skip_area=True)).name == "212-555-0001"
        assert (await look_up("5", skip_area=True)).name == "5"


@pytest.mark.parametrize("cache", [True, False])
async def test_what_the_server_said_is_kept_where_that_is_wanted(
    tmp_path: Path, registry: Registry, cache: bool
) -> None:
    registry.answers = {"8": "Bob"}
    settings = CidlookupSettings(url=registry.url, cache=cache, cache_expire=100)
    async with bench(tmp_path / "switch") as b:
        names = Names(b.switch, settings, None)
        assert (await names.look_up("8")).source == "url"
        again = await names.look_up("8")
        assert again == CallerName("Bob", source="url (cache)" if cache else "url")
        assert len(registry.asked) == (1 if cache else 2)
        await names.look_up("9")
        await names.look_up("9")
        assert len(registry.asked) == (3 if cache else 4), "nobody is not kept"


async def test_a_cached_name_is_forgotten_in_time(tmp_path: Path, registry: Registry) -> None:
    registry.answers = {"8": "Bob"}
    settings = CidlookupSettings(url=registry.url, cache=True, cache_expire=0.0)
    async with bench(tmp_path / "switch") as b:
        names = Names(b.switch, settings, None)
        assert (await names.look_up("8")).source == (await names.look_up("8")).source == "url"


async def test_nobody_is_known_where_nobody_answers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = CidlookupSettings(url="http://me:geheim@127.0.0.1:9/", sql="SELECT ${nothing}")
    async with bench(tmp_path / "switch") as b:
        database = ForeignDatabase("sqlite://none.db", tmp_path)
        names = Names(b.switch, settings, database)
        assert await names.look_up("4930") == CallerName("UNKNOWN")
        await database.close()
    assert "may not stand bare" in caplog.text and "geheim" not in caplog.text
