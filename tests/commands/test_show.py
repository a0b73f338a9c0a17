from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.switch import bench, extension


@dataclass
class FakeSofia:
    """Stands for the SIP endpoint: it only has registrations."""

    location: list[Any] = field(default_factory=list)

    async def stop(self) -> None:
        return None


@pytest.mark.parametrize(
    ("what", "row"),
    [
        ("application", "answer,"),
        ("api", "originate,"),
        ("endpoint", "endpoint,user,mod_dptools"),
        ("dialplan", "dialplan,XML,mod_dialplan_xml"),
        ("dialplan", "dialplan,inline,mod_dptools"),
        ("limits", "limit,hash,mod_hash"),
        ("limit", "limit,db,mod_db"),
        ("modules", "module,mod_dptools,mod_dptools"),
        ("file", "file,tone_stream,"),
        ("interfaces", "application,bridge,mod_dptools"),
        ("interface_types", "application,"),
    ],
)
async def test_what_there_is_is_listed(tmp_path: Path, what: str, row: str) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command(f"show {what}")
        assert f"\n{row}" in answer
        assert answer.endswith(" total.\n")


async def test_each_application_is_listed_with_its_help(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        rows = json.loads(await b.switch.run_command("show application as json"))["rows"]
        (park,) = [row for row in rows if row["name"] == "park"]
        assert park["ikey"] == "mod_dptools" and park["description"]
        assert not [row["name"] for row in rows if not row["description"]]
        one = await b.switch.run_command("show application park")
        assert one.endswith("\n1 total.\n") and "\npark," in one


@pytest.mark.parametrize(
    "what",
    [
        "chat",
        "complete",
        "management",
        "nat_map",
        "timer",
        "aliases",
        "tasks",
        "registrations",
        "calls",
        "bridged_calls",
        "detailed_calls",
        "detailed_bridged_calls",
    ],
)
async def test_an_empty_table_says_so(tmp_path: Path, what: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(f"show {what}") == "\n0 total.\n"
        assert await b.switch.run_command(f"show {what} as xml") == '<result row_count="0"/>\n'


async def test_channels_are_listed_counted_and_searched(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(1)
        run = b.switch.run_command
        assert (await run("show channels")).endswith("\n\n1 total.\n")
        assert await run("show channels count") == "\n1 total.\n"
        assert await run("show calls count as json") == '{"row_count":1,"rows":[]}'
        assert json.loads(await run("show channels like alice as json"))["row_count"] == 1
        assert await run("show channels like nobody") == "\n0 total.\n"
        assert f"{session.uuid}|inbound|" in await run("show channels as delim |")
        session.hangup()
        await b.ended(session)


async def test_registrations_are_listed(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        binding = SimpleNamespace(
            user="1000",
            realm="example.test",
            call_id="1@h",
            profile="internal",
            contact="sip:1000@192.0.2.1:5093",
            expires=1795402774.5,
            network_ip="192.0.2.1",
            network_port=5093,
            transport="UDP",
        )
        b.switch.endpoints["sofia"] = FakeSofia([binding])
        answer = await b.switch.run_command("show registrations")
        assert answer == (
            "reg_user,realm,token,url,expires,network_ip,network_port,network_proto,hostname,"
            "metadata\n1000,example.test,1@h,sofia/internal/sip:1000@192.0.2.1:5093,1795402774,"
            f"192.0.2.1,5093,udp,{b.switch.hostname},\n\n1 total.\n"
        )


@pytest.mark.parametrize("line", ["show", "show nosuch", "show applications"])
async def test_what_cannot_be_shown_gives_the_usage(tmp_path: Path, line: str) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command(line)).startswith("-USAGE: codec|endpoint|")
        answer = await b.switch.run_command("show calls as pdf")
        assert answer == "-ERR Cannot find format pdf\n"


async def test_show_status_is_status(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command("show status")).startswith("UP 0 years")


async def test_show_say_lists_the_languages(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command("show say")
        assert "say,en,mod_say_en\n" in answer
        assert "say,de,mod_say_de\n" in answer
