"""Subscriptions of ours: how they begin, are refreshed, end and begin anew (RFC 6665 §4.1)."""

from __future__ import annotations

from typing import Any

import pytest

from softswitch.sip.events import Notified, SubscriberFailed
from softswitch.sip.message import Request
from softswitch.sip.subscriber import Subscriber, SubscriberState
from softswitch.sip.uri import NameAddr
from tests.support.hand import THERE, Hand

ADDRESS = NameAddr.parse(f"<sip:me@{THERE[0]}>")
SUMMARY = {"Event": "message-summary"}
CHALLENGE = 'Digest realm="there", nonce="n{}", qop="auth"'


def subscribe(hand: Hand, **options: Any) -> tuple[Subscriber, Request]:
    """A subscription that begins, and its SUBSCRIBE."""
    made = Subscriber(
        hand.stack,
        hand.flow,
        uri=f"sip:{THERE[0]}",
        address=ADDRESS,
        event="message-summary",
        **options,
    )
    made.start(hand.now)
    return made, hand.sent_request("SUBSCRIBE")


def notify(hand: Hand, first: Request, state: str = "active", cseq: int = 1, **more: str) -> None:
    """A NOTIFY of the notifier that answered ``first``."""
    headers = {**SUMMARY, "Subscription_State": state, **more}
    hand.feed(
        hand.request("NOTIFY", cseq=cseq, call_id=first.call_id, to_tag=first.from_tag, **headers)
    )


def asked(hand: Hand) -> Request:
    """The SUBSCRIBE that was sent since, once or repeated."""
    requests = [each for each in hand.sent() if isinstance(each, Request)]
    assert {(each.method, each.cseq.number) for each in requests} == {
        ("SUBSCRIBE", requests[0].cseq.number)
    }
    return requests[0]


def test_it_asks_is_told_and_refreshes_within_the_dialog() -> None:
    hand = Hand()
    made, first = subscribe(hand, accept="a/b", expires=600)
    assert (first.uri, first.headers.get("Accept"), first.expires) == (
        f"sip:{THERE[0]}",
        "a/b",
        600,
    )
    assert (str(first.from_.uri), str(first.to.uri)) == (f"sip:me@{THERE[0]}",) * 2
    hand.respond(first, 200, Expires="100")
    notify(hand, first)
    assert hand.summaries() == ["200 NOTIFY"]
    (told,) = hand.told()
    assert isinstance(told, Notified)
    assert told.subscriber is made
    hand.advance(79)
    assert hand.sent() == []
    hand.advance(12)
    refresh = asked(hand)
    assert (refresh.uri, refresh.to_tag) == (f"sip:there@{THERE[0]}:{THERE[1]}", "there")
    assert (refresh.call_id, refresh.cseq.number) == (first.call_id, first.cseq.number + 1)
    hand.respond(refresh, 202, Expires="600")
    notify(hand, first, "active;expires=50", cseq=2)
    hand.summaries()
    hand.advance(46)
    last = asked(hand)
    hand.respond(last, 200, Expires="600")
    made.stop(hand.now)
    assert asked(hand).headers.get("Expires") == "0"


@pytest.mark.parametrize("answered", [True, False])
def test_a_notify_may_overtake_the_answer(answered: bool) -> None:
    hand = Hand()
    made, first = subscribe(hand)
    notify(hand, first, "active;expires=60")
    assert hand.summaries() == ["200 NOTIFY"]
    assert made.dialog is not None
    if answered:
        hand.respond(first, 200, Expires="60")
        assert made.state is SubscriberState.ACTIVE
    hand.feed(
        hand.request(
            "NOTIFY", call_id=first.call_id, to_tag=first.from_tag, from_tag="fork", **SUMMARY
        )
    )
    assert hand.summaries() == ["481 NOTIFY"], "there is one notifier"


def test_challenges_and_wishes_for_more_time_are_followed() -> None:
    hand = Hand()
    _, first = subscribe(hand, username="u", password="p", expires=60)
    hand.respond(first, 401, WWW_Authenticate=CHALLENGE.format(1))
    second = asked(hand)
    assert 'username="u"' in (second.headers.get("Authorization") or "")
    assert (second.call_id, second.cseq.number) == (first.call_id, 2)
    hand.respond(second, 423, Min_Expires="900")
    third = asked(hand)
    assert third.expires == 900
    hand.respond(third, 407, Proxy_Authenticate=CHALLENGE.format(2))
    fourth = asked(hand)
    hand.respond(fourth, 407, Proxy_Authenticate=CHALLENGE.format(3))
    assert hand.sent() == []
    assert hand.last(SubscriberFailed).status == 407


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (403, {}, 30.0),
        (503, {"Retry_After": "120 (later)"}, 120.0),
        (480, {"Retry_After": "5"}, 30.0),
    ],
)
def test_who_refuses_is_asked_again(status: int, headers: dict[str, str], pause: float) -> None:
    hand = Hand()
    made, first = subscribe(hand)
    hand.respond(first, status, **headers)
    assert hand.last(SubscriberFailed) == SubscriberFailed(made, status, pause)
    hand.advance(pause - 1)
    assert hand.sent() == []
    hand.advance(2)
    again = asked(hand)
    assert again.call_id != first.call_id
    assert again.to_tag == ""


def test_silence_is_told_as_408() -> None:
    hand = Hand()
    made, _ = subscribe(hand)
    hand.advance(33)
    assert hand.last(SubscriberFailed) == SubscriberFailed(made, 408, 30.0)


def test_what_the_notifier_ends_begins_anew_later() -> None:
    hand = Hand()
    made, first = subscribe(hand)
    hand.respond(first, 200)
    notify(hand, first, "terminated;reason=probation;retry-after=90")
    assert hand.summaries() == ["200 NOTIFY"]
    assert [type(event) for event in hand.told()] == [Notified, SubscriberFailed]
    assert made.state is SubscriberState.WAITING
    notify(hand, first, cseq=2)
    assert hand.summaries() == ["481 NOTIFY"]
    hand.advance(91)
    assert asked(hand).call_id != first.call_id


def test_what_is_not_about_it_is_refused() -> None:
    hand = Hand()
    _, first = subscribe(hand)
    hand.respond(first, 200)
    notify(hand, first, Event="presence")
    common: dict[str, Any] = {"call_id": first.call_id, "to_tag": first.from_tag}
    hand.feed(hand.request("INFO", cseq=2, **common))
    hand.feed(hand.request("INVITE", cseq=3, **common))
    assert hand.summaries() == ["489 NOTIFY", "501 INFO", "100 INVITE", "488 INVITE"]
    assert hand.told() == []


@pytest.mark.parametrize("answer", [200, 481, None])
@pytest.mark.parametrize("when", ["trying", "active", "waiting"])
def test_nothing_is_left_of_what_was_stopped(when: str, answer: int | None) -> None:
    hand = Hand()
    made, first = subscribe(hand)
    if when != "trying":
        hand.respond(first, 200 if when == "active" else 480)
    made.stop(hand.now)
    for request in hand.sent():
        if isinstance(request, Request) and answer is not None:
            hand.respond(request, answer)
    hand.advance(64)
    assert hand.left() == {}
    assert made.state is SubscriberState.IDLE


def test_a_lost_connection_is_made_anew() -> None:
    hand = Hand(transport="tcp")
    hand.flow = hand.flow._replace(serial=7)
    made, first = subscribe(hand)
    hand.respond(first, 200)
    hand.stack.transport_failed(hand.flow, hand.now)
    assert made.flow.serial == 0
