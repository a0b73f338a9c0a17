"""The non-INVITE server transaction: timer J."""

from __future__ import annotations

import pytest

from softswitch.sip.events import RequestReceived
from tests.support.hand import Hand


def test_a_request_is_told_once_and_not_answered_by_itself() -> None:
    hand = Hand()
    request = hand.request("OPTIONS")
    hand.feed(request)
    hand.feed(request)
    assert hand.sent() == []
    assert [type(each) for each in hand.told()] == [RequestReceived]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_repeated_request_gets_its_answer_again_until_timer_j(transport: str) -> None:
    hand = Hand(transport=transport)
    request = hand.request("OPTIONS")
    hand.feed(request)
    transaction = hand.last(RequestReceived).transaction
    hand.stack.reply(transaction, 180, now=hand.now)
    hand.feed(request)
    hand.stack.reply(transaction, 200, now=hand.now)
    hand.stack.reply(transaction, 500, now=hand.now)
    assert hand.summaries() == ["180 OPTIONS", "180 OPTIONS", "200 OPTIONS"]
    if transport == "udp":
        hand.advance(31)
        hand.feed(request)
        assert hand.summaries() == ["200 OPTIONS"]
        hand.advance(1)
    assert hand.left() == {}


def test_a_request_its_user_never_answers_is_forgotten() -> None:
    hand = Hand()
    hand.feed(hand.request("MESSAGE"))
    transaction = hand.last(RequestReceived).transaction
    hand.advance(32)
    assert hand.left() == {}
    hand.stack.reply(transaction, 200, now=hand.now)
    assert hand.sent() == []


def test_all_answers_to_a_request_carry_one_tag() -> None:
    hand = Hand()
    hand.feed(hand.request("OPTIONS"))
    transaction = hand.last(RequestReceived).transaction
    hand.stack.reply(transaction, 180, now=hand.now)
    hand.stack.reply(transaction, 200, now=hand.now)
    tags = {each.to.tag for each in hand.sent()}
    assert len(tags) == 1
    assert None not in tags
