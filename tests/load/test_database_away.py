"""PostgreSQL is away for a while under SIPp's calls: none fails or waits, no record is lost.

``SOFTSWITCH_AWAY=60`` makes it a minute.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from softswitch.modules.cdr.recorder import Recorder
from tests.modules.cdr.support import configuration
from tests.support.postgres import Postgres, needs_postgres
from tests.support.programs import needs
from tests.support.server import Server, until, write_configuration
from tests.support.sipp import Sipp
from tests.support.switch import extension

pytestmark = [pytest.mark.slow, needs_postgres, needs("sipp")]
AWAY = float(os.environ.get("SOFTSWITCH_AWAY", "2"))
"""Seconds that the server is stopped."""
RATE = 20
"""Calls a second, from before it is stopped until after it is back."""


@pytest.mark.timeout(300 + 3 * AWAY)
async def test_no_call_fails_and_no_record_is_lost(tmp_path: Path, postgres: Postgres) -> None:
    calls = int(RATE * (AWAY + 6))
    callee, caller = Sipp(tmp_path / "callee", "uas"), Sipp(tmp_path / "caller", "uac")
    info = f"host=127.0.0.1 port={postgres.port} dbname=postgres user=postgres"
    shared = f'<settings><param name="odbc-dsn" value="{postgres.dsn}"/></settings>'
    uri = f"sofia/internal/sip:uas@127.0.0.1:{callee.port}"
    bridged = extension("7000", "limit db r x 1000", "set hangup_after_bridge=true",
                        "db insert/last/${uuid}/1", f"bridge {uri}")  # fmt: skip
    write_configuration(
        tmp_path,
        (bridged,),
        configuration=configuration("cdr_pg_csv.conf", db_info=info, legs="ab")
        + f'<configuration name="db.conf">{shared}</configuration>',
    )
    document = tmp_path / "conf/softswitch.xml"
    mark = '<param name="sessions-per-second"'
    setting = f'<param name="core-db-dsn" value="{postgres.dsn}"/>'
    document.write_text(document.read_text().replace(mark, setting + mark))
    server = await Server.begin(tmp_path, ("CHANNEL_HANGUP_COMPLETE",))
    loop = asyncio.get_running_loop()
    try:
        assert await server.switch.modules.load("mod_cdr_pg_csv") is None
        [recorder] = [one for one in server.switch.reporters if isinstance(one, Recorder)]
        async with callee.answering():
            calling = loop.create_task(
                caller.call(server.address(), "7000", "-d", "100", calls=calls, rate=RATE)
            )
            await until(lambda: len(server.ended()) > RATE, "the first calls")
            await loop.run_in_executor(None, postgres.stop)
            before = recorder.delivered
            await asyncio.sleep(AWAY)
            assert recorder.delivered < before + RATE, "it was away"
            await loop.run_in_executor(None, postgres.start)
            outcome = await calling
            assert (outcome.successful, outcome.failed) == (calls, 0), caller.log()
            await until(lambda: recorder.delivered == 2 * calls, "delivery")
        assert await server.switch.modules.unload("mod_cdr_pg_csv") is None
    finally:
        await server.stop()
    expected = sorted(end["Unique-ID"] for end in server.ended())
    assert sorted(str(row[0]) for row in postgres.rows("SELECT uuid FROM cdr")) == expected
    kept = postgres.rows("SELECT count(*) FROM call_limit.db_data WHERE realm = 'last'")
    assert kept == [(calls,)]
    assert postgres.rows("SELECT * FROM shared_limits.limit_data") == []
