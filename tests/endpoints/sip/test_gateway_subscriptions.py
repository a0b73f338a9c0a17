"""Gateways that subscribe to something of their provider's."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.gateway_configuration import read_gateways, rescan_gateways
from tests.endpoints.sip.test_gateway import gateway_xml, trunk
from tests.support.sip_bench import element_of, profile_xml, sip_bench

pytestmark = pytest.mark.virtual_time


def subscribing(*subscriptions: str, **params: str) -> str:
    inside = "".join(subscriptions)
    return gateway_xml(register="false", **params).replace(
        "</gateway>", f"<subscriptions>{inside}</subscriptions></gateway>"
    )


LAMP = (
    '<subscription event="message-summary"><param name="expire-seconds" value="60"/>'
    '<param name="retry-seconds" value="20"/>'
    '<param name="content-type" value="application/simple-message-summary"/>'
    '<param name="username-in-request" value="true"/></subscription>'
)


async def test_what_is_written_is_asked_for(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=subscribing(LAMP)) as running:
        await running.settle(0.1)
        asked = running.bob.request("SUBSCRIBE")
        assert asked.headers.get("Event") == "message-summary"
        assert asked.headers.get("Accept") == "application/simple-message-summary"
        assert asked.expires == 60
        assert asked.uri.startswith("sip:account@")
        assert "gw=trunk" in (asked.headers.get("Contact") or "")
        running.bob.answer(asked, 503)
        await running.settle(19)
        assert not [each for each in running.bob.received if "SUBSCRIBE" in repr(each)]
        await running.settle(2)
        running.bob.answer(running.bob.request("SUBSCRIBE"), 200)
        running.bob.received.clear()
        trunk(running).stop()
        await running.settle(0.1)
        assert running.bob.request("SUBSCRIBE").headers.get("Expires") == "0"


async def test_others_are_asked_at_the_proxy_itself(tmp_path: Path) -> None:
    async with sip_bench(
        tmp_path, gateways=subscribing('<subscription event="presence"/>')
    ) as running:
        await running.settle(0.1)
        asked = running.bob.request("SUBSCRIBE")
        assert asked.uri == trunk(running).registrar
        assert (asked.expires, asked.headers.get("Accept")) == (3600, None)


async def test_a_rescan_begins_a_gateway_anew_whose_subscriptions_changed(tmp_path: Path) -> None:
    more = profile_xml("second", {"sip-port": "5090"}, f"<gateways>{subscribing(LAMP)}</gateways>")
    nameless = '<subscription event=""/><subscription event="two words"/>'
    async with sip_bench(tmp_path, gateways=subscribing(nameless), more_profiles=more) as running:
        profile = running.profile
        (before,) = read_gateways(profile, element_of(running)).values()
        assert before.subscriptions.wishes == ()
        old = trunk(running)
        rescan_gateways(profile, element_of(running, "second"))
        assert trunk(running) is not old
        await running.settle(0.1)
        assert running.bob.request("SUBSCRIBE").headers.get("Event") == "message-summary"
