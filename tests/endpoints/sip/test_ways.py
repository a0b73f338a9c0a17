"""One address after the other, and TCP for what is large."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.ways import LARGE, PATIENCE, Ways
from softswitch.sip.routing import Hop, Query, Srv
from softswitch.switch.causes import HangupCause
from tests.support.sip_bench import ALICE, BOB, SipBench, sdp, sip_bench

pytestmark = pytest.mark.virtual_time

SPARE = ("192.0.2.30", 5070)


def two_servers(running: SipBench) -> None:
    """A trunk with two machines: the first is at Bob's address, the other at `SPARE`."""
    running.air.names = {
        Query("SRV", "_sip._udp.trunk.test"): [
            Srv(1, 0, BOB[1], "a.trunk.test"),
            Srv(2, 0, SPARE[1], "b.trunk.test"),
        ],
        Query("ADDRESS", "a.trunk.test"): [BOB[0]],
        Query("ADDRESS", "b.trunk.test"): [SPARE[0]],
    }


async def test_who_does_not_answer_is_passed_over_and_tried_last_by_the_next(
    tmp_path: Path,
) -> None:
    async with sip_bench(tmp_path) as running:
        two_servers(running)
        spare = running.party("spare", SPARE)
        _, call = await running.dial("sofia/internal/200@trunk.test")
        assert not spare.received
        await running.settle(33)
        invite = spare.request("INVITE")
        spare.answer(invite, 200, sdp(5000))
        await running.settle()
        assert (await call).startswith("+OK")
        spare.request("ACK")
        running.bob.received.clear()
        spare.received.clear()
        again = running.switch.loop.create_task(
            running.switch.run_command("originate sofia/internal/201@trunk.test &park()")
        )
        await running.settle()
        spare.answer(spare.request("INVITE"), 486)
        await running.settle()
        assert "USER_BUSY" in await again
        assert not running.bob.received
        running.switch.hangup_all(HangupCause.NORMAL_CLEARING)
        await running.settle()
        spare.answer(spare.request("BYE"), 200)
        await running.settle()


@pytest.mark.parametrize("passes", [True, False])
async def test_503_leads_on_unless_the_profile_says_no(tmp_path: Path, passes: bool) -> None:
    settings = {"disable-srv503": str(not passes).lower()}
    async with sip_bench(tmp_path, profile=settings) as running:
        two_servers(running)
        spare = running.party("spare", SPARE)
        invite, call = await running.dial("sofia/internal/200@trunk.test")
        running.bob.answer(invite, 503)
        await running.settle()
        if passes:
            spare.answer(spare.request("INVITE"), 404)
            await running.settle()
            assert "UNALLOCATED_NUMBER" in await call
        else:
            assert "NORMAL_TEMPORARY_FAILURE" in await call


async def test_a_name_without_an_address_ends_the_call(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        answer = await running.switch.run_command("originate sofia/internal/1@no.test &park()")
        assert "DESTINATION_OUT_OF_ORDER" in answer


async def test_what_is_large_goes_by_tcp_and_back_to_udp_where_that_fails(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        ways = Ways(running.profile, Hop(*ALICE))
        assert ways.known
        flow = ways.next()
        assert flow is not None
        assert ways.for_size(flow, LARGE) is flow
        large = ways.for_size(flow, LARGE + 1)
        assert (large.transport, large.remote) == ("tcp", ALICE)
        ways.failed()
        assert ways.next() == flow
        assert ways.for_size(flow, LARGE + 1) is flow, "TCP had its turn"
        assert ways.next() is None


@pytest.mark.parametrize(
    ("hop", "settings"),
    [
        (Hop(*ALICE, "udp"), {}),
        (Hop(*ALICE), {"bind-params": "transport=udp"}),
    ],
)
async def test_udp_stays_where_it_is_asked_for_or_all_there_is(
    tmp_path: Path, hop: Hop, settings: dict[str, str]
) -> None:
    async with sip_bench(tmp_path, profile=settings) as running:
        ways = Ways(running.profile, hop)
        assert ways.known
        flow = ways.next()
        assert flow is not None
        assert ways.for_size(flow, 9000) is flow
        assert ways.next() is None


async def test_a_phone_that_registered_by_udp_is_not_tried_by_tcp(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        ways = Ways(running.profile, Hop(*ALICE))
        assert ways.known
        flow = ways.next()
        assert flow is not None
        await running.register(running.alice)
        assert ways.for_size(flow, LARGE + 1) is flow


async def test_a_large_invite_goes_by_tcp(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        long = "x" * 1400
        target = f"{{sip_h_X-Long={long}}}sofia/internal/200@{BOB[0]}:{BOB[1]}"
        invite, call = await running.dial(target)
        assert invite.top_via.transport == "TCP"
        assert "transport=tcp" in (invite.headers.get("Contact") or "")
        running.bob.transport = "tcp"
        running.bob.answer(invite, 486)
        await running.settle()
        assert "USER_BUSY" in await call


async def test_a_large_invite_goes_on_by_udp_where_tcp_is_silent(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        long = "x" * 1400
        target = f"{{sip_h_X-Long={long}}}sofia/internal/200@{BOB[0]}:{BOB[1]}"
        invite, call = await running.dial(target)
        assert invite.top_via.transport == "TCP"
        await running.settle(PATIENCE + 1)
        again = running.bob.request("INVITE")
        assert again.top_via.transport == "UDP"
        running.bob.answer(again, 486)
        await running.settle()
        assert "USER_BUSY" in await call


async def test_who_answers_by_tcp_may_take_his_time(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        long = "x" * 1400
        target = f"{{sip_h_X-Long={long}}}sofia/internal/200@{BOB[0]}:{BOB[1]}"
        invite, call = await running.dial(target)
        running.bob.transport = "tcp"
        running.bob.answer(invite, 100)
        await running.settle(2 * PATIENCE)
        running.bob.answer(invite, 486)
        await running.settle()
        assert "USER_BUSY" in await call
