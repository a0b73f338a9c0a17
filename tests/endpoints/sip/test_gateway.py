"""Gateways: accounts, targets, registration and pings."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip import commands
from softswitch.endpoints.sip.gateway import Gateway
from softswitch.sip.message import Request
from softswitch.sip.routing import Hop, Query
from softswitch.switch.causes import HangupCause
from tests.support.sip_bench import SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

__all__ = ["commands"]


def gateway_xml(name: str = "trunk", **params: str) -> str:
    """A ``<gateway>`` to Bob that registers, unless told otherwise."""
    settings = {"proxy": "192.0.2.20:5064", "username": "account", "password": "word"}
    settings |= {key.replace("_", "-"): value for key, value in params.items()}
    lines = "".join(f'<param name="{key}" value="{value}"/>' for key, value in settings.items())
    return f'<gateway name="{name}">{lines}</gateway>'


def trunk(running: SipBench) -> Gateway:
    return running.profile.gateways["trunk"]


async def registered(running: SipBench, expires: str = "600") -> Request:
    """Answer the REGISTER; gives it."""
    await running.settle()
    register = running.bob.request("REGISTER")
    contact = register.headers.get("Contact") or ""
    running.bob.answer(register, 200, Contact=f"{contact};expires={expires}")
    return register


async def test_whom_it_calls_as(tmp_path: Path) -> None:
    gateways = gateway_xml(register="false", from_domain="far.test", auth_username="digest")
    gateways += gateway_xml("second", register="false", caller_id_in_from="true")
    gateways += gateway_xml("third", register="false", from_user="somebody", extension="40",
                            extension_in_contact="true", contact_params="x=y")  # fmt: skip
    async with sip_bench(tmp_path, gateways=gateways) as running:
        first, second, third = running.profile.gateways.values()
        assert str(first.from_address("Al", "1000")) == "Al <sip:account@far.test>"
        assert first.credentials == ("digest", "word")
        assert str(second.from_address("", "1000")) == "<sip:1000@192.0.2.1>"
        assert str(second.from_address("", "1000", "own.test")) == "<sip:1000@own.test>"
        assert str(second.from_address("", "")) == "<sip:account@192.0.2.20>"
        assert str(first.from_address("", "1000", "own.test")) == "<sip:account@far.test>"
        assert str(third.from_address("", "1000")) == "<sip:somebody@192.0.2.20>"
        contact = "<sip:40@192.0.2.1:5060;x=y;transport=tcp;gw=third>"
        assert third.contact("tcp") == contact
        assert first.contact("udp") == "<sip:gw+trunk@192.0.2.1:5060;transport=udp;gw=trunk>"
        assert str(first.target("900")) == "sip:900@192.0.2.20:5064"
        assert str(first.target("900@other.test")) == "sip:900@other.test"
        assert str(first.target("sip:900@other.test")) == "sip:900@other.test"


@pytest.mark.parametrize(
    "gateway",
    [
        gateway_xml("bad name"),
        gateway_xml(password=""),
        gateway_xml(proxy="not a host"),
        gateway_xml(register="false", outbound_proxy="sip:<"),
    ],
)
async def test_a_gateway_that_cannot_work_is_left_out(tmp_path: Path, gateway: str) -> None:
    async with sip_bench(tmp_path, gateways=gateway.replace('<"', '&lt;"')) as running:
        assert not running.profile.gateways


async def test_its_contact_may_name_our_own_address(tmp_path: Path) -> None:
    outside = {"ext-sip-ip": "203.0.113.1"}
    gateways = gateway_xml(register="false", contact_host="sip-ip", contact_params=";x=y")
    gateways += gateway_xml("second", register="false", contact_host="198.51.100.9")
    async with sip_bench(tmp_path, profile=outside, gateways=gateways) as running:
        inside, other = running.profile.gateways.values()
        contact = "<sip:gw+trunk@192.0.2.1:5060;x=y;transport=udp;gw=trunk>"
        assert inside.contact("udp") == contact
        assert other.contact("udp").startswith("<sip:gw+second@198.51.100.9:5060;")


@pytest.mark.parametrize(
    ("number", "tail"),
    [("4930^reception", ""), ("4930;x=y^reception", ";x=y"), ("4930^reception;x=y", ";x=y")],
)
async def test_a_call_may_name_another_user_in_to_and_gets_the_prefix(
    tmp_path: Path, number: str, tail: str
) -> None:
    gateways = gateway_xml(register="false", destination_prefix="00")
    async with sip_bench(tmp_path, gateways=gateways) as running:
        invite, call = await running.dial(f"sofia/gateway/trunk/{number}")
        assert invite.uri == f"sip:004930@192.0.2.20:5064{tail}"
        assert str(invite.to.uri) == "sip:reception@192.0.2.20:5064"
        running.bob.answer(invite, 486)
        await running.settle()
        await call


@pytest.mark.parametrize(
    ("wish", "origin"),
    [
        ("auto-aleg-full", "sip:1000@example.test"),
        ("auto-aleg-domain", "sip:account@example.test"),
        ("", "sip:account@192.0.2.20"),
    ],
)
async def test_from_may_be_that_of_the_caller(tmp_path: Path, wish: str, origin: str) -> None:
    gateways = gateway_xml(register="false", from_domain=wish)
    bridge = extension("200", "bridge sofia/gateway/trunk/200")
    async with sip_bench(tmp_path, bridge, gateways=gateways) as running:
        await running.invite("200")
        invite = running.bob.request("INVITE")
        assert str(invite.from_.uri) == origin
        running.bob.answer(invite, 486)
        await running.settle()


@pytest.mark.parametrize(("acl", "status"), [("here", 200), ("elsewhere", 403)])
async def test_calls_from_it_may_be_held_to_a_list(tmp_path: Path, acl: str, status: int) -> None:
    gateways = gateway_xml(register="false", gw_auth_acl=acl, extension="auto")
    answered = extension("gw.*", "answer", "park")
    async with sip_bench(tmp_path, answered, extension("77", "answer", "park"),
                         gateways=gateways) as running:  # fmt: skip
        running.bob.ask("INVITE", body=sdp(), uri="sip:77@192.0.2.1:5060;gw=trunk")
        await running.settle()
        response = running.bob.response(status)
        assert trunk(running).calls_in == (status == 200)
        if status == 200:
            assert running.session.channel.profile.destination_number == "77"
            running.bob.ack(response)
            running.switch.hangup_all(HangupCause.NORMAL_CLEARING)
            await running.settle()
            running.bob.answer(running.bob.request("BYE"), 200)
            await running.settle()


async def test_its_coming_and_going_is_told(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=gateway_xml(register="false")) as running:
        assert running.events("sofia::gateway_add")[0]["Gateway"] == "trunk"
        await running.switch.run_command("sofia profile internal killgw trunk")
        assert running.events("sofia::gateway_delete")[0]["Gateway"] == "trunk"


async def test_its_addresses_are_never_shut_out(tmp_path: Path) -> None:
    gateways = gateway_xml(register="false") + gateway_xml("named", register="false",
                                                           proxy="far.test")  # fmt: skip
    async with sip_bench(tmp_path, gateways=gateways) as running:
        assert trunk(running).is_at("192.0.2.20")
        assert not trunk(running).is_at("192.0.2.21")
        named = running.profile.gateways["named"]
        assert not named.is_at("192.0.2.30")
        running.air.names = {Query("ADDRESS", "far.test"): ["192.0.2.30"]}
        await running.profile.resolver.resolve(Hop("far.test"))
        assert named.is_at("192.0.2.30")
        running.bob.ask("OPTIONS", "x", **{"User-Agent": "friendly-scanner"})
        await running.settle()
        assert not running.sip.guard.bans


@pytest.mark.parametrize(
    ("params", "way"),
    [
        ({}, "sip:192.0.2.20:5064"),
        ({"register_transport": "tls"}, "sip:192.0.2.20:5064;transport=tls"),
        ({"register_transport": "tls", "outbound_proxy": "sip:192.0.2.9;transport=tcp"},
         "sip:192.0.2.9;transport=tcp"),
    ],
)  # fmt: skip
async def test_calls_go_by_the_transport_it_registers_by(
    tmp_path: Path, params: dict[str, str], way: str
) -> None:
    gateways = gateway_xml(register="false", **params)
    async with sip_bench(tmp_path, gateways=gateways) as running:
        assert trunk(running).proxy_uri == way
