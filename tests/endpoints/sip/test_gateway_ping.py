"""Gateways that are asked whether they are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endpoints.sip.test_gateway import gateway_xml, registered, trunk
from tests.support.sip_bench import sip_bench

pytestmark = pytest.mark.virtual_time


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


async def test_a_ping_says_what_it_is_told_to(tmp_path: Path) -> None:
    pinged = gateway_xml(
        register="false", ping="10", ping_user_agent="watchman", contact_in_ping="true"
    )
    async with sip_bench(tmp_path, gateways=pinged) as running:
        await running.settle(10.1)
        ping = running.bob.request("OPTIONS")
        assert ping.headers.get("User-Agent") == "watchman"
        assert "gw=trunk" in (ping.headers.get("Contact") or "")
        await running.settle(0.2)
        running.bob.answer(ping, 200)
        await running.settle()
        assert 200 <= trunk(running).ping.milliseconds < 400
