"""A referral's life: how it is told of, and that it ends once."""

from __future__ import annotations

from types import SimpleNamespace

from softswitch.endpoints.sip.referral import Referral
from tests.support.hand import Hand


def test_an_outcome_is_told_once_and_to_nobody_who_left() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    profile = SimpleNamespace(now=lambda: hand.now, pump=lambda: None)
    leg = SimpleNamespace(profile=profile, usage=usage, gone=False, referrals=0)
    referral = Referral(leg, hand.request("REFER", cseq=2))  # type: ignore[arg-type]
    referral.progress()
    referral.finish("SIP/2.0 486 Busy Here")
    referral.finish()
    first, last = hand.sent()
    assert [first.body, last.body] == [b"SIP/2.0 100 Trying\r\n", b"SIP/2.0 486 Busy Here\r\n"]
    assert last.headers.get("Subscription-State") == "terminated;reason=noresource"
    second = Referral(leg, hand.request("REFER", cseq=3))  # type: ignore[arg-type]
    leg.gone = True
    second.finish()
    assert hand.sent() == []


def test_who_wants_to_hear_nothing_is_told_nothing() -> None:
    hand = Hand()
    profile = SimpleNamespace(now=lambda: hand.now, pump=lambda: None)
    leg = SimpleNamespace(profile=profile, usage=hand.incoming_call(), gone=False, referrals=0)
    request = hand.request("REFER", cseq=2, Refer_Sub=" False ;x")
    referral = Referral(leg, request)  # type: ignore[arg-type]
    referral.progress()
    referral.finish()
    assert (hand.sent(), referral.finished) == ([], True)
