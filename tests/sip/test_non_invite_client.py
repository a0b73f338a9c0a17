"""The non-INVITE client transaction: timers E, F and K."""

from __future__ import annotations

import pytest

from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import ResponseReceived, TransactionFailed
from softswitch.sip.message import Request
from softswitch.sip.non_invite_client import NonInviteClient
from softswitch.sip.uri import NameAddr
from tests.sip.test_invite_client import moments
from tests.support.hand import Hand


def options(hand: Hand) -> tuple[NonInviteClient, Request]:
    request = hand.stack.build_request(
        "OPTIONS",
        "sip:192.0.2.2",
        from_=NameAddr.parse("<sip:here@192.0.2.1>"),
        to=NameAddr.parse("<sip:192.0.2.2>"),
    )
    transaction = hand.stack.request(request, hand.flow, hand.now)
    return transaction, hand.sent_request("OPTIONS")


def test_a_request_carries_all_that_the_rfc_demands() -> None:
    _, request = options(Hand())
    assert request.top_via.parameters["rport"] is None
    assert (request.top_via.branch or "").startswith("z9hG4bK")
    assert request.max_forwards == 70
    assert request.from_.tag
    assert request.to.tag is None
    assert request.headers.get("User-Agent") == "here"


def test_an_unanswered_request_is_repeated_on_timer_e_until_timer_f() -> None:
    hand = Hand()
    transaction, _ = options(hand)
    times = moments(hand, 40, "OPTIONS")
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert hand.told() == [TransactionFailed(transaction, "timeout")]
    assert hand.left() == {}


def test_after_a_provisional_response_it_is_repeated_every_t2() -> None:
    hand = Hand()
    _, request = options(hand)
    hand.respond(request, 100)
    assert moments(hand, 13, "OPTIONS") == [0.5, 4.5, 8.5, 12.5]
    assert not hand.last(ResponseReceived).final


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_the_final_response_is_told_once_and_timer_k_absorbs_the_others(transport: str) -> None:
    hand = Hand(transport=transport)
    transaction, request = options(hand)
    answer = hand.respond(request, 200)
    hand.feed(answer)
    told = hand.told()
    assert [type(each) for each in told] == [ResponseReceived]
    assert isinstance(told[0], ResponseReceived)
    assert told[0].transaction is transaction
    assert told[0].final
    assert (hand.left() == {}) == (transport == "tcp")
    hand.advance(5)
    assert hand.left() == {}


def test_invite_and_ack_are_not_sent_as_requests() -> None:
    hand = Hand()
    for method in ("INVITE", "ACK"):
        with pytest.raises(LocalProtocolError):
            hand.stack.request(hand.request(method), hand.flow, hand.now)
