"""PostgreSQL is away when the switch starts: calls go on, what was stored comes back with it."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.db import postgres as module
from tests.db.test_databases import BINDING
from tests.support.postgres import Postgres, needs_postgres
from tests.support.server import DOMAIN, Server, until, write_configuration
from tests.support.switch import extension

pytestmark = [pytest.mark.slow, needs_postgres]

VOICEMAIL = """
<configuration name="modules.conf"><modules><load module="mod_voicemail"/></modules></configuration>
<configuration name="voicemail.conf"><profiles><profile name="default"/></profiles></configuration>
"""


async def begin(folder: Path, postgres: Postgres) -> Server:
    """A switch that stores everything in that server, which need not be there."""
    write_configuration(
        folder,
        (extension("1", f"voicemail default {DOMAIN} 1001"), extension("2", "answer", "park")),
        configuration=VOICEMAIL,
    )
    document = folder / "conf/softswitch.xml"
    marks = '<param name="sessions-per-second"'
    setting = f'<param name="core-db-dsn" value="{postgres.dsn}"/>'
    document.write_text(document.read_text().replace(marks, setting + marks))
    return await Server.begin(folder)


async def test_the_switch_starts_and_takes_over_later_without_losing(
    tmp_path: Path,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "LONGEST_DELAY", 0.2)
    before = await begin(tmp_path / "one", postgres)
    try:
        before.sip.location.put(replace(BINDING, user="1000", expires=time.time() + 3600))
        await before.api("db insert/before/key/old")
        await before.api("db insert/both/key/old")
        await before.api("group insert:sales:user/1")
    finally:
        await before.stop()
    postgres.stop()
    server = await begin(tmp_path / "two", postgres)
    try:
        assert (
            "registrations and subscriptions of before are taken up once it is back" in caplog.text
        )
        assert "what db and group kept is taken up once it is back" in caplog.text
        phone = await server.phone("1001", register=True)
        await server.api("db insert/both/key/new")
        await server.api("db insert/since/key/new")
        assert await server.api("db select/before/key") == ""
        call = phone.call("2")
        await call.expect_answer()
        call.hangup()
        refused = phone.call("1")
        await until(lambda: len(server.ended()) == 2, "the end of both calls", 30)
        refused.hangup()
        assert server.ended()[1]["Hangup-Cause"] == "NORMAL_TEMPORARY_FAILURE"
        postgres.start()
        users = {"1000", "1001"}
        await until(lambda: {one.user for one in server.sip.location} == users, "the others")
        await until(lambda: server.switch.stores.groups.members("sales"), "the groups")
        assert await server.api("db select/before/key") == "old"
        assert await server.api("db select/both/key") == "new"
    finally:
        await server.stop()
    stored = dict(postgres.rows("SELECT realm, data FROM call_limit.db_data"))
    assert stored == {"before": "old", "both": "new", "since": "new"}
    found = postgres.rows('SELECT "user" FROM registrations.registration ORDER BY 1')
    assert ("1000",) in found, "phones may unregister when they end"
    assert not [one for one in caplog.records if one.exc_info and one.levelno >= logging.ERROR]
