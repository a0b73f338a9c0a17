"""``sofia profile``: profiles stopped, started and reread, their gateways and phones steered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from softswitch.config.element import Element
from softswitch.endpoints.sip import commands, endpoint
from softswitch.switch.causes import HangupCause
from tests.endpoints.sip.test_commands import HERE, TRUNKS
from tests.support.sip_bench import ALICE, profile_xml, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

__all__ = ["commands"]
RELOADED = "Reload XML [Success]\n"


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
        assert running.profile.gateways["account"].state == "DOWN"
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
        assert await run("sofia profile internal stop") == f"{RELOADED}stopping: internal"
        assert not running.sip.profiles and not running.air.listeners
        assert (
            await run("sofia profile internal start")
            == f"{RELOADED}internal started successfully\n"
        )
        assert running.profile.running
        before = running.profile
        assert await run("sofia profile internal restart") == f"{RELOADED}restarting: internal"
        assert running.profile is not before


async def test_a_restart_ends_the_calls_and_leaves_none_dead(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9196", "answer", "park")) as running:
        await running.call("9196")
        restart = running.switch.loop.create_task(
            running.switch.run_command("sofia profile internal restart")
        )
        await running.settle()
        running.alice.answer(running.alice.request("BYE"), 200)
        assert await restart == f"{RELOADED}restarting: internal"
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
        assert (
            answer == f"{RELOADED}-ERR internal: it is no longer configured; it goes on as it was"
        )
        assert running.profile is profile


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


async def test_a_killed_gateway_is_started_again(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=TRUNKS) as running:
        run = running.switch.run_command
        killed = await run("sofia profile internal killgw _all_")
        assert killed == "+OK every gateway marked for deletion.\n"
        await running.settle()
        running.bob.received.clear()
        started = await run("sofia profile internal startgw account")
        assert started == f"{RELOADED}+OK start gateway account complete\n"
        await running.settle()
        running.bob.request("REGISTER")
        assert list(running.profile.gateways) == ["account"]
        assert await run("sofia profile internal startgw _all_") == (
            f"{RELOADED}+OK start gateway _all_ complete\n"
        )
        assert set(running.profile.gateways) == {"account", "trunk"}


async def test_all_profiles_restart(tmp_path: Path) -> None:
    second = profile_xml("second", {"sip-port": "5090"})
    async with sip_bench(tmp_path, more_profiles=second) as running:
        before = dict(running.sip.profiles)
        told = await running.switch.run_command("sofia profile restart all")
        assert told == f"{RELOADED}restarting: internal\nrestarting: second\n"
        assert all(running.sip.profiles[name] is not before[name] for name in before)


async def _none(_: object) -> list[Element]:
    return []


async def test_a_gateway_is_steered_by_way_of_any_profile(tmp_path: Path) -> None:
    second = profile_xml("second", {"sip-port": "5090"})
    async with sip_bench(tmp_path, gateways=TRUNKS, more_profiles=second) as running:
        run = running.switch.run_command
        told = await run("sofia profile second register trunk")
        assert told == "-ERR NOREG gateway [trunk] can't be registered!\n"
        assert await run("sofia profile second killgw internal::trunk") == (
            "+OK gateway marked for deletion.\n"
        )
        assert list(running.profile.gateways) == ["account"]


async def test_nothing_restarts_on_a_configuration_with_errors(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        before = running.profile
        (tmp_path / "conf" / "freeswitch.xml").write_text("<document><section>")
        told = await running.switch.run_command("sofia profile internal restart")
        reloaded, answer = told.split("\n", 1)
        assert reloaded.startswith("Reload XML [") and "freeswitch.xml:1" in reloaded
        assert answer == "-ERR the configuration has errors; the profile goes on as it was"
        assert running.profile is before
