"""The ``sofia`` commands, with the words FreeSWITCH answers."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.endpoints.sip import commands
from tests.endpoints.sip.test_reach import HOME
from tests.support.sip_bench import profile_xml, sdp, sip_bench
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
    ("sofia profile internal killgw nosuch", "-ERR no such gateway."),
    ("sofia profile internal killgw", "-ERR missing gw name"),
    ("sofia profile internal startgw", "-ERR missing gw name"),
    (
        "sofia profile internal startgw nosuch",
        "Reload XML [Success]\n"
        "-ERR cannot add gateway nosuch for profile internal: it is not configured",
    ),
    (
        "sofia profile internal startgw trunk",
        "Reload XML [Success]\n-ERR cannot add gateway trunk for profile internal: it runs already",
    ),
    ("sofia profile internal register", "No gateway name provided!"),
    ("sofia profile internal unregister", "No gateway name provided!"),
    ("sofia profile internal register trunk", "-ERR NOREG gateway [trunk] can't be registered!"),
    (
        "sofia profile internal unregister trunk",
        "-ERR NOREG gateway [trunk] can't be unregistered!",
    ),
    ("sofia profile internal siptrace", "Usage: sofia profile <name> siptrace <on/off>"),
    ("sofia profile internal siptrace maybe", "Disabled sip debugging on internal"),
    ("sofia profile internal capture", "Usage: sofia profile <name> capture <on/off>"),
    (
        "sofia profile internal watchdog on",
        "-ERR sofia profile internal watchdog: no watchdog is needed: one loop serves all profiles",
    ),
    ("sofia profile internal", "Invalid Args!"),
    ("sofia profile nosuch nosuch", "Invalid Profile [nosuch]"),
    ("sofia status profile internal user", ""),
    ("sofia status gate way", "Invalid Syntax!"),
    ("sofia xmlstatus gate way", "Invalid Syntax!"),
    ("SOFIA Status Profile nosuch", "Invalid Profile!"),
    ("sofia xmlstatus profile nosuch", "Invalid Profile!"),
    ("sofia xmlstatus gateway nosuch", "Invalid Gateway!"),
    ("sofia status nosuch", "Invalid Profile!"),
    (
        "sofia global",
        "-ERR Usage: siptrace <on|off>|capture <on|off>|watchdog <on|off>|debug <sla|presence|none",
    ),
    (
        "sofia global siptrace",
        "-ERR Usage: siptrace <on|off>|capture <on|off>|watchdog <on|off>|debug <sla|presence|none",
    ),
    ("sofia global siptrace nonsense", "+OK Global siptrace off"),
    ("sofia global standby on", "+OK Global standby on"),
    (
        "sofia global watchdog on",
        "-ERR sofia global watchdog: no watchdog is needed: one loop serves all profiles",
    ),
    ("sofia tracelevel", "+OK tracelevel is info"),
    ("sofia tracelevel DEBUG", "+OK tracelevel is debug"),
    (
        "sofia tracelevel loud",
        "-ERR there is no level loud; known are console, alert, crit, err, warning, notice, info,"
        " debug",
    ),
    ("sofia profile internal start", "-ERR profile internal is running"),
    ("sofia profile nosuch start", "Reload XML [Success]\nFailure starting nosuch"),
    ("sofia profile internal check_sync", "+OK syncing all registrations"),
    (
        "sofia profile internal flush_inbound_reg reboot",
        "+OK rebooting all registrations",
    ),
    ("sofia global siptrace on", "+OK Global siptrace on"),
    ("sofia loglevel net 5", "Sofia log level for component [net] has been set to [5]"),
    ("sofia loglevel net x", "-ERR the level is a number from 0 to 9"),
    ("sofia loglevel tport 5", "Sofia log level for component [tport] has been set to [5]"),
    (
        "sofia loglevel teapot 5",
        "-ERR no such component: teapot; known are all, sip, net, endpoints, default, nua, tport,"
        " sresolv, stun, iptsec, nea, nta, nth_client, nth_server, soa",
    ),
    ("sofia loglevel soa -1", "-ERR the level is a number from 0 to 9"),
    ("sofia recover", "No calls to recover."),
    ("sofia recover flush", "Flushing recovery database."),
    ("sofia profile internal recover", "No sessions to recover."),
    ("sofia profile internal recover flush", "Flushing recovery database."),
    ("sofia profile internal watchdog", "Usage: sofia profile <name> watchdog <on/off>"),
    ("sofia Profile internal KillGW nosuch", "-ERR no such gateway."),
    ("sofia nonsense here", "Unknown Command [nonsense]"),
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
        assert await run("sofia loglevel") == commands.USAGE
        assert "internal\tprofile" in await run("sofia status")
        assert "<name>internal</name>" in await run("sofia xmlstatus")
        assert "Context          \tdefault" in await run("sofia status profile internal")
        assert "<context>default</context>" in await run("sofia xmlstatus profile internal")
        assert "internal::trunk" in await run("sofia status gateway")
        assert "Name    \ttrunk" in await run("sofia status gateway trunk")
        assert "<name>trunk</name>" in await run("sofia xmlstatus gateway trunk")


async def test_registrations_are_shown_and_flushed(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"presence-hosts": "office.test"}) as running:
        run, location = running.switch.run_command, running.sip.location
        location.put(HERE)
        location.put(replace(HERE, user="1001", call_id="other"))
        assert "Total items returned: 2" in await run("sofia status profile internal reg")
        one = await run("sofia status profile internal user 1001@example.test")
        assert "1001@example.test" in one and "Total items returned: 1" in one
        for host, count in (("office.test", 2), ("elsewhere", 0)):
            shown = await run(f"sofia status profile internal pres {host}")
            assert f"Total items returned: {count}" in shown
        assert "<registration>" in await run("sofia xmlstatus profile internal reg")
        flushed = await run("sofia profile internal flush_inbound_reg other")
        assert flushed == "+OK flushing all registrations matching specified call_id\n"
        assert [item.user for item in location] == ["1000"]
        assert running.events("sofia::unregister")[0]["reason"] == "flushed"
        await run("sofia profile internal flush_inbound_reg @example.test")
        assert not len(location)


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
        assert await run("sofia global capture off") == "+OK Global capture off"
        copies: list[object] = []
        running.profile.driver.capture = copies.append
        running.alice.ask("OPTIONS", "x")
        await running.settle()
        assert len(copies) == 2
        off = await run("sofia profile internal capture off")
        assert off == "Disabled sip capturing on internal"
        assert running.profile.driver.capture is None


async def test_levels_of_the_log_are_shown_as_they_were_set(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        try:
            for level, shown in (("0", 0), ("3", 4), ("9", 9)):
                await run(f"sofia loglevel nta {level}")
                told = await run("sofia loglevel nta")
                assert told == f"Sofia-sip loglevel for [nta] is [{shown}]"
        finally:
            logging.getLogger("softswitch.sip").setLevel(logging.NOTSET)


async def test_traces_go_to_the_log_at_the_level_that_is_wished(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        await run("sofia tracelevel warning")
        await run("sofia global siptrace on")
        running.alice.ask("OPTIONS", "x")
        await running.settle()
        levels = {r.levelno for r in caplog.records if r.getMessage().startswith("recv ")}
        assert levels == {logging.WARNING}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("reg", {"1000", "1001"}),
        ("reg 1001", {"1001"}),
        ("reg 192.0.2.10", {"1000", "1001"}),
        ("reg nobody", set()),
        ("user 1000@example.test", {"1000"}),
        ("user 100@example.test", set()),
        ("user example.test", {"1000", "1001"}),
        ("user 1001@", {"1001"}),
        ("pres same", {"1000", "1001"}),
        ("pres other", set()),
        ("REG 1001", {"1001"}),
    ],
)
async def test_registrations_are_picked(tmp_path: Path, wanted: str, found: set[str]) -> None:
    hosts = {"presence-hosts": "same.test,example.test"}
    async with sip_bench(tmp_path, profile=hosts) as running:
        running.sip.location.put(HERE)
        other = HERE.contact.replace("1000", "1001")
        running.sip.location.put(replace(HERE, user="1001", call_id="other", contact=other))
        told = await running.switch.run_command(f"sofia status profile internal {wanted}")
        users = {
            line.split()[1].split("@")[0] for line in told.splitlines() if line.startswith("User:")
        }
        assert users == found
        assert f"Total items returned: {len(found)}" in told


async def test_an_alias_is_told_as_such(tmp_path: Path) -> None:
    aliased = profile_xml("second", {"sip-port": "5090"}, '<aliases><alias name="also"/></aliases>')
    async with sip_bench(tmp_path, more_profiles=aliased) as running:
        told = await running.switch.run_command("sofia status profile also")
        assert "Name             \talso\n" in told
        assert "Alias Of         \tsecond\n" in told


async def test_all_profiles_may_stand_by(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9196", "answer", "park")) as running:
        run = running.switch.run_command
        await run("sofia global standby on")
        running.alice.ask("INVITE", "9196", sdp())
        await running.settle()
        assert running.alice.response(503).reason == "System Paused"
        refused = await run("originate sofia/internal/1001@192.0.2.20:5064 &park()")
        assert refused == "-ERR SYSTEM_SHUTDOWN\n"
        await run("sofia global standby off")
        invite, _ = await running.dial("sofia/internal/1001@192.0.2.20:5064")
        running.bob.answer(invite, 486)


async def test_answers_end_as_programs_expect_them(tmp_path: Path) -> None:
    """Some end without a new line."""
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        for line in ("siptrace on", "siptrace off"):
            assert not (await run(f"sofia profile internal {line}")).endswith("\n")
        assert await run("sofia profile nosuch rescan") == "Invalid Profile [nosuch]"
        assert await run("sofia global siptrace off") == "+OK Global siptrace off"
        assert (await run("sofia status")).endswith("\n1 profile 0 aliases\n")
        assert (await run("sofia status profile internal")).endswith("REGISTRATIONS    \t0\n")


async def test_presence_and_shared_lines_tell_the_log_more(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        run = running.switch.run_command
        summary = "+OK Debugging summary: presence: {} sla: {}\n"
        try:
            assert await run("sofia global debug") == summary.format("off", "off")
            told = await run("sofia global debug presence")
            assert told == "+OK Debugging presence\n" + summary.format("on", "off")
            assert logging.getLogger("softswitch.endpoints.sip.presence").level == logging.DEBUG
            told = await run("sofia global debug presence,sla")
            assert told == (
                "+OK Debugging presence\n+OK Debugging sla\n" + summary.format("on", "on")
            )
        finally:
            told = await run("sofia global debug none")
        assert told == "+OK Debugging nothing\n" + summary.format("off", "off")


async def test_nothing_is_recovered_and_programs_are_told_so(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        await running.switch.run_command("sofia recover")
        (event,) = running.events("sofia::recovery_recovered")
        assert event["recovered_calls"] == "0"


async def test_the_state_of_profiles_in_json(tmp_path: Path) -> None:
    aliased = profile_xml("second", {"sip-port": "5090"}, '<aliases><alias name="also"/></aliases>')
    async with sip_bench(tmp_path, gateways=TRUNKS, more_profiles=aliased) as running:
        run = running.switch.run_command
        told = json.loads(await run("sofia jsonstatus"))["profiles"]
        assert told["also"]["status"] == {"type": "alias", "data": "second", "state": "ALIASED"}
        assert told["also"]["info"]["alias-of"] == "second"
        assert told["internal"]["gateways"]["trunk"] == {
            "type": "gateway",
            "data": "sip:u@192.0.2.20:5064",
            "state": "NOREG",
        }
        plain = json.loads(await run('json {"command": "sofia.status", "data": ""}'))
        assert plain["response"]["profiles"]["internal"]["status"]["state"] == "RUNNING"
        assert "info" not in plain["response"]["profiles"]["internal"]
        whole = json.loads(await run('json {"command": "sofia.status.info", "data": ""}'))
        assert whole["response"]["profiles"] == told
