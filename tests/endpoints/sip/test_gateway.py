"""Gateways: accounts, targets, registration and pings."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.gateway import Gateway, host_of, uri_of
from softswitch.sip.auth import Challenge
from softswitch.sip.message import Request
from tests.support.sip_bench import SipBench, sip_bench

pytestmark = pytest.mark.virtual_time

CHALLENGE = str(Challenge(realm="far", nonce="n", algorithm="MD5", qop=("auth",)))


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


async def test_a_gateway_registers_with_its_account(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=gateway_xml(realm="far.test")) as running:
        gateway = trunk(running)
        await running.settle()
        assert (gateway.state, gateway.up) == ("TRYING", False)
        first = running.bob.request("REGISTER")
        assert first.uri == "sip:far.test"
        assert str(first.to.uri) == "sip:account@far.test"
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


async def test_a_gateway_that_cannot_be_found_is_looked_for_again(tmp_path: Path) -> None:
    tls = gateway_xml(register_transport="tls", retry_seconds="5")
    async with sip_bench(tmp_path, gateways=tls) as running:
        await running.settle()
        gateway = trunk(running)
        assert gateway.state == "FAIL_WAIT"
        await running.settle(5.1)
        gateway.stop()
        # Stopped, it asks nobody any more.
        gateway.state = "UNREGED"
        await running.settle(60)
        assert gateway.state == "UNREGED"


async def test_a_stopped_gateway_unregisters(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=gateway_xml()) as running:
        await registered(running)
        trunk(running).stop()
        goodbye = running.bob.request("REGISTER")
        assert "expires=0" in (goodbye.headers.get("Contact") or "") or goodbye.expires == 0
        running.bob.answer(goodbye, 200, Contact="")
        assert (trunk(running).state, trunk(running).up) == ("UNREGED", False)
        trunk(running).register_again()
        await registered(running)
        assert trunk(running).state == "REGED"


async def test_pings_find_out_whether_it_is_there(tmp_path: Path) -> None:
    pinged = gateway_xml(register="false", ping="10", ping_max="2", ping_min="1")
    async with sip_bench(tmp_path, gateways=pinged) as running:
        gateway = trunk(running)
        assert (gateway.state, gateway.up) == ("NOREG", True)
        await running.settle(10.1)
        running.bob.answer(running.bob.request("OPTIONS"), 503)
        assert (gateway.state, gateway.up) == ("NOREG", False)
        for up in (False, True):
            await running.settle(10)
            running.bob.answer(running.bob.request("OPTIONS"), 404)
            assert gateway.up is up
        gateway.stop()
        running.bob.received.clear()
        await running.settle(60)
        assert not running.bob.received


async def test_a_refresh_does_not_hide_what_pings_found(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=gateway_xml(ping="10")) as running:
        await registered(running, "60")
        await running.settle(10.1)
        running.bob.answer(running.bob.request("OPTIONS"), 500)
        assert (trunk(running).state, trunk(running).up) == ("REGED", False)
        await running.settle(50)
        await registered(running, "60")
        assert (trunk(running).state, trunk(running).up) == ("REGED", False)


async def test_whom_it_calls_as(tmp_path: Path) -> None:
    gateways = gateway_xml(register="false", from_domain="far.test", auth_username="digest")
    gateways += gateway_xml("second", register="false", caller_id_in_from="true")
    gateways += gateway_xml("third", register="false", from_user="somebody", extension="40",
                            extension_in_contact="true", contact_params="x=y")  # fmt: skip
    async with sip_bench(tmp_path, gateways=gateways) as running:
        first, second, third = running.profile.gateways.values()
        assert str(first.from_address("Al", "1000")) == "Al <sip:account@far.test>"
        assert first.credentials == ("digest", "word")
        assert str(second.from_address("", "1000")) == "<sip:1000@192.0.2.20>"
        assert str(third.from_address("", "1000")) == "<sip:somebody@192.0.2.20>"
        contact = "<sip:40@192.0.2.1:5060;transport=tcp;gw=third;x=y>"
        assert third.contact("tcp") == contact
        assert first.contact("udp") == "<sip:gw+trunk@192.0.2.1:5060;transport=udp;gw=trunk>"
        assert str(first.target("900")) == "sip:900@192.0.2.20:5064"
        assert str(first.target("900@other.test")) == "sip:900@other.test"
        assert str(first.target("sip:900@other.test")) == "sip:900@other.test"


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip.example.com", "sip:sip.example.com"),
        ("pbx:5080", "sip:pbx:5080"),
        ("sip:example.com", "sip:example.com"),
        ("SIPS:example.com", "sips:example.com"),
    ],
)
def test_addresses_are_written_with_or_without_their_scheme(text: str, uri: str) -> None:
    assert str(uri_of(text)) == uri


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.com", "example.com"),
        ("sip:user@example.com:5060;transport=tcp", "example.com"),
        ("[2001:db8::1]:5060", "2001:db8::1"),
        ("sips.example.com:5061", "sips.example.com"),
    ],
)
def test_the_host_of_an_address(text: str, host: str) -> None:
    assert host_of(text) == host


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
