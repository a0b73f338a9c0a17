"""The endpoint ``sofia``: profiles started, stopped and reread; dial strings to legs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.config.params import convert, parameters
from softswitch.endpoints.sip.endpoint import SipEndpoint, profile_elements
from softswitch.endpoints.sip.external import PATIENCE
from softswitch.endpoints.sip.settings import ProfileSettings
from softswitch.net.dns import Dns
from softswitch.sip.routing import Query, Record
from tests.endpoints.sip.test_reach import HOME
from tests.support.sip_bench import SETTINGS, SWITCH, element_of, profile_xml, sip_bench

pytestmark = pytest.mark.virtual_time

TRUNK = (
    '<gateway name="trunk"><param name="register" value="false"/>'
    '<param name="proxy" value="192.0.2.20"/><variables>'
    '<variable name="out" value="1" direction="outbound"/>'
    '<variable name="in" value="1" direction="inbound"/>'
    '<variable name="both" value="1"/></variables></gateway>'
)
ALIASED = profile_xml(
    "second",
    {"sip-port": "5090"},
    '<aliases><alias name="Also"/></aliases><domains><domain name="all" alias="true"/></domains>',
)


async def test_profiles_have_other_names(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, more_profiles=ALIASED) as running:
        second = running.sip.profiles["second"]
        for name in ("second", "also", "example.test", "OTHER.test"):
            assert running.sip.profile(name) is second
        assert running.sip.profile("nobody") is None
        assert await running.sip.stop_profile("second")
        (begun,) = running.events("sofia::profile_start")[1:]
        (over,) = running.events("sofia::profile_stop")
        assert begun["profile_name"] == over["profile_name"] == "second"
        assert (begun["module_name"], begun["profile_uri"]) == ("mod_sofia", second.url)
        assert running.sip.profile("also") is None
        assert not await running.sip.stop_profile("second")


async def test_a_taken_address_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, more_profiles=ALIASED) as running:
        element = element_of(running)
        assert await running.sip.start_profile(element) is not None
        assert running.sip.profiles["internal"].running
        port = next(
            item for item in element.find("settings") or () if item.get("name") == "sip-port"
        )
        assert port.get("value") == SETTINGS["sip-port"]
        await running.sip.stop_profile("second")
        running.air.listeners["udp", ("192.0.2.1", 5090)] = running.air.listeners[
            "udp", ("192.0.2.1", 5060)
        ]
        refusal = await running.sip.start_profile(element_of(running, "second"))
        assert refusal is not None
        assert refusal.startswith("udp 192.0.2.1:5090: address already in use (another program")
        assert "second" not in running.sip.profiles
        assert running.sip.profile("also") is None


async def test_a_rescan_takes_over_gateways_and_settings(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=TRUNK) as running:
        kept = running.profile.gateways["trunk"]
        text = (tmp_path / "conf/freeswitch.xml").read_text()
        text = text.replace(TRUNK, TRUNK + TRUNK.replace('"trunk"', '"fresh"'))
        text = text.replace('name="context" value="default"', 'name="context" value="other"')
        (tmp_path / "conf/freeswitch.xml").write_text(text)
        assert await running.switch.run_command("sofia profile internal rescan")
        assert list(running.profile.gateways) == ["trunk", "fresh"]
        assert running.profile.gateways["trunk"] is kept
        assert running.profile.settings.context == "other"
        (tmp_path / "conf/freeswitch.xml").write_text(text.replace(TRUNK, ""))
        await running.switch.run_command("sofia profile internal rescan")
        assert list(running.profile.gateways) == ["fresh"]


async def test_all_profiles_together_wait_once_for_their_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = {"ext-rtp-ip": "host:slow.test"}
    second = profile_xml("second", {"sip-port": "5090", **wish})
    async with sip_bench(tmp_path, profile=wish, more_profiles=second) as running:
        for name in ("internal", "second"):
            await running.sip.stop_profile(name)

        async def ask(_: object, query: Query) -> tuple[list[Record], float]:
            await asyncio.sleep(30)
            return ["203.0.113.5"], 60.0

        again = SipEndpoint(running.switch)
        began = running.switch.loop.time()
        with monkeypatch.context() as patched:
            patched.setattr(Dns, "ask", ask)
            assert await again.start() == []
        assert running.switch.loop.time() - began == pytest.approx(PATIENCE, abs=0.1)
        assert [one.advertised_rtp_ip for one in again.profiles.values()] == [SWITCH[0]] * 2
        await running.settle(30)
        assert {one.advertised_rtp_ip for one in again.profiles.values()} == {"203.0.113.5"}
        await again.stop()


async def test_registrations_outlive_a_restart(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        again = SipEndpoint(running.switch)
        (profile,) = await profile_elements(running.switch)
        await running.sip.stop_profile(profile.get("name", ""))
        assert await again.start() == []
        again.location.put(replace(HOME, expires=2e9))
        await again.stop()
        third = SipEndpoint(running.switch)
        assert await third.start() == []
        assert [item.aor for item in third.location] == ["1000@example.test"]
        assert third.contacts("1000", "example.test") == ["sofia/internal/sip:1000@192.0.2.10:5062"]
        assert third.contacts("1000", "example.test", "nobody") == []
        await third.stop()


async def test_a_busy_address_is_tried_as_often_as_wished(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", logger="softswitch")
    wish = {"sip-port": "5090", "bind-attempts": "3", "bind-attempt-interval": "7"}
    async with sip_bench(tmp_path, more_profiles=profile_xml("second", wish)) as running:
        element = element_of(running, "second")
        await running.sip.stop_profile("second")
        address = ("udp", (SWITCH[0], 5090))
        running.air.listeners[address] = running.air.listeners["udp", SWITCH]
        refusal = await running.sip.start_profile(element)
        assert refusal is not None and "in use" in refusal
        assert caplog.text.count("again in 7 s") == 2
        # The address becomes free while it waits.
        running.switch.loop.call_later(10, running.air.listeners.pop, address)
        assert await running.sip.start_profile(element) is None


@pytest.mark.parametrize(("wish", "stops"), [("true", True), ("elegant", True), ("", False)])
async def test_a_profile_that_cannot_start_may_end_the_switch(
    tmp_path: Path, wish: str, stops: bool
) -> None:
    settings = {"bind-attempts": "1"} | ({"shutdown-on-fail": wish} if wish else {})
    second = profile_xml("second", {"sip-port": "5090", **settings})
    async with sip_bench(tmp_path, more_profiles=second) as running:
        element = element_of(running, "second")
        await running.sip.stop_profile("second")
        address = ("udp", (SWITCH[0], 5090))
        running.air.listeners[address] = running.air.listeners["udp", SWITCH]
        assert await running.sip.start_profile(element) is not None
        assert running.switch.stop_requested.is_set() is stops
        (failure,) = running.events("FAILURE")
        assert (failure["profile_name"], failure["module_name"]) == ("second", "mod_sofia")
        assert "in use" in failure["reason"]


async def test_what_a_profile_serves_is_told_and_when_it_does_no_more(tmp_path: Path) -> None:
    second = profile_xml("second", {"sip-port": "5090"})
    async with sip_bench(tmp_path, more_profiles=second) as running:
        element = element_of(running, "second")
        await running.sip.stop_profile("second")
        (gone,) = running.events("UNPUBLISH")
        assert (gone["profile_name"], gone["port"]) == ("second", "5090")
        assert await running.sip.start_profile(element) is None
        told = running.events("PUBLISH")[-1]
        assert told["service"] == "_sip._udp,_sip._tcp"
        assert told["profile_uri"].endswith(":5090")


async def test_a_profile_may_insist_on_its_external_address(tmp_path: Path) -> None:
    gone = {"sip-port": "5090", "ext-sip-ip": "host:gone.test"}
    second = profile_xml("second", gone)
    async with sip_bench(tmp_path, more_profiles=second) as running:
        element = element_of(running, "second")
        await running.sip.stop_profile("second")
        assert await running.sip.start_profile(element) is None
        await running.sip.stop_profile("second")
        sofia = '<configuration name="sofia.conf">'
        insists = '<param name="abort-on-empty-external-ip" value="true"/>'
        file = tmp_path / "conf/freeswitch.xml"
        text = file.read_text()
        file.write_text(text.replace(sofia, f"{sofia}<global_settings>{insists}</global_settings>"))
        await running.switch.reload()
        refusal = await running.sip.start_profile(element)
        assert refusal is not None
        assert refusal.startswith("ext-sip-ip=host:gone.test: gone.test was of no help")
        assert "second" not in running.sip.profiles


async def test_auto_is_a_free_port() -> None:
    (item,) = [each for each in parameters(ProfileSettings) if each.name == "sip-port"]
    assert convert(item, "auto") == 0
    assert item.describe_kind == "a whole number or auto"
