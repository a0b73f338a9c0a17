"""The INVITE server transaction: timers G, H, I and L."""

from __future__ import annotations

import pytest

from softswitch.sip.events import InviteReceived
from tests.sip.test_invite_client import moments
from tests.support.hand import Hand
from tests.support.wire import ANSWER


def test_an_invite_is_answered_by_100_at_once_and_told_once() -> None:
    hand = Hand()
    invite = hand.request("INVITE")
    hand.feed(invite)
    hand.feed(invite)
    assert hand.summaries() == ["100 INVITE", "100 INVITE"]
    assert [type(each) for each in hand.told()] == [InviteReceived]


def test_a_repeated_invite_gets_the_latest_provisional_response_again() -> None:
    hand = Hand()
    invite = hand.request("INVITE")
    hand.feed(invite)
    hand.last(InviteReceived).usage.ring(now=hand.now)
    hand.feed(invite)
    assert hand.summaries() == ["100 INVITE", "180 INVITE", "180 INVITE"]


def test_error_response_is_retransmitted_on_timer_g_until_timer_h() -> None:
    hand = Hand()
    hand.incoming().reject(486, now=hand.now)
    assert hand.summaries() == ["486 INVITE"]
    times = moments(hand, 40, "486 INVITE")
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert hand.left() == {}


def test_a_reliable_transport_carries_the_error_response_once() -> None:
    hand = Hand(transport="tcp")
    hand.incoming().reject(486, now=hand.now)
    assert hand.summaries() == ["486 INVITE"]
    assert moments(hand, 40, "486 INVITE") == []
    assert hand.left() == {}


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_the_ack_stops_timer_g_and_timer_i_ends_the_transaction(transport: str) -> None:
    hand = Hand(transport=transport)
    invite = hand.request("INVITE")
    hand.feed(invite)
    usage = hand.last(InviteReceived).usage
    usage.reject(486, now=hand.now)
    hand.sent()
    ack = hand.request("ACK", branch=invite.top_via.branch or "", to_tag=usage.local_tag)
    hand.feed(ack)
    assert (hand.left() == {}) == (transport == "tcp")
    assert moments(hand, 4.9, "486 INVITE") == []
    hand.feed(ack)
    hand.advance(0.2)
    assert hand.left() == {}
    assert hand.sent() == []


def test_an_accepted_invite_that_comes_again_is_absorbed_until_timer_l() -> None:
    hand = Hand()
    invite = hand.request("INVITE", sdp=ANSWER)
    hand.feed(invite)
    usage = hand.last(InviteReceived).usage
    usage.accept(ANSWER, now=hand.now)
    hand.feed(hand.request("ACK", to_tag=usage.local_tag))
    hand.sent()
    hand.advance(31)
    hand.feed(invite)
    assert hand.sent() == []
    assert not [each for each in hand.told() if isinstance(each, InviteReceived)]
    hand.advance(1.1)
    assert hand.stack.counts()["server transactions"] == 0
