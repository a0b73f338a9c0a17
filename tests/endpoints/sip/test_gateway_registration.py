"""Gateways that register: with an account, again, and elsewhere where nobody answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip import commands
from softswitch.endpoints.sip.external import RETRY
from softswitch.sip.auth import Challenge
from softswitch.sip.routing import Query, Srv
from softswitch.sip.uri import NameAddr
from tests.endpoints.sip.test_gateway import gateway_xml, registered, trunk
from tests.support.sip_bench import BOB, element_of, sip_bench

pytestmark = pytest.mark.virtual_time

__all__ = ["commands"]
CHALLENGE = str(Challenge(realm="far", nonce="n", algorithm="MD5", qop=("auth",)))


async def test_a_gateway_registers_with_its_account(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=gateway_xml(realm="far.test")) as running:
        gateway = trunk(running)
        await running.settle()
        assert (gateway.state, gateway.up) == ("TRYING", False)
        first = running.bob.request("REGISTER")
        # Its realm is a word of its challenges, no place.
        assert first.uri == "sip:192.0.2.20:5064"
        assert str(first.to.uri) == str(first.from_.uri) == "sip:account@192.0.2.20"
        assert first.expires == 3600
        contact = first.contact
        assert contact is not None and contact.uri.user == "gw+trunk"
        assert contact.uri.parameters["gw"] == "trunk"
        running.bob.answer(first, 401, WWW_Authenticate=CHALLENGE, Contact="")
        value = (await registered(running)).headers.get("Authorization") or ""
        assert 'username="account"' in value
        assert (gateway.state, gateway.up) == ("REGED", True)
        states = [event["State"] for event in running.events("sofia::gateway_state")]
        assert states == ["TRYING", "REGED"]


async def test_a_refused_gateway_waits_and_tries_again(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=gateway_xml(retry_seconds="30")) as running:
        await running.settle()
        running.bob.answer(running.bob.request("REGISTER"), 403)
        gateway = trunk(running)
        assert (gateway.state, gateway.up, gateway.failures) == ("FAIL_WAIT", False, 1)
        answer = await running.switch.run_command("originate sofia/gateway/trunk/1 &park()")
        assert answer == "-ERR GATEWAY_DOWN\n"
        await running.settle(45)
        await registered(running)
        assert (gateway.state, gateway.failures) == ("REGED", 0)


async def test_a_new_address_of_ours_is_registered_at_once(tmp_path: Path) -> None:
    gateways = gateway_xml() + gateway_xml("second")
    outside = {"ext-sip-ip": "host:pbx.test", "local-network-acl": "none"}
    async with sip_bench(tmp_path, gateways=gateways, profile=outside) as running:
        for _ in range(2):
            assert "@192.0.2.1:5060" in str((await registered(running)).contact)
        running.profile.gateways["second"].stop()
        await running.settle()
        running.bob.answer(running.bob.request("REGISTER"), 200)
        running.air.names = {Query("ADDRESS", "pbx.test"): ["203.0.113.5"]}
        await running.settle(RETRY + 0.1)
        assert "@203.0.113.5:5060" in str((await registered(running)).contact)
        running.air.names = {Query("ADDRESS", "pbx.test"): ["203.0.113.9"]}
        running.sip.rescan(running.profile, element_of(running))
        assert "@203.0.113.9:5060" in str((await registered(running)).contact)
        # Who unregistered stays so.
        assert not running.bob.received


async def test_who_registers_and_who_is_registered(tmp_path: Path) -> None:
    gateways = gateway_xml(from_user="other", from_domain="far.test")
    gateways += gateway_xml("distinct", from_user="other", from_domain="far.test",
                            distinct_to="true")  # fmt: skip
    async with sip_bench(tmp_path, gateways=gateways) as running:
        await running.settle()
        registers = [running.bob.request("REGISTER") for _ in range(2)]
        assert [str(each.from_.uri) for each in registers] == ["sip:other@far.test"] * 2
        told = [str(each.to.uri) for each in registers]
        assert sorted(told) == ["sip:account@192.0.2.20", "sip:other@far.test"]


async def test_a_call_by_a_gateway_that_is_down_counts_as_failed(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=gateway_xml()) as running:
        await running.switch.run_command("originate sofia/gateway/trunk/1 &park()")
        assert (trunk(running).calls_out, trunk(running).calls_out_failed) == (0, 1)


async def test_a_gateway_that_cannot_be_found_is_looked_for_again(tmp_path: Path) -> None:
    tls = gateway_xml(register_transport="tls", retry_seconds="5")
    async with sip_bench(tmp_path, gateways=tls) as running:
        await running.settle()
        gateway = trunk(running)
        assert gateway.state == "FAIL_WAIT"
        await running.settle(5.1)
        gateway.stop()
        # Stopped, it asks nobody any more.
        assert gateway.state == "DOWN"
        await running.settle(60)
        assert gateway.state == "DOWN"


async def test_a_stopped_gateway_unregisters(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=gateway_xml()) as running:
        await registered(running)
        trunk(running).stop()
        goodbye = running.bob.request("REGISTER")
        assert "expires=0" in (goodbye.headers.get("Contact") or "") or goodbye.expires == 0
        running.bob.answer(goodbye, 200, Contact="")
        assert (trunk(running).state, trunk(running).up) == ("DOWN", False)
        trunk(running).register_again()
        await registered(running)
        assert trunk(running).state == "REGED"


async def test_where_nobody_answers_it_registers_at_the_next_address(tmp_path: Path) -> None:
    spare = ("192.0.2.30", 5070)
    async with sip_bench(tmp_path, gateways=gateway_xml(proxy="far.test", expire_seconds="60")) as (
        running
    ):
        running.air.names = {
            Query("SRV", "_sip._udp.far.test"): [
                Srv(1, 0, BOB[1], "a.test"),
                Srv(2, 0, spare[1], "b.test"),
            ],
            Query("ADDRESS", "a.test"): [BOB[0]],
            Query("ADDRESS", "b.test"): [spare[0]],
        }
        second = running.party("second", spare)
        await running.settle()
        running.bob.request("REGISTER")
        await running.settle(33)
        register = second.request("REGISTER")
        contact = register.headers.get("Contact") or ""
        second.answer(register, 200, Contact=f"{contact};expires=60")
        await running.settle()
        assert (trunk(running).state, trunk(running).failures) == ("REGED", 0)
        second.received.clear()
        running.bob.received.clear()
        await running.settle(60)
        assert second.received, "it refreshes where it is registered"
        assert not running.bob.received


async def test_why_it_is_down_is_told(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=gateway_xml()) as running:
        await running.settle()
        running.bob.answer(running.bob.request("REGISTER"), 403)
        told = running.events("sofia::gateway_state")[-1]
        assert (told["State"], told["Status"], told["Phrase"]) == ("FAIL_WAIT", "403", "Forbidden")


async def test_a_gateway_may_be_one_of_several_flows(tmp_path: Path) -> None:
    gateways = gateway_xml(rfc_5626="true", reg_id="3")
    wish = {"enable-rfc-5626": "true"}
    async with sip_bench(tmp_path, gateways=gateways, profile=wish) as running:
        contact = (await registered(running)).headers.get("Contact") or ""
        assert ";reg-id=3;+sip.instance=" in contact
        first = NameAddr.parse(contact).parameter("+sip.instance")
        assert first is not None and first.startswith("<urn:uuid:")
        assert trunk(running).state == "REGED"
        # Calls do not carry it: they are no registrations.
        assert "reg-id" not in trunk(running).contact("udp")
    async with sip_bench(tmp_path / "again", gateways=gateways, profile=wish) as running:
        contact = (await registered(running)).headers.get("Contact") or ""
        assert NameAddr.parse(contact).parameter("+sip.instance") == first
    async with sip_bench(tmp_path / "plain", gateways=gateways) as running:
        assert "reg-id" not in ((await registered(running)).headers.get("Contact") or "")


async def test_a_registrar_that_does_not_answer_in_time_is_asked_again_later(
    tmp_path: Path,
) -> None:
    gateways = gateway_xml(timeout_seconds="5", **{"908_retry_seconds": "7"})
    async with sip_bench(tmp_path, gateways=gateways) as running:
        await running.settle()
        first = running.bob.request("REGISTER")
        gateway = trunk(running)
        await running.settle(4.5)
        assert gateway.state == "TRYING"
        await running.settle(1)
        assert (gateway.state, gateway.failures) == ("FAIL_WAIT", 1)
        # What it says now comes too late.
        running.bob.answer(first, 200, Contact="<sip:x@192.0.2.1>;expires=600")
        await running.settle()
        assert gateway.state == "FAIL_WAIT"
        running.bob.received.clear()
        await running.settle(7)
        await registered(running)
        assert gateway.state == "REGED"
