"""Attended transfers: within one switch, to one that still rings, and to another switch's call."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from softswitch.sip.message import Response
from softswitch.switch.causes import HangupCause
from softswitch.switch.session import Session
from tests.endpoints.sip.test_transfer import BRIDGE, PARKED, bridged, notified
from tests.support.sip_bench import BOB, Party, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

CAROL = ("192.0.2.30", 5060)
TO_CAROL = extension("1002", f"bridge sofia/internal/1002@{CAROL[0]}")


def replacing(response: Response, host: str = "example.test") -> str:
    """The Refer-To that hands the partner to the call of a response."""
    tags = f"to-tag={response.to.tag};from-tag={response.from_.tag}"
    return f"<sip:1002@{host}?Replaces={quote(f'{response.call_id};{tags}')}>"


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


async def test_media_may_go_past_the_switch_after_a_transfer(tmp_path: Path) -> None:
    option = {"media-option": "bypass-media-after-att-xfer"}
    async with sip_bench(tmp_path, BRIDGE, TO_CAROL, profile=option) as running:
        carol = running.party("1002", CAROL)
        first, _, bob = await bridged(running)
        _, second = await running.invite("1002")
        carol.answer(carol.request("INVITE"), 200, sdp(6000, host=CAROL[0]))
        await running.settle()
        answer = running.alice.response(200)
        running.alice.ack(answer)
        await running.settle()
        third = second.peer
        running.alice.ask("REFER", within=first, Refer_To=replacing(answer))
        await running.settle(0.1)
        assert bob.peer is third
        assert f"c=IN IP4 {CAROL[0]}" in running.bob.request("INVITE").body.decode()
        assert f"c=IN IP4 {BOB[0]}" in carol.request("INVITE").body.decode()
        bob.hangup()
        await running.settle()


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


async def ringing(running: SipBench, carol: Party) -> tuple[Response, Session]:
    """Alice rings Carol as well: her 180, and her second session."""
    _, second = await running.invite("1002")
    carol.answer(carol.request("INVITE"), 180)
    await running.settle()
    return running.alice.response(180), second


async def test_a_partner_waits_for_somebody_who_still_rings(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, TO_CAROL) as running:
        carol = running.party("1002", CAROL)
        first, alice, bob = await bridged(running)
        progress, _ = await ringing(running, carol)
        running.alice.ask("REFER", within=first, Refer_To=replacing(progress))
        await running.settle(0.1)
        assert notified(running) == b"SIP/2.0 200 OK\r\n"
        assert alice.channel.hangup_cause is HangupCause.ATTENDED_TRANSFER
        assert alice.get("transfer_to") == f"satt:{bob.uuid}"
        assert bob.channel.up and bob.peer is None
        assert not any(item for item in carol.received)


@pytest.mark.parametrize("cancels", [False, True])
async def test_who_rang_is_the_partners_when_he_answers(tmp_path: Path, cancels: bool) -> None:
    async with sip_bench(tmp_path, BRIDGE, TO_CAROL) as running:
        carol = running.party("1002", CAROL)
        first, alice, bob = await bridged(running)
        invite, second = await running.invite("1002")
        ring = carol.request("INVITE")
        carol.answer(ring, 180)
        await running.settle()
        progress = running.alice.response(180)
        running.alice.ask("REFER", within=first, Refer_To=replacing(progress))
        await running.settle(0.1)
        # The call that waited is over for Alice, whether her phone cancels it or not.
        refused = running.alice.response(487)
        assert refused.call_id == progress.call_id
        if cancels:
            names = {name: invite.headers.get(name) or "" for name in ("Via", "From", "To")}
            running.alice.ask(
                "CANCEL", uri=invite.uri, call_id=invite.call_id, cseq=invite.cseq.number, **names
            )
        await running.settle(1)
        assert second.channel.up
        carol.answer(ring, 200, sdp(6000, host=CAROL[0]))
        await running.settle(0.1)
        assert carol.request("ACK")
        (third,) = [each for each in (bob.peer,) if each is not None]
        assert third.get("remote_media_port") == "6000"
        assert alice.channel.hangup_cause is HangupCause.ATTENDED_TRANSFER
        assert second.channel.hangup_cause is HangupCause.ATTENDED_TRANSFER
        assert third.channel.up and bob.channel.up
        bob.hangup()
        await running.settle()
        carol.answer(carol.request("BYE"), 200)


async def test_a_partner_who_is_handed_nobody_is_hung_up(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, TO_CAROL) as running:
        carol = running.party("1002", CAROL)
        first, _, bob = await bridged(running)
        progress, second = await ringing(running, carol)
        running.alice.ask("REFER", within=first, Refer_To=replacing(progress))
        await running.settle(0.1)
        second.hangup(HangupCause.USER_BUSY)
        await running.settle()
        assert bob.channel.hangup_cause is HangupCause.USER_BUSY


@pytest.mark.parametrize("cause", [HangupCause.USER_BUSY, HangupCause.NO_ANSWER])
async def test_a_partner_who_is_handed_nobody_goes_on_in_the_dialplan(
    tmp_path: Path, cause: HangupCause
) -> None:
    plan = extension(
        "1002",
        "set attended_transfer_no_copy=secret,greeting",
        "set mailbox=1002",
        "set secret=x",
        f"bridge sofia/internal/1002@{CAROL[0]}",
        "set left_for=${mailbox}",
        "park",
    )
    async with sip_bench(tmp_path, BRIDGE, plan) as running:
        carol = running.party("1002", CAROL)
        first, _, bob = await bridged(running)
        progress, second = await ringing(running, carol)
        before = bob.get("sip_call_id")
        running.alice.ask("REFER", within=first, Refer_To=replacing(progress))
        await running.settle(0.1)
        (third,) = (
            each
            for each in running.switch.sessions.values()
            if each not in (bob, second) and each.channel.outbound
        )
        third.on_hangup(cause)
        await running.settle()
        assert bob.channel.up and not second.channel.up
        assert (bob.get("mailbox"), bob.get("left_for")) == ("1002", "1002")
        assert (bob.get("secret"), bob.get("uuid"), bob.get("sip_call_id")) == (
            None,
            bob.uuid,
            before,
        )
        assert bob.channel.profile.destination_number == "1002"
        bob.hangup()


async def test_a_call_of_another_switch_is_replaced_by_an_invite(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE) as running:
        carol = running.party("1002", CAROL)
        first, alice, bob = await bridged(running)
        target = f"<sip:1002@{CAROL[0]}?Replaces=far%40away%3Bto-tag%3Da%3Bfrom-tag%3Db>"
        running.alice.ask("REFER", within=first, Refer_To=target, Referred_By="<sip:a@x>")
        await running.settle()
        invite = carol.request("INVITE")
        assert invite.headers.get("Replaces") == "far@away;to-tag=a;from-tag=b"
        assert invite.headers.get("Referred-By") == "<sip:a@x>"
        running.alice.answer(running.alice.request("NOTIFY"), 200)
        carol.answer(invite, 200, sdp(6000, host=CAROL[0]))
        await running.settle(0.1)
        assert notified(running) == b"SIP/2.0 200 OK\r\n"
        assert alice.channel.hangup_cause is HangupCause.ATTENDED_TRANSFER
        assert bob.peer is not None and bob.peer.leg.media is not None
        bob.hangup()


async def test_a_call_that_is_nowhere_leaves_things_as_they_are(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE) as running:
        carol = running.party("1002", CAROL)
        first, alice, bob = await bridged(running)
        target = f"<sip:1002@{CAROL[0]}?Replaces=nobody%3Bto-tag%3Da%3Bfrom-tag%3Db>"
        running.alice.ask("REFER", within=first, Refer_To=target)
        await running.settle()
        running.alice.answer(running.alice.request("NOTIFY"), 200)
        carol.answer(carol.request("INVITE"), 481)
        await running.settle()
        assert notified(running) == b"SIP/2.0 403 Forbidden\r\n"
        assert alice.peer is bob
