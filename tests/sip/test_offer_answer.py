"""Offers and answers."""

from __future__ import annotations

from softswitch.sip.offer_answer import OfferAnswer, OfferState


def test_an_answer_to_our_offer_settles_both_descriptions() -> None:
    offers = OfferAnswer()
    offers.send("ours")
    assert (offers.state, offers.local) == (OfferState.LOCAL_OFFER, "")
    offers.receive("theirs")
    assert (offers.state, offers.local, offers.remote) == (OfferState.STABLE, "ours", "theirs")


def test_our_answer_to_their_offer_settles_both_descriptions() -> None:
    offers = OfferAnswer()
    offers.receive("theirs")
    assert offers.state is OfferState.REMOTE_OFFER
    offers.send("ours")
    assert (offers.state, offers.local, offers.remote) == (OfferState.STABLE, "ours", "theirs")


def test_a_refused_offer_leaves_what_was_in_force() -> None:
    offers = OfferAnswer()
    offers.send("ours")
    offers.receive("theirs")
    offers.send("changed")
    offers.withdraw()
    assert (offers.state, offers.local, offers.remote) == (OfferState.STABLE, "ours", "theirs")
