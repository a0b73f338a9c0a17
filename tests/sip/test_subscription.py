"""Subscriptions to something of ours: granted, refreshed, ended by either side, restored."""

from __future__ import annotations

import json

import pytest

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import (
    RequestReceived,
    SubscriptionEnded,
    SubscriptionExpired,
    SubscriptionRefreshed,
)
from softswitch.sip.message import Request
from softswitch.sip.subscription import AFTER_RESTART, Subscription, read_event
from tests.support.hand import Hand


def grant(request: Request) -> int:
    if (request.expires or 0) > 9000:
        raise RemoteProtocolError(423, "Interval Too Brief")
    return 600 if request.expires is None else request.expires


def subscribed(hand: Hand, **headers: str) -> Subscription:
    """A subscription that the test has asked for."""
    headers = {"Event": "presence", "Expires": "600", **headers}
    hand.feed(hand.request("SUBSCRIBE", **headers))  # type: ignore[arg-type]
    event = hand.last(RequestReceived)
    made = Subscription.begin(
        hand.stack, event.transaction, event.request, hand.flow, grant, (), hand.now
    )
    (answer,) = hand.sent()
    assert (answer.headers.get("Expires"), answer.to.tag) == ("600", made.local_tag)
    return made


def test_a_watcher_is_told_within_its_dialog() -> None:
    hand = Hand()
    made = subscribed(hand, Event="dialog;id=7")
    made.notify("text/x", b"news", now=hand.now)
    notify = hand.sent_request("NOTIFY")
    assert (notify.body, notify.content_type) == (b"news", "text/x")
    assert notify.headers.get("Event") == "dialog;id=7"
    assert notify.headers.get("Subscription-State") == "active;expires=600"
    assert (notify.from_.tag, notify.to.tag) == (made.local_tag, "there")
    hand.respond(notify, 200)
    hand.advance(100)
    made.notify("text/x", b"more", now=hand.now)
    notify = hand.sent_request("NOTIFY")
    assert notify.headers.get("Subscription-State") == "active;expires=500"
    made.close()
    hand.respond(notify, 200)
    hand.advance(64)
    assert hand.left() == {}


def test_while_one_notify_is_under_way_only_the_last_of_the_others_counts() -> None:
    hand = Hand()
    made = subscribed(hand)
    for body in (b"1", b"2", b"3"):
        made.notify("text/x", body, now=hand.now)
    first = hand.sent_request("NOTIFY")
    assert first.body == b"1"
    hand.respond(first, 200)
    second = hand.sent_request("NOTIFY")
    assert (second.body, second.cseq.number) == (b"3", first.cseq.number + 1)
    hand.respond(second, 200)
    assert hand.sent() == []
    made.close()


def test_a_refresh_is_granted_and_told() -> None:
    hand = Hand()
    made = subscribed(hand)
    hand.advance(500)
    hand.feed(
        hand.request("SUBSCRIBE", cseq=2, to_tag=made.local_tag, Event="presence", Expires="600")
    )
    assert hand.summaries() == ["200 SUBSCRIBE"]
    assert hand.last(SubscriptionRefreshed).subscription is made
    hand.advance(599)
    assert not [e for e in hand.told() if isinstance(e, SubscriptionExpired)]
    hand.advance(2)
    hand.last(SubscriptionExpired)
    made.terminate("timeout", now=hand.now)
    last = hand.sent_request("NOTIFY")
    assert last.headers.get("Subscription-State") == "terminated;reason=timeout"
    hand.respond(last, 200)
    hand.advance(64)
    assert hand.left() == {}


def test_a_watcher_that_leaves_is_told_a_last_time() -> None:
    hand = Hand()
    made = subscribed(hand)
    hand.feed(
        hand.request("SUBSCRIBE", cseq=2, to_tag=made.local_tag, Event="presence", Expires="0")
    )
    (answer,) = hand.sent()
    assert answer.headers.get("Expires") == "0"
    assert hand.last(SubscriptionRefreshed).subscription.expires == 0
    made.terminate("timeout", "text/x", b"bye", now=hand.now)
    assert hand.sent_request("NOTIFY").body == b"bye"
    made.notify("text/x", b"never", now=hand.now)
    assert hand.sent() == []
    hand.feed(hand.request("SUBSCRIBE", cseq=3, to_tag=made.local_tag, Event="presence"))
    assert hand.summaries() == ["481 SUBSCRIBE"]


@pytest.mark.parametrize("status", [481, 489, 500])
def test_who_refuses_a_notify_is_gone(status: int) -> None:
    hand = Hand()
    made = subscribed(hand)
    made.notify("", b"", now=hand.now)
    hand.respond(hand.sent_request("NOTIFY"), status)
    event = hand.last(SubscriptionEnded)
    assert (event.subscription, event.reason) == (made, str(status))
    assert hand.stack.counts()["subscriptions"] == 0


def test_who_does_not_answer_is_gone_but_who_asks_for_patience_is_not() -> None:
    hand = Hand()
    made = subscribed(hand)
    made.notify("", b"", now=hand.now)
    hand.respond(hand.sent_request("NOTIFY"), 503, Retry_After="5")
    assert hand.told()[-1:] == [] or not made.over
    made.notify("", b"", now=hand.now)
    hand.advance(33)
    assert hand.last(SubscriptionEnded).reason == "timeout"


@pytest.mark.parametrize(
    ("method", "event", "expires", "status"),
    [
        ("SUBSCRIBE", "dialog", "600", 481),
        ("SUBSCRIBE", "presence;id=2", "600", 481),
        ("SUBSCRIBE", "presence", "9999", 423),
        ("OPTIONS", "", "", 501),
    ],
)
def test_what_does_not_belong_to_a_subscription_is_refused(
    method: str, event: str, expires: str, status: int
) -> None:
    hand = Hand()
    made = subscribed(hand)
    hand.feed(hand.request(method, cseq=2, to_tag=made.local_tag, Event=event, Expires=expires))
    assert hand.summaries() == [f"{status} {method}"]
    made.close()


def test_an_invite_within_a_subscription_is_refused() -> None:
    hand = Hand()
    made = subscribed(hand)
    hand.feed(hand.request("INVITE", cseq=2, to_tag=made.local_tag))
    assert hand.summaries() == ["100 INVITE", "488 INVITE"]
    made.close()


def test_a_subscription_goes_on_after_a_restart() -> None:
    hand = Hand()
    made = subscribed(hand)
    made.notify("", b"", now=hand.now)
    before = hand.sent_request("NOTIFY")
    kept = json.loads(json.dumps(made.snapshot(hand.now)))
    other = Hand()
    again = Subscription.restore(other.stack, kept, grant, 300, other.now)
    again.notify("text/x", b"still here", now=other.now)
    after = other.sent_request("NOTIFY")
    assert after.cseq.number == before.cseq.number + AFTER_RESTART + 1
    assert (after.call_id, after.to, after.uri) == (before.call_id, before.to, before.uri)
    other.feed(
        other.request("SUBSCRIBE", cseq=2, to_tag=made.local_tag, Event="presence", Expires="60")
    )
    assert "200 SUBSCRIBE" in other.summaries()
    for broken in ({}, {**kept, "dialog": {}}, {**kept, "flow": 7}):
        with pytest.raises((KeyError, TypeError, ValueError)):
            Subscription.restore(Hand().stack, broken, grant, 300, 0.0)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Presence", ("presence", "")),
        (" dialog ; id=7;x", ("dialog", "7")),
        ("dialog;;=", ("dialog", "")),
        ("", ("", "")),
    ],
)
def test_an_event_header_is_read(text: str, read: tuple[str, str]) -> None:
    assert read_event(text) == read
