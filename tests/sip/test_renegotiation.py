"""re-INVITE and UPDATE, ours and the peer's, and what happens when they meet."""

from __future__ import annotations

import pytest

from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import (
    Acknowledged,
    Answered,
    Ended,
    InviteReceived,
    OfferAnswered,
    OfferReceived,
    OfferRejected,
)
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.message import Request
from softswitch.sip.usage_state import UsageState
from tests.sip.test_invite_client import moments
from tests.support.hand import Hand
from tests.support.wire import ANSWER, OFFER, Wire

HOLD = OFFER + "a=sendonly\r\n"


def test_our_reinvite_is_answered_and_acknowledged() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.reinvite(HOLD, [("X-Why", "hold")], now=hand.now)
    invite = hand.sent_request("INVITE")
    assert (invite.cseq.number, invite.body.decode(), invite.to.tag) == (2, HOLD, "there")
    assert invite.headers.get("Contact") == usage.request.headers.get("Contact")
    assert invite.headers.get("X-Why") == "hold"
    hand.respond(invite, 100)
    accepted = hand.respond(invite, 200, sdp=ANSWER, Contact="<sip:moved@192.0.2.2>")
    ack = hand.sent_request("ACK")
    assert (ack.cseq.number, ack.uri) == (2, "sip:moved@192.0.2.2")
    assert [type(each) for each in hand.told()] == [OfferAnswered]
    hand.feed(accepted)
    assert hand.summaries() == ["ACK"]
    assert usage.offers.local == HOLD


def test_a_reinvite_without_a_body_takes_the_peers_offer() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.reinvite(now=hand.now)
    hand.respond(hand.sent_request("INVITE"), 200, sdp=OFFER)
    assert hand.sent() == []
    assert hand.last(OfferAnswered).usage.ack_due
    usage.ack(ANSWER, now=hand.now)
    assert hand.sent_request("ACK").body.decode() == ANSWER


@pytest.mark.parametrize("status", [488, 500, 603])
def test_a_refused_reinvite_leaves_the_session_as_it_was(status: int) -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    before = usage.offers.local
    usage.reinvite(HOLD, now=hand.now)
    hand.respond(hand.sent_request("INVITE"), status)
    assert hand.last(OfferRejected).status == status
    assert usage.state is UsageState.CONFIRMED
    assert usage.offers.local == before
    hand.sent()
    usage.reinvite(HOLD, now=hand.now)
    hand.sent_request("INVITE")


@pytest.mark.parametrize("status", [408, 481])
def test_a_peer_that_has_lost_the_dialog_ends_the_call(status: int) -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.reinvite(HOLD, now=hand.now)
    hand.respond(hand.sent_request("INVITE"), status)
    assert hand.summaries() == ["ACK", "BYE"]
    assert hand.told() == [Ended(usage, None, str(status))]


def test_a_reinvite_without_an_answer_ends_the_call() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.reinvite(HOLD, now=hand.now)
    hand.advance(32)
    assert hand.told() == [Ended(usage, None, "408")]
    hand.advance(64)
    assert hand.left() == {}


def test_a_challenged_reinvite_is_repeated_by_the_authorizer() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.authorizer = lambda request, response: ("Authorization", "Digest z")
    for method in ("INVITE", "UPDATE"):
        if method == "INVITE":
            usage.reinvite(HOLD, now=hand.now)
        else:
            usage.update(HOLD, now=hand.now)
        hand.respond(hand.sent_request(method), 401)
        again = [each for each in hand.sent() if each.cseq.method == method]
        (request,) = again
        assert isinstance(request, Request)
        assert request.headers.get("Authorization") == "Digest z"
        hand.respond(request, 200, sdp=ANSWER)
        hand.sent()
        assert [type(each) for each in hand.told()] == [OfferAnswered]


def test_our_update_is_answered() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.update(HOLD, now=hand.now)
    update = hand.sent_request("UPDATE")
    assert update.body.decode() == HOLD
    hand.respond(update, 200, sdp=ANSWER)
    assert hand.sent() == []
    assert [type(each) for each in hand.told()] == [OfferAnswered]


def test_only_one_change_at_a_time() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.reinvite(HOLD, now=hand.now)
    hand.sent_request("INVITE")
    usage.reinvite(OFFER, now=hand.now)
    usage.update(OFFER, now=hand.now)
    assert hand.sent() == []
    assert hand.told() == [OfferRejected(usage, 491, None)] * 2


def test_a_reinvite_pending_when_the_call_ends_leaves_nothing() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.reinvite(HOLD, now=hand.now)
    invite = hand.sent_request("INVITE")
    hand.respond(invite, 100)
    usage.bye(now=hand.now)
    hand.respond(hand.sent_request("BYE"), 200)
    hand.respond(invite, 200, sdp=ANSWER)
    assert hand.summaries() == ["ACK"], "a 2xx is acknowledged even now"
    assert hand.told() == []
    hand.advance(64)
    assert hand.left() == {}


def test_a_reinvite_that_rings_only_after_the_end_of_the_call_leaves_nothing() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.reinvite(HOLD, now=hand.now)
    invite = hand.sent_request("INVITE")
    usage.bye(now=hand.now)
    hand.respond(hand.sent_request("BYE"), 200)
    hand.respond(invite, 100)
    hand.advance(64)
    assert hand.told() == []
    assert hand.left() == {}


def test_a_change_needs_a_dialog() -> None:
    hand = Hand()
    usage, _ = hand.invite()
    with pytest.raises(LocalProtocolError):
        usage.reinvite(HOLD, now=hand.now)


# Both at once


@pytest.mark.parametrize(("role", "least", "most"), [("uac", 2.1, 4.0), ("uas", 0.0, 2.0)])
def test_after_a_glare_the_reinvite_is_tried_again_within_the_roles_time(
    role: str, least: float, most: float
) -> None:
    hand = Hand()
    usage: InviteUsage = hand.outgoing_call() if role == "uac" else hand.incoming_call()
    usage.reinvite(HOLD, now=hand.now)
    hand.respond(hand.sent_request("INVITE"), 491)
    hand.sent()
    (again,) = moments(hand, 4.1, "INVITE")[:1]
    assert least <= again <= most
    assert hand.told() == []


def test_a_glare_without_end_is_told_as_a_refusal() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.reinvite(HOLD, now=hand.now)
    for _ in range(20):
        requests = [each for each in hand.sent() if isinstance(each, Request)]
        for request in requests:
            if request.method == "INVITE":
                hand.respond(request, 491)
        hand.advance(4.5)
    assert hand.told() == [OfferRejected(usage, 491, hand.last(OfferRejected).response)]


def test_both_sides_change_at_once_and_both_succeed() -> None:
    wire = Wire()
    outgoing = wire.invite()
    wire.run(0.1)
    incoming = wire.callee.last(InviteReceived).usage
    incoming.accept(ANSWER, now=wire.now)
    wire.run(1)
    assert wire.caller.told(Answered)
    for peer in (wire.caller, wire.callee):

        def answer(event: object, now: float) -> None:
            if isinstance(event, OfferReceived):
                event.usage.answer_reinvite(ANSWER, now=now)

        peer.handler = answer
    outgoing.reinvite(HOLD, now=wire.now)
    incoming.reinvite(HOLD, now=wire.now)
    wire.run(20)
    assert len(wire.sent("491 INVITE")) >= 2
    assert len(wire.caller.told(OfferAnswered)) == len(wire.callee.told(OfferAnswered)) == 1
    outgoing.bye(now=wire.now)
    wire.run(64)
    wire.assert_nothing_left()


def test_a_reinvite_that_overtakes_a_lost_ack_is_taken_all_the_same() -> None:
    hand = Hand()
    usage = hand.incoming()
    usage.accept(ANSWER, now=hand.now)
    hand.sent()
    # The ACK is lost.
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag, sdp=HOLD))
    assert usage.state is UsageState.CONFIRMED
    assert [type(each) for each in hand.told()][-2:] == [Acknowledged, OfferReceived]
    usage.answer_reinvite(ANSWER, now=hand.now)
    hand.feed(hand.request("ACK", cseq=2, to_tag=usage.local_tag))
    hand.sent()
    hand.advance(64)
    assert hand.sent() == []


def test_a_reinvite_must_wait_for_an_ack_that_brings_an_answer() -> None:
    hand = Hand()
    usage = hand.incoming(None)
    usage.accept(OFFER, now=hand.now)
    hand.sent()
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag, sdp=HOLD))
    assert "491 INVITE" in hand.summaries()
