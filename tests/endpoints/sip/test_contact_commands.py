"""Users, gateways and domains, found from the console."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.endpoints.sip import contact_commands
from tests.endpoints.sip.test_commands import TRUNKS
from tests.endpoints.sip.test_reach import HOME
from tests.support.sip_bench import sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

__all__ = ["contact_commands"]
HERE = replace(HOME, expires=2e9)
NAT = replace(HERE, contact="sip:1000@10.0.0.5", call_id="nat", q=0.5)
ANSWERS = (
    ("sofia_contact 1001@example.test", "error/user_not_registered"),
    ("sofia_count_reg internal/1001@example.test", "0"),
    ("sofia_count_reg 1001@nowhere.test", "-1"),
    ("sofia_count_reg 1001", "-1"),
    ("sofia_count_reg", ""),
    ("sofia_count_reg nosuch/1000@example.test", "-1"),
    ("sofia_count_reg internal/@example.test", "0"),
    ("sofia_count_reg %s", "-1"),
    ("sofia_contact", "error/user_not_registered"),
    ("sofia_contact /", "error/user_not_registered"),
    ("sofia_contact @", "error/user_not_registered"),
    ("sofia_username_of", ""),
    ("sofia_username_of 1001@example.test", ""),
    ("sofia_gateway_data nosuch var x", ""),
    ("sofia_gateway_data trunk ivar side", "in"),
    ("sofia_gateway_data trunk ovar side", "out"),
    ("sofia_gateway_data internal::trunk var nosuch", ""),
    ("sofia_gateway_data", "-ERR Parameter missing"),
    ("sofia_gateway_data trunk", ""),
    ("sofia_gateway_data trunk zvar side", ""),
)


@pytest.mark.parametrize(("line", "answer"), ANSWERS)
async def test_answers(tmp_path: Path, line: str, answer: str) -> None:
    async with sip_bench(tmp_path, gateways=TRUNKS) as running:
        assert (await running.switch.run_command(line)).rstrip("\n") == answer


async def test_contacts_of_a_user(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        running.sip.location.put(HERE)
        here = "sofia/internal/sip:1000@192.0.2.10:5062"
        assert await run("sofia_contact 1000@example.test") == here
        assert await run("sofia_contact */1000@example.test") == here
        assert await run("sofia_contact internal/1000@example.test") == here
        waiting = await run("sofia_contact 1000@example.test/[leg_timeout=5]")
        assert waiting == f"[leg_timeout=5]{here}"
        assert await run("sofia_contact 1000@example.test~PHONE") == here
        nobody = await run("sofia_contact 1000@example.test~other")
        assert nobody == "error/user_not_registered"
        # A profile that is not there is looked for by the domain, and failing that in all.
        assert await run("sofia_contact other/1000@example.test") == here
        assert await run("sofia_username_of internal/1000@example.test") == "1000"
        assert await run("sofia_username_of 1000@example.test") == ""
        running.sip.aliases["example.test"] = "internal"
        assert await run("sofia_username_of 1000@example.test") == "1000"
        assert await run("sofia_contact 1000") == here
        running.sip.location.put(NAT)
        assert await run("sofia_count_reg 1000@example.test") == "2"
        second = (await run("sofia_contact 1000@example.test")).split(",")[1]
        way = "fs_nat=yes;fs_path=sip%3A192.0.2.10%3A5062%3Btransport%3Dudp"
        assert second == f"sofia/internal/sip:1000@10.0.0.5;{way}"


async def test_variables_of_a_gateway(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=TRUNKS) as running:
        run = running.switch.run_command
        assert await run("sofia_gateway_data trunk ivar side") == "in"
        assert await run("sofia_gateway_data trunk ovar side") == "out"
        assert await run("sofia_gateway_data trunk var side") == "in"


async def test_contacts_that_a_call_excludes_are_left_out(tmp_path: Path) -> None:
    dialplan = extension("1", "set sip_exclude_contact=10.0.0.5", "answer", "park")
    async with sip_bench(tmp_path, dialplan) as running:
        for binding in (HERE, NAT):
            running.sip.location.put(binding)
        _, session = await running.call("1")
        run = running.switch.run_command
        both = await run("sofia_contact 1000@example.test")
        assert "10.0.0.5" in both and both == await run("reg_url 1000@example.test")
        left = await run("sofia_contact 1000@example.test", session=session)
        assert left == await run("reg_url 1000@example.test", session=session)
        assert left == "sofia/internal/sip:1000@192.0.2.10:5062"
        session.set("sip_exclude_contact", "SIP:")
        nobody = await run("sofia_contact 1000@example.test", session=session)
        assert nobody == "error/user_not_registered"


async def test_registrations_are_counted(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        running.sip.location.put(HERE)
        running.sip.location.put(replace(HERE, user="1001", call_id="b"))
        assert await run("sofia_count_reg internal/1001@example.test") == "1"
        assert await run("sofia_count_reg internal/1001") == "1"
        assert await run("sofia_count_reg 1001@example.test") == "-1"
        running.sip.aliases["example.test"] = "internal"
        assert await run("sofia_count_reg @example.test") == "2"
        assert await run("sofia_count_reg 1001@example.test") == "1"
        assert await run("sofia_count_reg internal/@other.test") == "0"
