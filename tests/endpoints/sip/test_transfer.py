"""REFER within calls: to a number, and to another call of the same party."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.transfer import address_of
from softswitch.sip.message import Request, Response
from softswitch.switch.causes import HangupCause
from softswitch.switch.session import Session
from tests.support.sip_bench import BOB, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

BRIDGE = extension("1001", f"bridge sofia/internal/1001@{BOB[0]}:{BOB[1]}")
PARKED = extension("(7.*)", "answer", "park")


async def bridged(running: SipBench) -> tuple[Response, Session, Session]:
    """Alice talks to Bob: her 200, her session and his."""
    _, alice = await running.invite("1001")
    running.bob.answer(running.bob.request("INVITE"), 200, sdp(5000, host=BOB[0]))
    await running.settle()
    response = running.alice.response(200)
    running.alice.ack(response)
    await running.settle()
    assert alice.peer is not None
    running.alice.received.clear()
    running.bob.received.clear()
    return response, alice, alice.peer


def notified(running: SipBench) -> bytes:
    """What Alice's NOTIFY says."""
    notify: Request = running.alice.request("NOTIFY")
    assert notify.headers.get("Event") == "refer"
    assert notify.headers.get("Subscription-State") == "terminated;reason=noresource"
    assert notify.content_type == "message/sipfrag"
    running.alice.answer(notify, 200)
    return notify.body


async def test_a_partner_is_sent_to_a_number(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, PARKED) as running:
        response, alice, bob = await bridged(running)
        running.alice.ask(
            "REFER",
            within=response,
            Refer_To="<sip:7000@example.test>",
            Referred_By="<sip:1000@example.test>",
        )
        await running.settle()
        running.alice.response(202)
        assert notified(running) == b"SIP/2.0 200 OK\r\n"
        running.alice.answer(running.alice.request("BYE"), 200)
        assert alice.channel.hangup_cause is HangupCause.BLIND_TRANSFER
        assert alice.get("transfer_to") == f"blind:{bob.uuid}"
        assert alice.get("transfer_destination") == "blind:7000"
        assert alice.get("endpoint_disposition") == "BLIND_TRANSFER"
        assert bob.channel.profile.destination_number == "7000"
        assert bob.get("sip_refer_to") == "<sip:7000@example.test>"
        assert bob.get("sip_h_Referred-By") == "<sip:1000@example.test>"
        assert bob.get("current_application") == "park"


@pytest.mark.parametrize("told", [True, False])
async def test_who_hands_whom_over_is_told_where_it_is_wished(tmp_path: Path, told: bool) -> None:
    wish = {"fire-transfer-events": "true"} if told else {}
    async with sip_bench(tmp_path, BRIDGE, PARKED, profile=wish) as running:
        response, alice, bob = await bridged(running)
        running.alice.ask("REFER", within=response, Refer_To="<sip:7000@example.test>")
        await running.settle()
        referrers = running.events("sofia::transferor")
        partners = running.events("sofia::transferee")
        assert [one["Unique-ID"] for one in referrers] == [alice.uuid] * told
        assert [one["Unique-ID"] for one in partners] == [bob.uuid] * told
        bob.hangup()


async def test_a_number_to_be_sent_to_is_never_expanded(tmp_path: Path) -> None:
    heard = extension("(.*)", "set heard=$1", "park")
    async with sip_bench(tmp_path, BRIDGE, heard) as running:
        response, _, bob = await bridged(running)
        running.alice.ask("REFER", within=response, Refer_To="<sip:%24%7Bhostname%7D@example.test>")
        await running.settle()
        assert bob.get("heard") == "%{hostname}"


async def test_who_has_no_partner_hands_nobody_over(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PARKED) as running:
        response, session = await running.call("7000")
        running.alice.ask("REFER", within=response, Refer_To="<sip:7001@example.test>")
        await running.settle()
        running.alice.response(202)
        assert notified(running) == b"SIP/2.0 403 Forbidden\r\n"
        assert running.events("sofia::error")
        assert session.channel.up


async def test_transfers_may_be_forbidden(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile={"disable-transfer": "true"}) as running:
        response, alice, bob = await bridged(running)
        running.alice.ask("REFER", within=response, Refer_To="<sip:7001@example.test>")
        running.alice.response(403)
        assert alice.peer is bob
    async with sip_bench(tmp_path, BRIDGE) as running:
        response, alice, bob = await bridged(running)
        alice.set("deny_refer_requests", "true")
        running.alice.ask("REFER", within=response, Refer_To="<sip:7001@example.test>")
        running.alice.response(202)
        assert notified(running) == b"SIP/2.0 403 Forbidden\r\n"
        assert alice.peer is bob


@pytest.mark.parametrize("target", ["", "<sip:", "a b c", "<sip:x@y?Replaces=only-a-call-id>"])
async def test_a_target_that_cannot_be_read_is_refused(tmp_path: Path, target: str) -> None:
    async with sip_bench(tmp_path, BRIDGE) as running:
        response, alice, bob = await bridged(running)
        running.alice.ask("REFER", within=response, Refer_To=target)
        running.alice.response(400)
        assert alice.peer is bob


async def test_addresses_are_completed(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        profile = running.profile
        assert address_of(" 2000", profile) == "<sip:2000@192.0.2.1>"
        assert address_of("a@b", profile) == "<sip:a@b>"
        assert address_of("tel:+49", profile) == "<tel:+49>"
        assert address_of("<sip:a@b>;x", profile) == "<sip:a@b>;x"


async def test_what_the_referrer_said_is_left_with_both(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, PARKED) as running:
        response, alice, bob = await bridged(running)
        running.alice.ask("REFER", within=response, Refer_To="<sip:7000@example.test>")
        await running.settle()
        assert bob.get("transfer_fallback_extension") == "1000"
        assert alice.get("transfer_disposition") == "blind_transfer"


FAILS = extension("8001", "hangup USER_BUSY")
ACKNOWLEDGED = extension("8002", "answer", "blind_transfer_ack true", "park")
RINGS = extension("8003", "set hangup_after_bridge=true", "bridge sofia/internal/1@192.0.2.30:5060")


@pytest.mark.parametrize(
    ("number", "outcome"), [("8001", b"SIP/2.0 503"), ("8002", b"SIP/2.0 200 OK")]
)
async def test_a_referrer_may_wait_for_the_outcome(
    tmp_path: Path, number: str, outcome: bytes
) -> None:
    settings = {"confirm-blind-transfer": "true"}
    async with sip_bench(tmp_path, BRIDGE, FAILS, ACKNOWLEDGED, profile=settings) as running:
        response, alice, _ = await bridged(running)
        running.alice.ask("REFER", within=response, Refer_To=f"<sip:{number}@example.test>")
        await running.settle()
        trying = running.alice.request("NOTIFY")
        assert trying.body == b"SIP/2.0 100 Trying\r\n"
        assert trying.headers.get("Subscription-State") == "active;expires=600"
        running.alice.answer(trying, 200)
        final = running.alice.request("NOTIFY")
        running.alice.answer(final, 200)
        assert final.body.startswith(outcome)
        assert final.cseq.number == trying.cseq.number + 1
        assert alice.channel.up is (outcome != b"SIP/2.0 200 OK")
        alice.hangup()


async def test_the_outcome_may_be_an_answer(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, RINGS) as running:
        carol = running.party("1002", ("192.0.2.30", 5060))
        response, alice, bob = await bridged(running)
        alice.set("confirm_blind_transfer", "true")
        running.alice.ask("REFER", within=response, Refer_To="<sip:8003@example.test>")
        await running.settle()
        running.alice.answer(running.alice.request("NOTIFY"), 200)
        assert alice.channel.up
        carol.answer(carol.request("INVITE"), 200, sdp(6000))
        await running.settle()
        assert notified(running) == b"SIP/2.0 200 OK\r\n"
        assert alice.channel.hangup_cause is HangupCause.BLIND_TRANSFER
        bob.hangup()


async def test_the_second_referral_of_a_call_says_which_it_is(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PARKED) as running:
        response, _ = await running.call("7000")
        for event in ("refer", "refer;id={}"):
            refer = running.alice.ask("REFER", within=response, Refer_To="<sip:7001@example.test>")
            await running.settle()
            notify = running.alice.request("NOTIFY")
            assert notify.headers.get("Event") == event.format(refer.cseq.number)
            running.alice.answer(notify, 200)
