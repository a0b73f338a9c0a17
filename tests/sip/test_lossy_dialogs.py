"""Each thing a dialog can do, by either side, over a network that loses, reorders and repeats."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from softswitch.sip.events import (
    Answered,
    Ended,
    InviteFailed,
    InviteReceived,
    Notified,
    OfferAnswered,
    OfferReceived,
    OfferRejected,
    ProvisionalAcknowledged,
    Refreshed,
    Rejected,
    RequestReceived,
    ResponseReceived,
    SubscriberFailed,
    SubscriptionRefreshed,
    TransactionFailed,
)
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.session_timer import SessionInterval
from softswitch.sip.subscriber import Subscriber
from softswitch.sip.subscription import Subscription
from softswitch.sip.timers import Timers
from softswitch.sip.uri import NameAddr
from tests.support.wire import ANSWER, CALLEE, CALLER, OFFER, Peer, Wire

QUICK = Timers(t1=0.1)
CALLS = 60
# Eleven transmissions of one request lost in a row are as good as impossible at this rate.
NETWORKS = {
    "loss": {"loss": 0.1},
    "disorder": {"jitter": 0.3, "duplication": 0.2},
    "both": {"loss": 0.1, "jitter": 0.3, "duplication": 0.1},
}
Do = Callable[[InviteUsage, float], object]
DEEDS: dict[str, tuple[Do, type]] = {
    "re-INVITE": (lambda usage, now: usage.reinvite(OFFER, now=now), OfferAnswered),
    "re-INVITE without an offer": (lambda usage, now: usage.reinvite(now=now), OfferAnswered),
    "UPDATE": (lambda usage, now: usage.update(OFFER, now=now), OfferAnswered),
    "UPDATE without an offer": (lambda usage, now: usage.update(now=now), OfferAnswered),
    "INFO": (lambda usage, now: usage.info("text/plain", b"1", now=now), ResponseReceived),
    "MESSAGE": (lambda usage, now: usage.request_in_dialog("MESSAGE", now=now), ResponseReceived),
    "OPTIONS": (lambda usage, now: usage.request_in_dialog("OPTIONS", now=now), ResponseReceived),
    "REFER": (
        lambda usage, now: usage.request_in_dialog(
            "REFER", (("Refer-To", "<sip:x@y>"), ("Referred-By", "<sip:z@y>")), now=now
        ),
        ResponseReceived,
    ),
}


class Calls:
    """Calls that are answered, in which one side does something, and ended by either."""

    def __init__(self, wire: Wire, seed: int, deed: Do, by_callee: bool) -> None:
        self.wire = wire
        self.deed, self.by_callee = deed, by_callee
        self.random = random.Random(seed)
        wire.caller.handler = lambda event, now: self.react(wire.caller, event, now)
        wire.callee.handler = lambda event, now: self.react(wire.callee, event, now)

    def react(self, peer: Peer, event: Any, now: float) -> None:
        match event:
            case InviteReceived(usage=usage):
                usage.ring(now=now)
                usage.accept(ANSWER, now=now)
                if self.by_callee:
                    # Whoever answers is confirmed once the ACK has found its way.
                    self.wire.after(15, lambda then: self.deed(usage, then))
                self.end(usage, here=self.by_callee)
            case Answered(usage=usage):
                if usage.ack_due:
                    usage.ack(ANSWER, now=now)
                if not self.by_callee:
                    self.wire.after(15, lambda then: self.deed(usage, then))
                self.end(usage, here=not self.by_callee)
            case OfferAnswered(usage=usage) if usage.ack_due:
                usage.ack(ANSWER, now=now)
            case OfferReceived(usage=usage):
                usage.answer_reinvite(ANSWER, now=now)
            case RequestReceived(transaction=transaction, request=request):
                peer.stack.reply(transaction, 202 if request.method == "REFER" else 200, now=now)

    def end(self, usage: InviteUsage, *, here: bool) -> None:
        if here:
            self.wire.after(40 + self.random.random() * 5, lambda then: usage.bye(now=then))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("by_callee", [False, True], ids=["caller", "callee"])
@pytest.mark.parametrize("deed", DEEDS)
def test_it_is_done_once_and_leaves_nothing(deed: str, by_callee: bool, network: str) -> None:
    wire = Wire(seed=7, timers=QUICK, **NETWORKS[network])  # type: ignore[arg-type]
    do, told = DEEDS[deed]
    Calls(wire, 7, do, by_callee)
    for number in range(CALLS):
        wire.invite(OFFER if number % 3 else None)
        wire.run(0.05)
    wire.run(45 + 3 * QUICK.t1x64)
    wire.assert_nothing_left()
    doer, other = (wire.callee, wire.caller) if by_callee else (wire.caller, wire.callee)
    assert len(wire.caller.told(Answered)) == CALLS
    assert not wire.caller.told(InviteFailed) + wire.caller.told(Rejected)
    outcomes = doer.told(told)
    assert len(outcomes) == CALLS
    if told is ResponseReceived:
        assert {event.response.status for event in outcomes} == {202 if deed == "REFER" else 200}
    assert not doer.told(OfferRejected) + doer.told(TransactionFailed)
    heard = {
        "UPDATE without an offer": Refreshed,
        **dict.fromkeys(("re-INVITE", "re-INVITE without an offer", "UPDATE"), OfferReceived),
    }.get(deed, RequestReceived)
    assert len(other.told(heard)) == CALLS, "repetitions are told once"
    assert len(other.told(Ended)) == CALLS


@pytest.mark.parametrize("network", NETWORKS)
def test_changes_by_both_at_once_are_settled(network: str) -> None:
    wire = Wire(seed=9, timers=QUICK, **NETWORKS[network])  # type: ignore[arg-type]
    calls = Calls(wire, 9, DEEDS["re-INVITE"][0], by_callee=False)
    react = calls.react

    def both(event: Any, now: float) -> None:
        react(wire.callee, event, now)
        if isinstance(event, InviteReceived):
            usage = event.usage
            wire.after(15, lambda then: usage.reinvite(OFFER, now=then))

    wire.callee.handler = both
    for _ in range(CALLS):
        wire.invite()
        wire.run(0.05)
    wire.run(45 + 3 * QUICK.t1x64)
    wire.assert_nothing_left()
    met = [sent for sent in wire.log if sent.summary == "491 INVITE"]
    assert met, "some of them met"
    for peer in (wire.caller, wire.callee):
        rejected = peer.told(OfferRejected)
        assert {event.status for event in rejected} <= {491}
        assert len(peer.told(OfferAnswered)) + len(rejected) == CALLS


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("by_update", [False, True], ids=["re-INVITE", "UPDATE"])
def test_session_timers_keep_calls_up(by_update: bool, network: str) -> None:
    interval = SessionInterval(enabled=True, wanted=90, by_update=by_update)
    wire = Wire(
        seed=5,
        timers=QUICK,
        supported=("timer",),
        session_interval=interval,
        **NETWORKS[network],  # type: ignore[arg-type]
    )
    calls: list[InviteUsage] = []

    def called(event: Any, now: float) -> None:
        match event:
            case InviteReceived(usage=usage):
                usage.accept(ANSWER, now=now)
            case OfferReceived(usage=usage):
                usage.answer_reinvite(ANSWER, now=now)

    wire.callee.handler = wire.caller.handler = called
    for _ in range(10):
        calls.append(wire.invite())
    wire.run(400)
    assert not wire.caller.told(Ended) + wire.callee.told(Ended)
    refreshes = wire.sent("UPDATE" if by_update else "INVITE", "caller")
    assert len(refreshes) >= 10 * 6
    for usage in calls:
        usage.bye(now=wire.now)
    wire.run(3 * QUICK.t1x64)
    wire.assert_nothing_left()
    assert len(wire.callee.told(Ended)) == 10


@pytest.mark.parametrize("network", NETWORKS)
def test_reliable_ringing_is_acknowledged(network: str) -> None:
    wire = Wire(seed=3, timers=QUICK, supported=("100rel",), **NETWORKS[network])  # type: ignore[arg-type]

    def called(event: Any, now: float) -> None:
        match event:
            case InviteReceived(usage=usage):
                usage.ring(now=now)
                wire.after(2, lambda then: usage.ring(183, ANSWER, now=then))
                wire.after(15, lambda then: usage.accept(ANSWER, now=then))

    def calling(event: Any, now: float) -> None:
        if isinstance(event, Answered):
            wire.after(5, lambda then: event.usage.bye(now=then))

    wire.callee.handler, wire.caller.handler = called, calling
    for _ in range(CALLS):
        wire.invite()
        wire.run(0.05)
    wire.run(25 + 3 * QUICK.t1x64)
    wire.assert_nothing_left()
    assert len(wire.callee.told(ProvisionalAcknowledged)) == 2 * CALLS
    assert len(wire.callee.told(Ended)) == CALLS


@pytest.mark.parametrize("network", NETWORKS)
def test_subscriptions_stay_and_end(network: str) -> None:
    wire = Wire(seed=4, timers=QUICK, **NETWORKS[network])  # type: ignore[arg-type]
    watchers: list[Subscription] = []

    def notifying(event: Any, now: float) -> None:
        match event:
            case RequestReceived(transaction=transaction, request=request):
                watcher = Subscription.begin(
                    wire.callee.stack,
                    transaction,
                    request,
                    transaction.flow,
                    lambda asked: 0 if asked.expires == 0 else 60,
                    (),
                    now,
                )
                watchers.append(watcher)
                watcher.notify("text/plain", b"state", now=now)
            case SubscriptionRefreshed(subscription=watcher):
                if watcher.expires:
                    watcher.notify("text/plain", b"state", now=now)
                else:
                    watcher.terminate("timeout", now=now)

    wire.callee.handler = notifying
    subscribers = [
        Subscriber(
            wire.caller.stack,
            wire.flow,
            uri=f"sip:{CALLEE[0]}",
            address=NameAddr.parse(f"<sip:me@{CALLER[0]}>"),
            event="dialog",
        )
        for _ in range(20)
    ]
    for subscriber in subscribers:
        subscriber.start(wire.now)
    wire.run(300)
    assert not wire.caller.told(SubscriberFailed)
    assert len(watchers) == 20
    assert len(wire.caller.told(Notified)) >= 20 * 5
    for subscriber in subscribers:
        subscriber.stop(wire.now)
    wire.run(3 * QUICK.t1x64)
    wire.assert_nothing_left()
