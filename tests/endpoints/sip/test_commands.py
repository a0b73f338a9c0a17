"""The ``sofia`` commands, with the words FreeSWITCH answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from softswitch.config.element import Element
from softswitch.endpoints.sip import commands, endpoint
from softswitch.switch.causes import HangupCause
from tests.endpoints.sip.test_reach import HOME
from tests.support.sip_bench import ALICE, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

HERE = replace(HOME, expires=2e9)
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
    ("sofia profile internal check_sync", "+OK syncing all registrations"),
    (
        "sofia profile internal flush_inbound_reg reboot",
        "+OK rebooting all registrations",
    ),
    ("sofia global siptrace on", "+OK Global siptrace on"),
    ("sofia loglevel net 5", "Sofia log level for component [net] has been set to [5]"),
    ("sofia loglevel net x", "-ERR the level is a number from 0 to 9"),
    ("sofia loglevel tport 5", "-ERR no such component: tport; known are all, sip, net, endpoints"),
    (
        "sofia recover",
        "-ERR sofia recover: calls end with the process that carried them;"
        " none can be taken up again",
    ),
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
        assert await run("sofia profile internal restart") == "restarting: internal\n"
        assert running.profile is not before


async def test_a_restart_ends_the_calls_and_leaves_none_dead(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9196", "answer", "park")) as running:
        await running.call("9196")
        restart = running.switch.loop.create_task(
            running.switch.run_command("sofia profile internal restart")
        )
        await running.settle()
        running.alice.answer(running.alice.request("BYE"), 200)
        assert await restart == "restarting: internal\n"
        assert not running.switch.sessions
        (ended,) = running.events("CHANNEL_HANGUP_COMPLETE")
        assert ended["Hangup-Cause"] == "MANAGER_REQUEST"
        await running.call("9196")
        running.switch.hangup_all(HangupCause.NORMAL_CLEARING)
        await running.settle()
        running.alice.answer(running.alice.request("BYE"), 200)
        await running.settle()


async def test_a_profile_without_configuration_goes_on(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        profile = running.profile
        with patch.object(endpoint, "profile_elements", _none):
            answer = await running.switch.run_command("sofia profile internal restart")
        assert answer == "-ERR internal: it is no longer configured; it goes on as it was\n"
        assert running.profile is profile


async def _none(_: object) -> list[Element]:
    return []


async def test_phones_are_told_to_read_their_configuration_or_to_start_anew(
    tmp_path: Path,
) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        running.sip.location.put(replace(HERE, network_ip=ALICE[0], network_port=ALICE[1]))
        await run("sofia profile internal check_sync 1000@example.test")
        notify = running.alice.request("NOTIFY")
        assert notify.headers.get("Event") == "check-sync;reboot=false"
        running.alice.answer(notify, 200)
        await run("sofia profile internal flush_inbound_reg 1000@example.test reboot")
        notify = running.alice.request("NOTIFY")
        assert notify.headers.get("Event") == "check-sync;reboot=true"
        running.alice.answer(notify, 200)
        assert not len(running.sip.location)


async def test_all_profiles_are_traced_those_to_come_too(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        await run("sofia global siptrace on")
        assert running.profile.driver.trace
        await run("sofia profile internal restart")
        assert running.profile.driver.trace
        await run("sofia global siptrace off")
        assert not running.profile.driver.trace


async def test_without_a_server_nothing_is_captured(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        refusal = "-ERR sofia.conf names no capture-server in its global_settings\n"
        assert await run("sofia global capture on") == refusal
        assert await run("sofia profile internal capture on") == refusal
        assert await run("sofia global capture off") == "+OK Global capture off\n"
        copies: list[object] = []
        running.profile.driver.capture = copies.append
        running.alice.ask("OPTIONS", "x")
        await running.settle()
        assert len(copies) == 2
        off = await run("sofia profile internal capture off")
        assert off == "Disabled sip capturing on internal\n"
        assert running.profile.driver.capture is None
