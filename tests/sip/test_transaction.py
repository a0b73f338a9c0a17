"""What the four transaction machines share."""

from __future__ import annotations

import logging

import pytest

from softswitch.sip.events import RequestReceived
from softswitch.sip.transaction import FailureReason, TransactionState
from tests.support.hand import Hand


def test_ending_a_transaction_twice_is_harmless_and_stops_its_timers() -> None:
    hand = Hand()
    hand.feed(hand.request("OPTIONS"))
    transaction = hand.last(RequestReceived).transaction
    transaction.terminate()
    transaction.terminate()
    assert transaction.state is TransactionState.TERMINATED
    assert hand.left() == {}


def test_a_terminated_transaction_takes_no_answer() -> None:
    hand = Hand()
    hand.feed(hand.request("OPTIONS"))
    transaction = hand.last(RequestReceived).transaction
    transaction.terminate()
    hand.stack.reply(transaction, 200, now=hand.now)
    assert hand.sent() == []


def test_state_changes_are_logged_and_states_can_be_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "softswitch.sip")
    hand = Hand()
    hand.feed(hand.request("OPTIONS", branch="z9hG4bKseen"))
    transaction = hand.last(RequestReceived).transaction
    hand.stack.reply(transaction, 200, now=hand.now)
    assert "TRYING → COMPLETED" in caplog.text
    assert repr(transaction).startswith("<NonInviteServer OPTIONS z9hG4bKseen COMPLETED udp ")


def test_reasons_of_failure_are_words() -> None:
    assert [str(reason) for reason in FailureReason] == ["timeout", "transport"]
