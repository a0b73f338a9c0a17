"""Branches of our calls before the answer: reliable responses in order, and descriptions."""

from __future__ import annotations

import pytest

from softswitch.sip.dialog import Dialog
from softswitch.sip.early_dialog import EarlyDialog, reliable_number
from softswitch.sip.events import Answered, OfferReceived, Progress
from softswitch.sip.message import Headers, Response
from tests.support.hand import Hand
from tests.support.wire import ANSWER, OFFER


def reliable(rseq: str, body: str = "", require: str = "100rel", status: int = 183) -> Response:
    headers = Headers([("CSeq", "1 INVITE"), ("Require", require), ("RSeq", rseq)])
    return Response(status, "", headers, body.encode())


def branch(offer: str = OFFER) -> EarlyDialog:
    dialog = Dialog(
        call_id="c",
        local_tag="a",
        remote_tag="b",
        local_party="<sip:a@x>;tag=a",
        remote_party="<sip:b@x>;tag=b",
        remote_target="sip:b@x",
        route_set=[],
    )
    return EarlyDialog(dialog, offer)


@pytest.mark.parametrize(
    ("response", "number"),
    [
        (reliable("7"), 7),
        (reliable("7", require="precondition, 100rel"), 7),
        (reliable("7", require="precondition"), None),
        (reliable("0"), None),
        (reliable(str(1 << 31)), None),
        (reliable("seven"), None),
        (reliable("7", status=200), None),
        (reliable("7", status=100), None),
    ],
)
def test_what_is_reliable(response: Response, number: int | None) -> None:
    assert reliable_number(response) == number


def test_responses_out_of_order_are_not_acknowledged() -> None:
    early = branch()
    assert early.take(reliable("5")) == "5 1 INVITE"
    assert early.take(reliable("5")) is None
    assert early.take(reliable("7")) is None
    assert early.take(reliable("6", ANSWER)) == "6 1 INVITE"
    assert early.answered
    assert early.offers.remote == ANSWER


def test_each_fork_has_its_own_numbers_and_descriptions() -> None:
    hand = Hand(supported=("100rel",))
    usage, invite = hand.invite()
    for tag, rseq in (("one", "10"), ("two", "3"), ("one", "10")):
        hand.respond(invite, 183, tag, sdp=f"{ANSWER}s={tag}", Require="100rel", RSeq=rseq)
    pracks = hand.sent()
    assert [each.headers.get("RAck") for each in pracks] == ["10 1 INVITE", "3 1 INVITE"]
    assert [each.to.tag for each in pracks] == ["one", "two"]
    assert len([each for each in hand.told() if isinstance(each, Progress)]) == 2
    hand.respond(invite, 200, "two", sdp="ignored")
    assert hand.summaries() == ["ACK"]
    assert usage.offers.remote == f"{ANSWER}s=two"
    assert usage.early_answered
    assert hand.last(Answered).usage is usage


def test_what_a_fork_changes_is_its_own_session() -> None:
    hand = Hand(supported=("100rel",))
    usage, invite = hand.invite()
    for tag in ("one", "two"):
        hand.respond(invite, 183, tag, sdp=f"{ANSWER}s={tag}", Require="100rel", RSeq="1")
    hand.sent()
    changed = f"{OFFER}s=changed"
    hand.feed(
        hand.request(
            "UPDATE", call_id=invite.call_id, from_tag="two", to_tag=usage.local_tag, sdp=changed
        )
    )
    assert hand.last(OfferReceived).usage is usage
    usage.answer_reinvite(OFFER, now=hand.now)
    assert hand.summaries() == ["200 UPDATE"]
    assert usage.early["one"].offers.remote == f"{ANSWER}s=one"
    hand.respond(invite, 200, "two")
    assert usage.offers.remote == changed
    assert usage.established().remote_tag == "two"


def test_the_offer_of_a_reliable_response_is_answered_in_the_prack() -> None:
    hand = Hand(supported=("100rel",))
    usage, invite = hand.invite(None)
    hand.respond(invite, 183, sdp=OFFER, Require="100rel", RSeq="1")
    assert hand.sent() == []
    hand.last(Progress)
    assert usage.prack_due
    usage.prack(ANSWER, now=hand.now)
    prack = hand.sent_request("PRACK")
    assert (prack.body.decode(), prack.headers.get("RAck")) == (ANSWER, "1 1 INVITE")
    assert not usage.prack_due
    hand.respond(prack, 200)
    hand.respond(invite, 200)
    assert hand.summaries() == ["ACK"]
    assert not usage.ack_due
    usage.bye(now=hand.now)
    hand.respond(hand.sent_request("BYE"), 200)
    hand.advance(64)
    assert hand.left() == {}
