"""The ``sofia`` commands, with the words FreeSWITCH answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.endpoints.sip import commands
from tests.endpoints.sip.test_reach import HOME
from tests.support.sip_bench import sip_bench

pytestmark = pytest.mark.virtual_time

HERE = replace(HOME, expires=2e9)
NAT = replace(HERE, contact="sip:1000@10.0.0.5", call_id="nat", q=0.5)
TRUNKS = "".join(
    f'<gateway name="{name}"><param name="register" value="{register}"/>'
    '<param name="username" value="u"/><param name="password" value="p"/>'
    '<param name="proxy" value="192.0.2.20:5064"/>'
    '<variables><variable name="side" value="in" direction="inbound"/>'
    '<variable name="side" value="out" direction="outbound"/></variables></gateway>'
    for name, register in (("trunk", "false"), ("account", "true"))
)
ANSWERS = (
    ("sofia status profile nosuch", "Invalid Profile!"),
    ("sofia status gateway nosuch", "Invalid Gateway!"),
    ("sofia profile", "Invalid Args!"),
    ("sofia profile nosuch rescan", "Invalid Profile [nosuch]"),
    ("sofia profile internal siptrace on", "Enabled sip debugging on internal"),
    ("sofia profile internal siptrace off", "Disabled sip debugging on internal"),
    ("sofia profile internal flush_inbound_reg", "+OK flushing all registrations"),
    ("sofia profile internal frobnicate", "-ERR Unknown command!"),
    ("sofia profile internal register nosuch", "Invalid gateway!"),
    ("sofia profile internal killgw nosuch", "Invalid gateway!"),
    ("sofia profile internal start", "-ERR profile internal is running"),
    ("sofia profile nosuch start", "Failure starting nosuch"),
    ("sofia_contact 1001@example.test", "error/user_not_registered"),
    ("sofia_count_reg 1001@example.test", "0"),
    ("sofia_username_of 1001@example.test", ""),
    ("sofia_gateway_data trunk", "-USAGE: <gateway_name> [ivar|ovar|var] <name>"),
)


@pytest.mark.parametrize(("line", "answer"), ANSWERS)
async def test_answers(tmp_path: Path, line: str, answer: str) -> None:
    async with sip_bench(tmp_path, gateways=TRUNKS) as running:
        assert (await running.switch.run_command(line)).rstrip("\n") == answer


async def test_usage_and_status(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=TRUNKS) as running:
        run = running.switch.run_command
        assert await run("sofia") == commands.USAGE
        assert await run("sofia help") == commands.USAGE
        assert commands.USAGE in await run("sofia nonsense here")
        assert "internal\tprofile" in await run("sofia status")
        assert "<name>internal</name>" in await run("sofia xmlstatus")
        assert "Context          \tdefault" in await run("sofia status profile internal")
        assert "<context>default</context>" in await run("sofia xmlstatus profile internal")
        assert "internal::trunk" in await run("sofia status gateway")
        assert "Name    \ttrunk" in await run("sofia status gateway trunk")
        assert "<name>trunk</name>" in await run("sofia xmlstatus gateway trunk")


async def test_registrations_are_shown_and_flushed(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run, location = running.switch.run_command, running.sip.location
        location.put(HERE)
        location.put(replace(HERE, user="1001", call_id="other"))
        assert "Total items returned: 2" in await run("sofia status profile internal reg")
        one = await run("sofia status profile internal user 1001@example.test")
        assert "1001@example.test" in one and "Total items returned: 1" in one
        assert "<registration>" in await run("sofia xmlstatus profile internal reg")
        flushed = await run("sofia profile internal flush_inbound_reg other")
        assert flushed == "+OK flushing all registrations matching specified call_id\n"
        assert [item.user for item in location] == ["1000"]
        assert running.events("sofia::unregister")[0]["reason"] == "flushed"
        await run("sofia profile internal flush_inbound_reg @example.test")
        assert not len(location)


async def test_contacts_of_a_user(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        running.sip.location.put(HERE)
        here = "sofia/internal/sip:1000@192.0.2.10:5062"
        assert await run("sofia_contact 1000@example.test") == here
        assert await run("sofia_contact */1000@example.test") == here
        assert await run("sofia_contact internal/1000@example.test") == here
        assert await run("sofia_contact 1000@example.test/cat") == f"{here}/cat"
        assert await run("sofia_contact 1000@example.test~agent") == here
        assert await run("sofia_contact other/1000@example.test") == "error/user_not_registered"
        assert await run("sofia_username_of 1000@example.test") == "1000"
        assert await run("sofia_contact 1000") == here
        running.sip.location.put(NAT)
        assert await run("sofia_count_reg 1000@example.test") == "2"
        second = (await run("sofia_contact 1000@example.test")).split(",")[1]
        way = "fs_nat=yes;fs_path=sip%3A192.0.2.10%3A5062%3Btransport%3Dudp"
        assert second == f"sofia/internal/sip:1000@10.0.0.5;{way}"


async def test_gateways_are_steered(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=TRUNKS) as running:
        run = running.switch.run_command
        await running.settle()
        assert await run("sofia profile internal gwlist") == "trunk"
        assert await run("sofia profile internal gwlist down") == "account"
        register = running.bob.request("REGISTER")
        running.bob.answer(register, 200, Contact=f"{register.headers.get('Contact')};expires=60")
        assert await run("sofia profile internal gwlist up") == "trunk account"
        assert await run("sofia profile internal unregister account") == "+OK\n"
        running.bob.answer(running.bob.request("REGISTER"), 200, Contact="")
        assert running.profile.gateways["account"].state == "UNREGED"
        assert await run("sofia profile internal register all") == "+OK\n"
        running.bob.request("REGISTER")
        assert await run("sofia_gateway_data trunk ivar side") == "in"
        assert await run("sofia_gateway_data trunk ovar side") == "out"
        assert await run("sofia_gateway_data trunk var side") == "in"
        killed = await run("sofia profile internal killgw trunk")
        assert killed == "+OK gateway marked for deletion.\n"
        assert list(running.profile.gateways) == ["account"]
        await run("sofia profile internal killgw _all_")
        assert not running.profile.gateways


async def test_profiles_are_stopped_and_started(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        assert await run("sofia profile internal stop") == "stopping: internal\n"
        assert not running.sip.profiles and not running.air.listeners
        assert await run("sofia profile internal start") == "internal started successfully\n"
        assert running.profile.running
        before = running.profile
        assert await run("sofia profile internal restart") == "internal started successfully\n"
        assert running.profile is not before
