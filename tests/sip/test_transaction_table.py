"""The transaction layer."""

from __future__ import annotations

from softswitch.sip.events import RequestReceived
from softswitch.sip.transaction_table import Transmit
from tests.support.hand import Hand


def test_every_request_has_a_branch_of_its_own_and_cancel_that_of_its_invite() -> None:
    hand = Hand()
    branches = set()
    for _ in range(50):
        usage, invite = hand.invite()
        hand.respond(invite, 180)
        branches.add(invite.top_via.branch)
        usage.cancel(now=hand.now)
        assert hand.sent_request("CANCEL").top_via.branch == invite.top_via.branch
    assert len(branches) == 50


def test_what_is_sent_is_given_out_once_and_in_order() -> None:
    hand = Hand()
    hand.stack.send(b"one", hand.flow)
    hand.stack.send(b"two", hand.flow)
    assert hand.stack.transmits() == [Transmit(b"one", hand.flow), Transmit(b"two", hand.flow)]
    assert hand.stack.transmits() == []


def test_the_next_timeout_is_that_of_the_earliest_timer() -> None:
    hand = Hand()
    assert hand.stack.next_timeout() is None
    hand.call()
    assert hand.stack.next_timeout() == hand.now + 0.5


def test_an_ended_transaction_frees_its_merge_key() -> None:
    hand = Hand()
    hand.feed(hand.request("OPTIONS"))
    assert hand.stack.counts()["merge keys"] == 1
    hand.last(RequestReceived).transaction.terminate()
    assert hand.stack.counts()["merge keys"] == 0
    hand.feed(hand.request("OPTIONS"))
    assert len(hand.told()) == 1
