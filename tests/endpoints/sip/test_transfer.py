"""REFER within calls: to a number, and to another call of the same party."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from softswitch.endpoints.sip.transfer import address_of, replaces_in
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.message import Request, Response
from softswitch.switch.causes import HangupCause
from softswitch.switch.session import Session
from tests.support.sip_bench import BOB, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

BRIDGE = extension("1001", f"bridge sofia/internal/1001@{BOB[0]}:{BOB[1]}")
CAROL = ("192.0.2.30", 5060)
TO_CAROL = extension("1002", f"bridge sofia/internal/1002@{CAROL[0]}")
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


async def test_a_number_to_be_sent_to_is_never_expanded(tmp_path: Path) -> None:
    heard = extension("(.*)", "set heard=$1", "park")
    async with sip_bench(tmp_path, BRIDGE, heard) as running:
        response, _, bob = await bridged(running)
        running.alice.ask("REFER", within=response, Refer_To="<sip:%24%7Bhostname%7D@example.test>")
        await running.settle()
        assert bob.get("heard") == "%{hostname}"


async def test_two_calls_of_one_party_are_joined(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, TO_CAROL) as running:
        carol = running.party("1002", CAROL)
        first, alice, bob = await bridged(running)
        _, second = await running.invite("1002")
        carol.answer(carol.request("INVITE"), 200, sdp(6000, host=CAROL[0]))
        await running.settle()
        answer = running.alice.response(200)
        running.alice.ack(answer)
        await running.settle()
        third = second.peer
        assert third is not None
        replaces = f"{answer.call_id};to-tag={answer.to.tag};from-tag={answer.from_.tag}"
        target = f"<sip:1002@example.test?Replaces={quote(replaces)}>"
        running.alice.ask("REFER", within=first, Refer_To=target)
        await running.settle(0.1)
        running.alice.response(202)
        assert notified(running) == b"SIP/2.0 200 OK\r\n"
        assert bob.peer is third and third.peer is bob
        for session in (alice, second):
            assert session.channel.hangup_cause is HangupCause.ATTENDED_TRANSFER
        assert alice.get("transfer_to") == f"att:{third.uuid}"


async def test_a_partner_is_taken_to_where_the_other_call_is(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, PARKED) as running:
        first, _, bob = await bridged(running)
        answer, second = await running.call("7001")
        replaces = f"{answer.call_id};to-tag={answer.to.tag};from-tag={answer.from_.tag}"
        running.alice.ask(
            "REFER", within=first, Refer_To=f"<sip:x@example.test?Replaces={quote(replaces)}>"
        )
        await running.settle()
        assert bob.channel.profile.destination_number == "7001"
        assert not second.channel.up


@pytest.mark.parametrize("replaces", ["nobody%3Bto-tag%3Da%3Bfrom-tag%3Db"])
async def test_a_call_that_is_not_here_cannot_be_joined(tmp_path: Path, replaces: str) -> None:
    async with sip_bench(tmp_path, BRIDGE) as running:
        response, alice, bob = await bridged(running)
        running.alice.ask(
            "REFER", within=response, Refer_To=f"<sip:x@example.test?Replaces={replaces}>"
        )
        await running.settle()
        assert notified(running) == b"SIP/2.0 403 Forbidden\r\n"
        assert alice.peer is bob


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


def test_a_replaces_header_is_read() -> None:
    assert replaces_in("a@b;from-tag=2; to-tag=1;early-only") == ("a@b", "1", "2")
    for text in ("", ";to-tag=1;from-tag=2", "a;to-tag=1"):
        with pytest.raises(RemoteProtocolError):
            replaces_in(text)


async def test_addresses_are_completed(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        profile = running.profile
        assert address_of(" 2000", profile) == "<sip:2000@192.0.2.1>"
        assert address_of("a@b", profile) == "<sip:a@b>"
        assert address_of("tel:+49", profile) == "<tel:+49>"
        assert address_of("<sip:a@b>;x", profile) == "<sip:a@b>;x"
