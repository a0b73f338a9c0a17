"""Changes of a session that the peer asks for: re-INVITE and UPDATE received."""

from __future__ import annotations

import pytest

from softswitch.sip.events import (
    Acknowledged,
    Ended,
    InviteReceived,
    OfferReceived,
    OfferRejected,
    Refreshed,
)
from softswitch.sip.message import Response
from softswitch.sip.usage_state import UsageState
from tests.sip.test_invite_client import moments
from tests.support.hand import Hand
from tests.support.wire import ANSWER, OFFER

HOLD = OFFER + "a=sendonly\r\n"


def responses(hand: Hand) -> list[Response]:
    return [each for each in hand.sent() if isinstance(each, Response)]


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_the_peers_offer_is_told_and_answered(method: str) -> None:
    hand = Hand()
    usage = hand.incoming_call()
    hand.feed(
        hand.request(
            method, cseq=2, to_tag=usage.local_tag, sdp=HOLD, Contact="<sip:moved@192.0.2.2>"
        )
    )
    assert hand.summaries() == (["100 INVITE"] if method == "INVITE" else [])
    assert hand.last(OfferReceived).request.body.decode() == HOLD
    usage.answer_reinvite(ANSWER, [("X-Thing", "1")], now=hand.now)
    (answer,) = responses(hand)
    assert (answer.status, answer.body.decode()) == (200, ANSWER)
    assert answer.headers.get("X-Thing") == "1"
    assert answer.headers.get("Contact") == usage.contact
    assert usage.established().remote_target == "sip:moved@192.0.2.2"
    if method == "INVITE":
        assert moments(hand, 1, "200 INVITE") == [0.5]
        hand.feed(hand.request("ACK", cseq=2, to_tag=usage.local_tag))
        assert hand.last(Acknowledged).usage is usage
    assert moments(hand, 10, f"200 {method}") == []
    assert (usage.offers.local, usage.offers.remote) == (ANSWER, HOLD)


def test_a_reinvite_without_a_body_asks_for_our_offer() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag))
    usage.answer_reinvite(OFFER, now=hand.now)
    hand.feed(hand.request("ACK", cseq=2, to_tag=usage.local_tag, sdp=ANSWER))
    assert hand.last(Acknowledged).request.body.decode() == ANSWER
    assert usage.offers.local == OFFER


def test_an_update_without_an_offer_is_answered_by_the_stack() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    hand.feed(hand.request("UPDATE", cseq=2, to_tag=usage.local_tag))
    assert hand.summaries() == ["200 UPDATE"]
    assert [type(each) for each in hand.told()] == [Refreshed]


def test_a_refused_offer_leaves_the_session_as_it_was() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    before = usage.offers.remote
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag, sdp=HOLD))
    hand.sent()
    usage.reject_reinvite(488, [("Warning", "399 x y")], now=hand.now)
    (refusal,) = responses(hand)
    assert (refusal.status, refusal.headers.get("Warning")) == (488, "399 x y")
    assert usage.offers.remote == before
    assert usage.state is UsageState.CONFIRMED


def test_a_second_offer_before_our_answer_gets_500_with_retry_after() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag, sdp=HOLD))
    hand.sent()
    for cseq, method in ((3, "INVITE"), (4, "UPDATE")):
        hand.feed(hand.request(method, cseq=cseq, to_tag=usage.local_tag, sdp=OFFER))
        refusal = responses(hand)[-1]
        assert refusal.status == 500
        assert 0 <= int(refusal.headers.get("Retry-After") or "-1") <= 10
    assert len([each for each in hand.told() if isinstance(each, OfferReceived)]) == 1


def test_a_reinvite_in_an_early_dialog_gets_491() -> None:
    hand = Hand()
    usage, invite = hand.invite(sdp=None)
    hand.respond(invite, 180, "one")
    hand.feed(
        hand.request("INVITE", to_tag=usage.local_tag, from_tag="one", call_id=invite.call_id)
    )
    assert hand.summaries() == ["100 INVITE", "491 INVITE"]
    usage.reinvite(HOLD, now=hand.now)
    assert hand.last(OfferRejected).status == 491


def test_a_reinvite_before_the_answer_to_the_invite_is_to_come_later() -> None:
    hand = Hand()
    hand.feed(hand.request("INVITE", sdp=OFFER))
    usage = hand.last(InviteReceived).usage
    usage.ring(now=hand.now)
    hand.sent()
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag, sdp=OFFER))
    refusal = responses(hand)[-1]
    assert refusal.status == 500
    assert 0 <= int(refusal.headers.get("Retry-After") or "-1") <= 10


def test_the_peer_takes_its_reinvite_back_by_cancel() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    branch = "z9hG4bKre"
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag, sdp=HOLD, branch=branch))
    hand.sent()
    hand.feed(hand.request("CANCEL", cseq=2, to_tag=usage.local_tag, branch=branch))
    assert hand.summaries() == ["200 CANCEL", "487 INVITE"]
    usage.answer_reinvite(ANSWER, now=hand.now)
    assert hand.sent() == []
    assert usage.state is UsageState.CONFIRMED


def test_an_offer_left_open_by_a_bye_gets_487() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag, sdp=HOLD))
    hand.sent()
    hand.feed(hand.request("BYE", cseq=3, to_tag=usage.local_tag))
    assert hand.summaries() == ["200 BYE", "487 INVITE"]


def test_a_reinvite_whose_2xx_is_not_acknowledged_ends_the_call() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag, sdp=HOLD))
    usage.answer_reinvite(ANSWER, now=hand.now)
    hand.told()
    hand.advance(32)
    assert hand.last(Ended).reason == "ack timeout"
    assert "BYE" in hand.summaries()


def test_a_bye_while_our_answer_is_unacknowledged_is_sent_once() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    hand.feed(hand.request("INVITE", cseq=2, to_tag=usage.local_tag, sdp=HOLD))
    usage.answer_reinvite(ANSWER, now=hand.now)
    hand.sent()
    usage.bye(now=hand.now)
    hand.feed(hand.request("ACK", cseq=2, to_tag=usage.local_tag))
    assert hand.summaries() == ["BYE"]
