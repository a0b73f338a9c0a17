"""The INVITE client transaction: timers A, B, D and M."""

from __future__ import annotations

import pytest

from softswitch.sip.events import InviteFailed, Rejected
from tests.support.hand import Hand


def moments(hand: Hand, seconds: float, summary: str) -> list[float]:
    """When a message is sent within that time, from now."""
    began = hand.now
    found = []
    while (deadline := hand.stack.next_timeout()) is not None and deadline <= began + seconds:
        hand.advance(deadline - hand.now)
        found += [round(hand.now - began, 6) for each in hand.summaries() if each == summary]
    hand.advance(began + seconds - hand.now)
    return found


def test_an_unanswered_invite_is_repeated_on_timer_a_until_timer_b() -> None:
    hand = Hand()
    usage, _ = hand.invite()
    assert moments(hand, 33, "INVITE") == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert hand.last(InviteFailed) == InviteFailed(usage, "timeout")
    assert hand.left() == {}


def test_a_reliable_transport_carries_the_invite_once() -> None:
    hand = Hand(transport="tcp")
    hand.invite()
    assert moments(hand, 33, "INVITE") == []
    assert hand.last(InviteFailed).reason == "timeout"


def test_a_peer_may_be_given_less_time_for_its_first_word() -> None:
    hand = Hand(transport="tcp")
    usage, _ = hand.invite(patience=8.0)
    hand.advance(7.9)
    assert hand.told() == []
    hand.advance(0.2)
    assert hand.last(InviteFailed) == InviteFailed(usage, "timeout")


def test_a_provisional_response_stops_timers_a_and_b() -> None:
    hand = Hand()
    _, invite = hand.invite()
    hand.respond(invite, 100)
    assert moments(hand, 300, "INVITE") == []
    assert hand.told() == []


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_an_error_response_is_acknowledged_until_timer_d(transport: str) -> None:
    hand = Hand(transport=transport)
    _, invite = hand.invite()
    busy = hand.respond(invite, 486)
    ack = hand.sent_request("ACK")
    assert ack.top_via.branch == invite.top_via.branch
    assert ack.uri == invite.uri
    assert ack.to.tag == "there"
    assert str(ack.cseq) == "1 ACK"
    hand.feed(busy)
    assert hand.summaries() == ([] if transport == "tcp" else ["ACK"])
    assert len([each for each in hand.told() if isinstance(each, Rejected)]) == 1
    hand.advance(32)
    assert hand.left() == {}


def test_an_error_ack_repeats_the_routes_of_the_invite() -> None:
    hand = Hand()
    request = hand.stack.build_request(
        "INVITE",
        "sip:there@example.com",
        from_=hand.request("INVITE").from_,
        to=hand.request("INVITE").to,
        headers=[("Route", "<sip:192.0.2.7;lr>")],
    )
    hand.stack.invite(request, hand.flow, hand.now)
    hand.respond(hand.sent_request("INVITE"), 404)
    assert hand.sent_request("ACK").headers.all("Route") == ["<sip:192.0.2.7;lr>"]


def test_accepted_calls_keep_the_transaction_until_timer_m() -> None:
    hand = Hand()
    hand.outgoing_call()
    assert hand.stack.counts()["client transactions"] == 1
    hand.advance(31.9)
    assert hand.stack.counts()["client transactions"] == 1
    hand.advance(0.2)
    assert hand.stack.counts()["client transactions"] == 0


def test_a_lost_transport_fails_the_invite_at_once() -> None:
    hand = Hand(transport="tcp")
    usage, _ = hand.invite()
    hand.stack.transport_failed(hand.flow, hand.now)
    assert hand.told() == [InviteFailed(usage, "transport")]
    assert hand.left() == {}


def test_responses_after_the_final_one_change_nothing() -> None:
    hand = Hand()
    _, invite = hand.invite()
    hand.respond(invite, 486)
    hand.sent()
    hand.told()
    for status in (180, 200, 503):
        hand.respond(invite, status)
    assert hand.told() == []
    assert hand.summaries() == ["ACK"]
