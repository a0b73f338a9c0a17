"""The called side: provisional responses, answers, cancellation."""

from __future__ import annotations

import pytest

from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import Acknowledged, AckTimeout, Cancelled, Ended, InviteReceived
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.usage_state import UsageState
from tests.sip.test_invite_client import moments
from tests.support.hand import HERE, Hand
from tests.support.wire import ANSWER, OFFER


def only_response(hand: Hand) -> Response:
    (sent,) = hand.sent()
    assert isinstance(sent, Response)
    return sent


def test_responses_form_the_dialog() -> None:
    hand = Hand()
    routes = "<sip:192.0.2.8;lr>, <sip:192.0.2.9;lr>"
    usage = hand.incoming(Record_Route=routes)
    usage.ring(183, ANSWER, [("P-Early-Media", "sendonly")], now=hand.now)
    early = only_response(hand)
    assert (early.status, early.body.decode()) == (183, ANSWER)
    assert early.headers.get("P-Early-Media") == "sendonly"
    usage.accept(ANSWER, [("Contact", "<sip:me@192.0.2.1>")], now=hand.now)
    final = only_response(hand)
    assert final.status == 200
    assert early.to.tag == final.to.tag == usage.local_tag
    assert final.headers.get("Record-Route") == routes
    assert final.headers.all("Contact") == ["<sip:me@192.0.2.1>"]
    assert "INVITE" in (final.headers.get("Allow") or "")
    assert final.content_type == "application/sdp"


def test_a_provisional_response_is_repeated_each_minute() -> None:
    hand = Hand()
    usage = hand.incoming()
    usage.ring(now=hand.now)
    assert hand.summaries() == ["180 INVITE"]
    assert moments(hand, 150, "180 INVITE") == [60, 120]
    usage.accept(ANSWER, now=hand.now)
    hand.feed(hand.request("ACK", to_tag=usage.local_tag))
    assert moments(hand, 150, "180 INVITE") == []


def test_a_2xx_is_repeated_until_its_ack_on_any_transport() -> None:
    for transport in ("udp", "tcp"):
        hand = Hand(transport=transport)
        usage = hand.incoming()
        usage.accept(ANSWER, now=hand.now)
        assert hand.summaries() == ["200 INVITE"]
        assert moments(hand, 10, "200 INVITE") == [0.5, 1.5, 3.5, 7.5]
        assert usage.state is UsageState.ACCEPTED
        ack = hand.request("ACK", to_tag=usage.local_tag)
        hand.feed(ack)
        hand.feed(ack)
        assert [type(each) for each in hand.told()] == [Acknowledged]
        assert usage.state is UsageState.CONFIRMED
        assert moments(hand, 10, "200 INVITE") == []


def test_a_2xx_that_is_never_acknowledged_ends_the_call_by_bye() -> None:
    hand = Hand()
    usage = hand.incoming()
    usage.accept(ANSWER, now=hand.now)
    hand.advance(31.9)
    assert "BYE" not in hand.summaries()
    hand.advance(0.2)
    assert hand.summaries()[-1] == "BYE"
    assert hand.told() == [AckTimeout(usage), Ended(usage, None, "ack timeout")]
    hand.advance(64)
    assert hand.left() == {}


def test_an_ack_with_another_number_acknowledges_nothing() -> None:
    hand = Hand()
    usage = hand.incoming()
    usage.accept(ANSWER, now=hand.now)
    hand.feed(hand.request("ACK", cseq=2, to_tag=usage.local_tag))
    assert usage.state is UsageState.ACCEPTED


def test_our_offer_in_the_2xx_is_answered_by_the_ack() -> None:
    hand = Hand()
    usage = hand.incoming(sdp=None)
    usage.accept(OFFER, now=hand.now)
    hand.feed(hand.request("ACK", to_tag=usage.local_tag, sdp=ANSWER))
    assert hand.last(Acknowledged).request.body.decode() == ANSWER
    assert (usage.offers.local, usage.offers.remote) == (OFFER, ANSWER)


def test_bye_waits_for_the_ack() -> None:
    hand = Hand()
    usage = hand.incoming()
    usage.accept(ANSWER, now=hand.now)
    hand.sent()
    usage.bye([("Reason", "x")], now=hand.now)
    assert hand.sent() == []
    hand.feed(hand.request("ACK", to_tag=usage.local_tag))
    bye = hand.sent_request("BYE")
    assert bye.headers.get("Reason") == "x"
    assert bye.cseq.number == 1
    hand.respond(bye, 200)
    assert usage.state is UsageState.TERMINATED
    assert hand.told()[1:] == [], "the user ended it: nothing but the call itself is told"


def test_bye_without_an_ack_is_sent_when_the_wait_is_over() -> None:
    hand = Hand()
    usage = hand.incoming()
    usage.accept(ANSWER, now=hand.now)
    hand.told()
    usage.bye(now=hand.now)
    hand.advance(32)
    assert hand.summaries()[-1] == "BYE"
    assert hand.told() == []
    hand.advance(64)
    assert hand.left() == {}


def test_cancel_is_answered_and_ends_the_call_by_487() -> None:
    hand = Hand()
    invite = hand.request("INVITE", branch="z9hG4bKx")
    hand.feed(invite)
    usage = hand.last(InviteReceived).usage
    usage.ring(now=hand.now)
    hand.sent()
    cancel = hand.request("CANCEL", branch="z9hG4bKx")
    hand.feed(cancel)
    ok, terminated = hand.sent()
    assert isinstance(ok, Response)
    assert isinstance(terminated, Response)
    assert (ok.status, str(ok.cseq)) == (200, "1 CANCEL")
    assert (terminated.status, str(terminated.cseq)) == (487, "1 INVITE")
    assert ok.to.tag == terminated.to.tag == usage.local_tag
    assert hand.told() == [Cancelled(usage, hand.last(Cancelled).request)]
    usage.accept(ANSWER, now=hand.now)
    assert hand.sent() == [], "too late, and harmless"
    hand.feed(cancel)
    assert hand.summaries() == ["200 CANCEL"]
    hand.feed(hand.request("ACK", branch="z9hG4bKx", to_tag=usage.local_tag))
    hand.advance(64)
    assert hand.left() == {}


def test_cancel_after_the_answer_changes_nothing() -> None:
    hand = Hand()
    hand.feed(hand.request("INVITE", branch="z9hG4bKx"))
    usage = hand.last(InviteReceived).usage
    usage.accept(ANSWER, now=hand.now)
    hand.sent()
    hand.feed(hand.request("CANCEL", branch="z9hG4bKx"))
    assert hand.summaries() == ["200 CANCEL"]
    assert usage.state is UsageState.ACCEPTED
    assert hand.told() == []


def test_cancel_of_nothing_gets_481() -> None:
    hand = Hand()
    hand.feed(hand.request("CANCEL", branch="z9hG4bKx"))
    assert hand.summaries() == ["481 CANCEL"]
    assert hand.left() == {}


def test_bye_in_an_early_dialog_ends_the_call_and_answers_its_invite() -> None:
    hand = Hand()
    usage = hand.incoming()
    usage.ring(now=hand.now)
    hand.sent()
    hand.feed(hand.request("BYE", cseq=2, to_tag=usage.local_tag))
    assert hand.summaries() == ["200 BYE", "487 INVITE"]
    assert hand.last(Ended).reason == "bye"


@pytest.mark.parametrize("status", [100, 200, 99])
def test_what_is_no_provisional_response_does_not_ring(status: int) -> None:
    hand = Hand()
    with pytest.raises(LocalProtocolError):
        hand.incoming().ring(status, now=hand.now)


def test_a_call_is_answered_once() -> None:
    hand = Hand()
    usage = hand.incoming()
    with pytest.raises(LocalProtocolError):
        usage.reject(200, now=hand.now)
    with pytest.raises(LocalProtocolError):
        usage.bye(now=hand.now)
    usage.accept(ANSWER, now=hand.now)
    for again in (
        lambda: usage.accept(ANSWER, now=hand.now),
        lambda: usage.reject(486, now=hand.now),
        lambda: usage.ring(now=hand.now),
    ):
        with pytest.raises(LocalProtocolError):
            again()


def test_a_caller_behind_a_nat_is_reached_where_it_sends_from() -> None:
    hand = Hand()
    outside = Flow("udp", HERE, ("198.51.100.7", 33333))
    hand.feed(hand.request("INVITE", sdp=OFFER), outside)
    usage = hand.last(InviteReceived).usage
    usage.accept(ANSWER, now=hand.now)
    moved = outside._replace(remote=("198.51.100.7", 44444))
    hand.feed(hand.request("ACK", to_tag=usage.local_tag), outside)
    hand.feed(hand.request("INFO", cseq=2, to_tag=usage.local_tag), moved)
    hand.sent()
    usage.bye(now=hand.now)
    assert hand.sent_request("BYE").uri == "sip:there@192.0.2.2:5060"
    assert hand.flows == [moved]


def test_a_caller_without_a_nat_is_reached_at_its_contact() -> None:
    hand = Hand()
    hand.feed(hand.request("INVITE", sdp=OFFER, Contact="<sip:there@192.0.2.2:5099>"))
    usage = hand.last(InviteReceived).usage
    usage.accept(ANSWER, now=hand.now)
    hand.feed(hand.request("ACK", to_tag=usage.local_tag))
    hand.sent()
    usage.bye(now=hand.now)
    assert isinstance(hand.sent_request("BYE"), Request)
    assert hand.flows[0].remote == ("192.0.2.2", 5099)


def test_an_invite_is_refused_when_its_expires_has_passed() -> None:
    hand = Hand()
    usage = hand.incoming(Expires="30")
    usage.ring(now=hand.now)
    assert hand.summaries() == ["180 INVITE"]
    hand.advance(29)
    assert hand.summaries() == []
    hand.advance(1)
    assert hand.sent()[0].status == 487  # type: ignore[union-attr]
    ended = hand.last(Ended)
    assert (ended.usage, ended.reason) == (usage, "expired")
    assert usage.state is UsageState.TERMINATED


def test_the_expires_of_an_invite_means_nothing_once_it_is_answered() -> None:
    hand = Hand()
    usage = hand.incoming(Expires="30")
    usage.accept(ANSWER, now=hand.now)
    hand.feed(hand.request("ACK", to_tag=usage.local_tag))
    hand.advance(60)
    assert usage.state is UsageState.CONFIRMED
    usage.bye(now=hand.now)
    hand.advance(60)
    assert not hand.left()


def test_an_invite_that_waits_for_a_prack_expires_too() -> None:
    hand = Hand(supported=("100rel",))
    usage = hand.incoming(Expires="3", Supported="100rel")
    usage.ring(183, ANSWER, now=hand.now)
    usage.accept(ANSWER, now=hand.now)
    hand.sent()
    hand.advance(3)
    assert "487 INVITE" in hand.summaries()
    assert hand.last(Ended).reason == "expired"
