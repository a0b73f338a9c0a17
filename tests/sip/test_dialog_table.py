"""What uses dialogs is found by them, counted, and forgotten with them."""

from __future__ import annotations

from tests.support.hand import Hand


def test_a_call_is_counted_with_its_dialog_until_both_are_gone() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    counts = hand.stack.counts()
    assert (counts["usages"], counts["dialogs"], counts["subscriptions"]) == (1, 1, 0)
    hand.stack.forget_usage(usage)
    counts = hand.stack.counts()
    assert (counts["usages"], counts["dialogs"]) == (0, 0)
