"""Records of real calls: each form has each of SIPp's calls, once."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from prometheus_client.parser import text_string_to_metric_families

from softswitch.modules.cdr.recorder import Recorder
from softswitch.modules.metrics.text import exposition
from softswitch.switch.measures import measures
from tests.modules.cdr.support import configuration
from tests.support.postgres import PROGRAMS, Postgres
from tests.support.programs import needs
from tests.support.server import Server, until
from tests.support.serving import Serve
from tests.support.sipp import Sipp
from tests.support.switch import extension

pytestmark = needs("sipp")
CALLS = int(os.environ.get("SOFTSWITCH_LEDGER_CALLS", "200"))
RATE = int(os.environ.get("SOFTSWITCH_LEDGER_RATE", "20"))
"""Calls, and how many of them a second; ``tests/load/ledger.py`` makes it ten thousand."""


@pytest.fixture
def database() -> Iterator[Postgres | None]:
    """PostgreSQL, where it is installed."""
    server = Postgres() if PROGRAMS is not None else None
    yield server
    if server is not None:
        server.close()


@pytest.mark.timeout(180 + 3 * CALLS // RATE)
async def test_records_of_all_forms_agree_with_sipps_count(
    serve: Serve, tmp_path: Path, database: Postgres | None
) -> None:
    callee, caller = Sipp(tmp_path / "callee", "uas"), Sipp(tmp_path / "caller", "uac")
    modules = ["mod_cdr_csv", "mod_cdr_sqlite", "mod_xml_cdr", "mod_format_cdr"]
    profile = (
        '<profiles><profile name="default"><settings><param name="format" value="json"/>'
        f'<param name="log-b-leg" value="true"/><param name="log-dir" value="{tmp_path}/json"/>'
        "</settings></profile></profiles>"
    )
    settings = [
        configuration("cdr_csv.conf", log_base=str(tmp_path)),
        configuration("cdr_sqlite.conf"),
        configuration("xml_cdr.conf", log_dir=f"{tmp_path}/xml", log_b_leg="true"),
        f'<configuration name="format_cdr.conf">{profile}</configuration>',
    ]
    if database is not None:
        modules.append("mod_cdr_pg_csv")
        info = f"host=127.0.0.1 port={database.port} dbname=postgres user=postgres"
        settings.append(configuration("cdr_pg_csv.conf", db_info=info, legs="ab"))
    uri = f"sofia/internal/sip:uas@127.0.0.1:{callee.port}"
    server: Server = await serve(
        extension("7000", "set hangup_after_bridge=true", f"bridge {uri}"),
        listen=("CHANNEL_HANGUP_COMPLETE",),
        configuration="".join(settings),
    )
    for name in modules:
        assert await server.switch.modules.load(name) is None
    recorders = [one for one in server.switch.reporters if isinstance(one, Recorder)]
    async with callee.answering():
        outcome = await caller.call(server.address(), "7000", "-d", "100", calls=CALLS, rate=RATE)
        assert (outcome.successful, outcome.failed) == (CALLS, 0), caller.log()
        await until(lambda: all(one.delivered == 2 * CALLS for one in recorders), "delivery")
    assert callee.outcome().successful == CALLS
    assert counted(server) == {
        ("sessions_started", ""): 2 * CALLS,
        ("answers", "inbound"): CALLS,
        ("answers", "outbound"): CALLS,
        ("hangups", "inbound NORMAL_CLEARING"): CALLS,
        ("hangups", "outbound NORMAL_CLEARING"): CALLS,
    }
    for name in modules:
        assert await server.switch.modules.unload(name) is None
    expected = sorted(end["Unique-ID"] for end in server.ended())
    assert len(expected) == 2 * CALLS
    found = await asyncio.get_running_loop().run_in_executor(None, uuids, tmp_path, database)
    assert {form: sorted(names) == expected for form, names in found.items()} == dict.fromkeys(
        found, True
    )


def counted(server: Server) -> dict[tuple[str, str], float]:
    """What Prometheus' own parser reads of the calls in what ``/metrics`` shows."""
    found = {}
    text = exposition(measures(server.switch)).decode()
    for family in text_string_to_metric_families(text):
        name = family.name.removeprefix("softswitch_")
        if name in ("sessions_started", "answers", "hangups"):
            for sample in family.samples:
                labels = sample.labels.get("direction", ""), sample.labels.get("cause", "")
                found[name, " ".join(labels).strip()] = sample.value
    return found


def uuids(folder: Path, database: Postgres | None) -> dict[str, list[str]]:
    """The calls that each form has, each as often as it has it."""
    lines = (folder / "cdr-csv/Master.csv").read_text().splitlines()
    [file] = folder.rglob("cdr.db")
    connection = sqlite3.connect(file)
    found = {
        "csv": [row[10] for row in csv.reader(lines)],
        "sqlite": [row[0] for row in connection.execute("SELECT uuid FROM cdr")],
        "xml": [
            str(etree.parse(path).findtext("variables/uuid"))
            for path in (folder / "xml").glob("*.xml")
        ],
        "json": [
            json.loads(path.read_text())["variables"]["uuid"]
            for path in (folder / "json").glob("*.json")
        ],
    }
    connection.close()
    if database is not None:
        found["postgres"] = [str(row[0]) for row in database.rows("SELECT uuid FROM cdr")]
    return found
