"""A profile: its addresses, and requests outside calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip import contact_commands
from softswitch.sip.flow import Flow
from softswitch.sip.message import Headers, Request
from softswitch.sip.routing import Hop, Query
from softswitch.sip.uri import SipUri
from softswitch.switch.causes import HangupCause
from tests.support.sip_bench import ALICE, element_of, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

__all__ = ["contact_commands"]


async def test_external_addresses_are_advertised(tmp_path: Path) -> None:
    outside = {
        "ext-sip-ip": "203.0.113.1",
        "ext-rtp-ip": "autonat:203.0.113.2",
        "local-network-acl": "elsewhere",
        "sip-domain": "pbx.test",
        "contact-user": "pbx",
        "user-agent-string": "My PBX",
    }
    async with sip_bench(tmp_path, extension("9196", "answer", "park"), profile=outside) as running:
        profile = running.profile
        assert profile.url == "sip:pbx@203.0.113.1:5060"
        assert profile.domain == "pbx.test"
        response, _ = await running.call("9196")
        assert response.headers.get("Contact") == "<sip:9196@203.0.113.1:5060>"
        assert response.headers.get("User-Agent") == "My PBX"
        assert b"c=IN IP4 203.0.113.2" in response.body


async def test_neighbours_know_us_by_our_own_address_and_the_world_by_another(
    tmp_path: Path,
) -> None:
    outside = {
        "ext-sip-ip": "203.0.113.1",
        "ext-rtp-ip": "203.0.113.2",
        "ext-sip-port": "15060",
        "local-network-acl": "here",
    }
    far = ("198.51.100.7", 5060)
    async with sip_bench(tmp_path, extension("9196", "answer", "park"), profile=outside) as running:
        profile = running.profile
        assert profile.contact("x", "udp", ALICE[0]) == "<sip:x@192.0.2.1:5060>"
        assert profile.contact("x", "udp", far[0]) == "<sip:x@203.0.113.1:15060>"
        assert profile.contact("x", "udp") == "<sip:x@203.0.113.1:15060>"
        for party, sip, media in (
            (running.alice, "192.0.2.1:5060", b"192.0.2.1"),
            (running.party("far", far), "203.0.113.1:15060", b"203.0.113.2"),
        ):
            party.ask("INVITE", "9196", sdp())
            await running.settle()
            answer = party.response(200)
            assert answer.headers.get("Contact") == f"<sip:9196@{sip}>"
            assert b"c=IN IP4 " + media in answer.body
            party.ack(answer)
            running.switch.hangup_all(HangupCause.NORMAL_CLEARING)
            await running.settle()
            bye = party.request("BYE")
            assert bye.top_via.host == sip.partition(":")[0]
            party.answer(bye, 200)
            await running.settle()


async def test_a_rescan_looks_for_the_address_again(tmp_path: Path) -> None:
    query = Query("ADDRESS", "pbx.test")
    async with sip_bench(tmp_path, profile={"ext-sip-ip": "host:pbx.test"}) as running:
        assert running.profile.advertised_ip == "192.0.2.1"
        running.air.names = {query: ["203.0.113.5"]}
        running.sip.rescan(running.profile, element_of(running))
        await running.settle()
        assert running.profile.advertised_ip == "203.0.113.5"


async def test_ways_to_literal_hops(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"bind-params": "transport=udp"}) as running:
        profile = running.profile
        flow = profile.flow_to(Hop.of(SipUri.parse("sip:x@192.0.2.10")))
        assert flow == Flow("udp", ("192.0.2.1", 5060), ("192.0.2.10", 5060))
        assert profile.flow_to(Hop.of(SipUri.parse("sip:x@192.0.2.10;transport=tcp"))) is None
        assert await profile.resolve(Hop.of(SipUri.parse("sip:192.0.2.10:5062"))) == Flow(
            "udp", ("192.0.2.1", 5060), ALICE
        )
        assert profile.contact("a", "tcp") == "<sip:a@192.0.2.1:5060;transport=tcp>"


async def test_a_call_over_tcp_is_answered_over_tcp(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9196", "answer", "park")) as running:
        party = running.party("1000", ("192.0.2.40", 40000), "tcp")
        party.ask("INVITE", "9196", sdp())
        await running.settle()
        response = party.response(200)
        assert response.headers.get("Contact") == "<sip:9196@192.0.2.1:5060;transport=tcp>"
        party.ack(response)


async def test_calls_are_counted(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9196", "answer", "park")) as running:
        assert running.profile.calls == 0
        await running.call("9196")
        assert (running.profile.calls, running.profile.calls_in) == (1, 1)
        assert repr(running.profile) == "<Profile internal sip:mod_sofia@192.0.2.1:5060 1 calls>"


@pytest.mark.parametrize("traced", [True, False])
async def test_messages_are_logged_where_wished(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, traced: bool
) -> None:
    caplog.set_level("INFO")
    async with sip_bench(tmp_path, profile={"sip-trace": str(traced)}) as running:
        running.alice.ask("OPTIONS", "ping")
        assert ("OPTIONS sip:ping@example.test SIP/2.0" in caplog.text) is traced


async def test_update_may_be_left_out(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"allow-update": "false"}) as running:
        running.alice.ask("OPTIONS")
        allowed = running.alice.response(200).headers.get("Allow") or ""
        assert "INVITE" in allowed and "UPDATE" not in allowed


async def test_transactions_live_as_long_as_the_profile_says(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"timer-T1X64": "3000"}) as running:
        assert running.profile.stack.settings.t1x64 == 3
    async with sip_bench(tmp_path / "usual", profile={"timer-T1": "250"}) as running:
        assert running.profile.stack.settings.t1x64 == 16


async def test_the_hosts_of_presence_are_one_domain(tmp_path: Path) -> None:
    same = {"presence-hosts": "example.test,phones.test", "manage-presence": "true"}
    async with sip_bench(tmp_path, profile=same) as running:
        assert (await running.register(running.alice)).status == 200
        for host in ("example.test", "PHONES.test", "192.0.2.1"):
            found = await running.switch.run_command(f"sofia_contact */1000@{host}")
            assert found == "sofia/internal/sip:1000@192.0.2.10:5062", host
        unknown = await running.switch.run_command("sofia_contact */1000@other.test")
        assert unknown == "error/user_not_registered"
        shown = await running.switch.run_command("sofia status profile internal")
        assert "Pres Hosts       \texample.test,phones.test\n" in shown


async def test_a_watcher_of_one_presence_host_sees_calls_of_the_other(tmp_path: Path) -> None:
    same = {"presence-hosts": "example.test,phones.test", "manage-presence": "true"}
    async with sip_bench(tmp_path, profile=same) as running:
        bob = running.bob
        bob.ask("SUBSCRIBE", uri="sip:1000@phones.test", Event="presence", Expires="600")
        await running.settle(0.2)
        bob.answer(bob.request("NOTIFY"), 200)
        await running.register(running.alice)
        await running.settle(0.2)
        told = bob.request("NOTIFY")
        bob.answer(told, 200)
        assert b"<basic>open</basic>" in told.body


async def test_lifetimes_of_subscriptions_may_spread(tmp_path: Path) -> None:
    spread = {"sip-subscription-max-deviation": "50", "manage-presence": "true"}
    async with sip_bench(tmp_path, profile=spread) as running:
        request = Request("SUBSCRIBE", "sip:x", Headers([("Expires", "600")]))
        granted = {running.profile.grant_subscription(request) for _ in range(200)}
        assert min(granted) >= 550 and max(granted) <= 600 and len(granted) > 5
        over = Request("SUBSCRIBE", "sip:x", Headers([("Expires", "0")]))
        assert running.profile.grant_subscription(over) == 0
