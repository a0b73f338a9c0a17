"""Two switches and a real PostgreSQL between them: one limit for the calls of both."""

from __future__ import annotations

import logging
from pathlib import Path

import psycopg
import pytest

from softswitch.modules.db import shared_limits
from tests.support.postgres import Postgres, needs_postgres
from tests.support.server import Server, until, write_configuration
from tests.support.switch import extension

pytestmark = [pytest.mark.slow, needs_postgres]

TWO_CALLS = extension("1", "limit db trunk a%b 2", "answer", "park")
USAGE = "limit_usage db trunk a%b"


async def begin(folder: Path, postgres: Postgres, name: str) -> Server:
    """A switch that takes two calls at once, together with all that use the same server."""
    setting = f'<settings><param name="odbc-dsn" value="{postgres.dsn}"/></settings>'
    write_configuration(
        folder / name,
        (TWO_CALLS, extension("limit_exceeded", "respond 486")),
        configuration=f'<configuration name="db.conf">{setting}</configuration>',
    )
    document = folder / name / "conf/softswitch.xml"
    mark = '<param name="sessions-per-second"'
    called = f'<param name="switchname" value="{name}"/>'
    document.write_text(document.read_text().replace(mark, called + mark))
    return await Server.begin(folder / name)


async def counts(server: Server, usage: int) -> None:
    """Wait until a switch counts so many calls, its own and others'."""
    limits = server.switch.limits.db
    await until(
        lambda: limits.total("trunk", "a%b") == usage,
        f"a usage of {usage}",
        then=lambda: limits.total("trunk", "a%b"),
    )
    assert await server.api(USAGE) == str(usage)


async def test_calls_of_both_switches_count(tmp_path: Path, postgres: Postgres) -> None:
    one = await begin(tmp_path, postgres, "one")
    two = await begin(tmp_path, postgres, "two")
    try:
        phones = [await server.phone("1000") for server in (one, two)]
        calls = []
        for phone in phones:
            calls.append(phone.call("1"))
            await calls[-1].expect_answer()
        await counts(one, 2)
        await counts(two, 2)
        for phone in phones:
            assert await phone.call("1").expect_end() == 486
        calls[0].hangup()
        await counts(two, 1)
        third = phones[1].call("1")
        await third.expect_answer()
        await counts(one, 2)
        assert await phones[0].call("1").expect_end() == 486
    finally:
        await two.stop()
    try:
        await counts(one, 0)
        assert postgres.rows("SELECT hostname FROM shared_limits.limit_switch") == [("one",)]
        calls[0] = phones[0].call("1")
        await calls[0].expect_answer()
        await until(
            lambda: (
                postgres.rows("SELECT hostname, realm, id FROM shared_limits.limit_data")
                == [("one", "trunk", "a%b")]
            ),
            "its row",
        )
    finally:
        await one.stop()
    assert postgres.rows("SELECT * FROM shared_limits.limit_data") == []


async def test_calls_go_on_without_the_database(
    tmp_path: Path,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is away at the start, comes, hangs, and comes back."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(shared_limits, "BEAT", 0.2)
    monkeypatch.setattr(shared_limits, "LEASE", 2.0)
    postgres.stop()
    one = await begin(tmp_path, postgres, "one")
    two = await begin(tmp_path, postgres, "two")
    try:
        phones = [await server.phone("1000") for server in (one, two)]
        for phone in phones:
            await phone.call("1").expect_answer()
        await counts(one, 1)
        postgres.start()
        await counts(one, 2)
        await counts(two, 2)
        with psycopg.connect(postgres.dsn.removeprefix("pgsql://")) as other:
            other.execute("LOCK TABLE shared_limits.limit_data, shared_limits.limit_switch")
            await counts(one, 1)
            await phones[0].call("1").expect_answer()
            assert "count on this switch alone for now: it does not answer" in caplog.text
        await counts(two, 3)
        await until(lambda: "limits are shared again" in caplog.text, "the word of it")
        assert await phones[1].call("1").expect_end() == 486
    finally:
        await two.stop()
        await one.stop()
    assert not [one for one in caplog.records if one.exc_info and one.levelno >= logging.ERROR]
