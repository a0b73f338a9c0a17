from __future__ import annotations

import csv
import json
import sqlite3
import time
from pathlib import Path

import pytest
from lxml import etree

from softswitch.modules.cdr.module import CdrXml
from softswitch.modules.cdr.recorder import Recorder
from softswitch.switch.hup import handle_hup
from tests.modules.cdr.support import configuration
from tests.support.postgres import Postgres, needs_postgres
from tests.support.server import until
from tests.support.switch import Bench, bench, extension

BRIDGE = extension("1", "set hangup_after_bridge=true", "bridge test/bob")


async def delivered(b: Bench, count: int) -> None:
    recorders = [one for one in b.switch.reporters if isinstance(one, Recorder)]
    await until(lambda: all(one.delivered == count for one in recorders), "delivery")


async def test_all_forms_tell_the_same_call(tmp_path: Path) -> None:
    json_profile = (
        '<profiles><profile name="default"><settings><param name="format" value="json"/>'
        f'<param name="log-dir" value="{tmp_path}/json"/></settings></profile></profiles>'
    )
    async with bench(
        tmp_path,
        BRIDGE,
        configuration=configuration("cdr_csv.conf", log_base=str(tmp_path), legs="a")
        + configuration("xml_cdr.conf", log_dir=f"{tmp_path}/xml", prefix_a_leg="true")
        + f'<configuration name="format_cdr.conf">{json_profile}</configuration>'
        + configuration("json_cdr.conf", log_dir=f"{tmp_path}/plain", rotate="true")
        + configuration("cdr_sqlite.conf", legs="a"),
    ) as b:
        for name in ("csv", "sqlite"):
            assert await b.switch.modules.load(f"mod_cdr_{name}") is None
        for name in ("mod_xml_cdr", "mod_json_cdr", "mod_format_cdr"):
            assert await b.switch.modules.load(name) is None
        b.script("bob", "answer@1 hangup@3")
        call = await b.ended(b.call("1"))
        await delivered(b, 1)
        [line] = csv.reader((tmp_path / "cdr-csv" / "Master.csv").read_text().splitlines())
        assert line[:4] == ["Alice", "1000", "1", "default"]
        assert line[9:11] == ["NORMAL_CLEARING", call.uuid]
        assert line[11], "the called leg is named"
        database = sqlite3.connect(tmp_path / "cdr.db")
        assert [list(row) for row in database.execute("SELECT * FROM cdr")] == [line]
        database.close()
        root = etree.parse(tmp_path / "xml" / f"a_{call.uuid}.cdr.xml").getroot()
        assert root.findtext("variables/billsec") == line[8]
        told = json.loads((tmp_path / "json" / f"{call.uuid}.cdr.json").read_text())
        assert told["variables"]["duration"] == line[7]
        [file] = (tmp_path / "plain").glob("*/*")
        assert (file.name, json.loads(file.read_text())) == (f"{call.uuid}.cdr.json", told)
        for name in list(b.switch.modules.running):
            assert await b.switch.modules.unload(name) is None


async def test_json_records_need_their_configuration(tmp_path: Path) -> None:
    async with bench(tmp_path, BRIDGE) as b:
        refusal = await b.switch.modules.load("mod_json_cdr")
        assert refusal is not None and "there is no json_cdr.conf" in refusal


async def test_a_hup_begins_new_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wish = configuration("xml_cdr.conf", log_dir=str(tmp_path), rotate="true")
    async with bench(tmp_path, BRIDGE, configuration=wish) as b:
        assert await b.switch.modules.load("mod_xml_cdr") is None
        module = b.switch.modules.running["mod_xml_cdr"]
        assert isinstance(module, CdrXml)
        [documents] = module.documents
        monkeypatch.setattr(time, "strftime", lambda _: "later")
        await handle_hup(b.switch)
        assert documents.folder == tmp_path / "later"


@pytest.mark.parametrize(
    ("variable", "records"),
    [
        ("process_cdr=false", 0),
        ("process_cdr=a_only", 1),
        ("process_cdr=b_only", 1),
        ("skip_cdr_causes=NORMAL_CLEARING", 0),
        ("skip_cdr_causes=USER_BUSY|NO_ANSWER", 2),
    ],
)
async def test_calls_say_which_legs_are_recorded(
    tmp_path: Path, variable: str, records: int
) -> None:
    actions = (f"export {variable}", "set hangup_after_bridge=true", "bridge test/bob")
    async with bench(
        tmp_path,
        extension("1", *actions),
        configuration=configuration("cdr_csv.conf", log_base=str(tmp_path)),
    ) as b:
        await b.switch.modules.load("mod_cdr_csv")
        b.script("bob", "answer@1 hangup@2")
        await b.ended(b.call("1"))
        await until(lambda: not b.switch.sessions, "the called leg's end")
        await delivered(b, records)
        path = tmp_path / "cdr-csv" / "Master.csv"
        assert len(path.read_text().splitlines() if path.exists() else []) == records


async def test_a_template_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    async with bench(
        tmp_path, configuration=configuration("cdr_csv.conf", default_template="mine")
    ) as b:
        told = await b.switch.modules.load("mod_cdr_csv")
        assert told == "ValueError: cdr_csv.conf has no template 'mine'"


async def test_files_begin_anew_at_a_hang_up_signal(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("1", "hangup"),
        configuration=configuration("cdr_csv.conf", log_base=str(tmp_path), rotate_on_hup="true"),
    ) as b:
        await b.switch.modules.load("mod_cdr_csv")
        await b.ended(b.call("1"))
        await delivered(b, 1)
        await b.switch.modules.running["mod_cdr_csv"].hup()  # type: ignore[attr-defined]
        names = [path.name for path in (tmp_path / "cdr-csv").iterdir()]
        assert len(names) == 1 and names[0].startswith("Master.csv.")


@needs_postgres
async def test_a_database_that_is_stopped_loses_no_record_and_fails_no_call(
    tmp_path: Path, postgres: Postgres
) -> None:
    schema = (
        '<schema><field var="uuid"/><field var="billsec" quote="false"/>'
        '<field var="hangup_cause"/></schema>'
    )
    async with bench(
        tmp_path,
        BRIDGE,
        configuration=configuration("switch.conf", core_db_dsn=postgres.dsn)
        + configuration("cdr_pg_csv.conf", schema),
    ) as b:
        assert await b.switch.modules.load("mod_cdr_pg_csv") is None
        b.script("bob", "answer@1 hangup@3")
        calls = [await b.ended(b.call("1"))]
        await delivered(b, 1)
        postgres.stop()
        calls.append(await b.ended(b.call("1")))
        [recorder] = (one for one in b.switch.reporters if isinstance(one, Recorder))
        await until(lambda: "PostgreSQL" in recorder.problem, "the problem told")
        calls.append(await b.ended(b.call("1")))
        postgres.start()
        await delivered(b, 3)
        assert postgres.rows("SELECT uuid, billsec::int, hangup_cause FROM cdr") == [
            (call.uuid, 2, "NORMAL_CLEARING") for call in calls
        ]
        assert await b.switch.modules.unload("mod_cdr_pg_csv") is None


async def test_without_a_database_the_module_says_what_is_missing(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        refusal = await b.switch.modules.load("mod_cdr_pg_csv")
        assert refusal is not None and "cdr_pg_csv.conf has no db-info" in refusal
