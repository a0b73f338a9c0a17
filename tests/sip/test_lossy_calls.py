"""Calls over a network that loses, repeats and reorders: both sides must agree in the end."""

from __future__ import annotations

import random
from typing import Any

import pytest

from softswitch.sip.events import (
    AckTimeout,
    Answered,
    Cancelled,
    Ended,
    InviteFailed,
    InviteReceived,
    OfferReceived,
    ProvisionalAcknowledged,
    Rejected,
    RequestReceived,
)
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.timers import Timers
from softswitch.sip.usage_state import UsageState
from tests.support.wire import ANSWER, OFFER, Peer, Wire

ENDS = (Rejected, InviteFailed, Ended, Cancelled)
LONGEST = 64 * 0.5


class Behaviour:
    """Two users who do everything a call allows, at random moments."""

    def __init__(self, wire: Wire, seed: int) -> None:
        self.wire = wire
        self.random = random.Random(seed)
        self.hung_up: set[InviteUsage] = set()
        wire.caller.handler = lambda event, now: self.react(wire.caller, event, now)
        wire.callee.handler = lambda event, now: self.react(wire.callee, event, now)

    def react(self, peer: Peer, event: Any, now: float) -> None:
        chance = self.random.random
        match event:
            case InviteReceived(usage=usage):
                if chance() < 0.8:
                    usage.ring(now=now)
                self.wire.after(chance() * 5, lambda then: self.decide(usage, then))
            case Answered(usage=usage):
                if usage.ack_due:
                    usage.ack(ANSWER, now=now)
                self.wire.after(chance() * 5, lambda then: self.converse(usage, then))
                self.wire.after(10 + chance() * 10, lambda then: self.hang_up(usage, then))
            case OfferReceived(usage=usage):
                if chance() < 0.8:
                    usage.answer_reinvite(ANSWER, now=now)
                else:
                    usage.reject_reinvite(488, now=now)
            case RequestReceived(transaction=transaction, usage=usage):
                peer.stack.reply(transaction, 200, now=now)

    def decide(self, usage: Any, now: float) -> None:
        if usage.state not in (UsageState.INVITED, UsageState.EARLY):
            return
        if self.random.random() < 0.3:
            usage.reject(486, now=now)
            self.hung_up.add(usage)
            return
        usage.accept(ANSWER, now=now)
        self.wire.after(self.random.random() * 5, lambda then: self.converse(usage, then))
        if self.random.random() < 0.5:
            self.wire.after(self.random.random() * 20, lambda then: self.hang_up(usage, then))

    def converse(self, usage: InviteUsage, now: float) -> None:
        if usage.state is UsageState.CONFIRMED:
            if self.random.random() < 0.5:
                usage.reinvite(OFFER, now=now)
            else:
                usage.info("application/dtmf-relay", b"Signal=1", now=now)

    def hang_up(self, usage: InviteUsage, now: float) -> None:
        if usage.state in (UsageState.CONFIRMED, UsageState.ACCEPTED):
            self.hung_up.add(usage)
        usage.bye(now=now)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("seed", range(4))
def test_calls_end_in_agreement_and_leave_nothing(seed: int, transport: str) -> None:
    lossy = transport == "udp"
    wire = Wire(
        seed=seed,
        jitter=0.5 if lossy else 0.0,
        loss=0.3 if lossy else 0.0,
        duplication=0.1 if lossy else 0.0,
        transport=transport,
    )
    behaviour = Behaviour(wire, seed)
    usages: list[InviteUsage] = []
    for number in range(10):
        outgoing = wire.invite(OFFER if number % 3 else None, Subject=str(number))
        usages.append(outgoing)
        if number % 4 == 0:
            delay = behaviour.random.random() * 5

            def give_up(now: float, usage: Any = outgoing) -> None:
                if usage.state in (UsageState.INVITED, UsageState.EARLY):
                    usage.cancel(now=now)

            wire.after(delay, give_up)
        wire.run(0.3)
    wire.run(6 * LONGEST)
    wire.assert_nothing_left()
    for peer in (wire.caller, wire.callee):
        ends = [event.usage for event in peer.events if isinstance(event, ENDS)]
        assert len(ends) == len(set(ends)), "a call tells its end once"
        begun = usages if peer is wire.caller else [e.usage for e in peer.told(InviteReceived)]
        for usage in begun:
            assert usage.state is UsageState.TERMINATED
            told = usage in ends
            assert told != (usage in behaviour.hung_up), (usage, told)


QUICK = Timers(t1=0.1)
CALLS = 250


@pytest.mark.parametrize("supported", [(), ("100rel",)], ids=["plain", "100rel"])
@pytest.mark.parametrize("seed", range(3))
def test_no_call_fails_where_every_twentieth_packet_is_lost(
    seed: int, supported: tuple[str, ...]
) -> None:
    # Seven repetitions lost in a row are one in a thousand million: every failure is a fault.
    wire = Wire(seed=seed, loss=0.05, jitter=0.03, timers=QUICK, supported=supported)

    def called(event: Any, now: float) -> None:
        match event:
            case InviteReceived(usage=usage, request=request):
                usage.ring(183 if request.body else 180, ANSWER if request.body else None, now=now)
                usage.accept(ANSWER if request.body else OFFER, now=now)

    def calling(event: Any, now: float) -> None:
        if isinstance(event, Answered):
            if event.usage.ack_due:
                event.usage.ack(ANSWER, now=now)
            wire.after(0.1, lambda then: event.usage.bye(now=then))

    wire.callee.handler, wire.caller.handler = called, calling
    for number in range(CALLS):
        wire.invite(OFFER if number % 3 else None)
        wire.run(0.05)
    wire.run(3 * QUICK.t1x64)
    wire.assert_nothing_left()
    assert len(wire.caller.told(Answered)) == CALLS
    assert not wire.caller.told(InviteFailed) + wire.caller.told(Rejected)
    assert not wire.callee.told(AckTimeout)
    ends = wire.callee.told(Ended)
    assert [end.reason for end in ends] == ["bye"] * CALLS
    lost = [sent for sent in wire.log if sent.lost]
    kinds = {sent.summary for sent in lost}
    assert {"INVITE", "200 INVITE", "ACK", "BYE", "200 BYE"} <= kinds
    assert bool(supported) == ("PRACK" in kinds) == bool(wire.callee.told(ProvisionalAcknowledged))


@pytest.mark.parametrize("seed", range(3))
def test_no_cancelled_call_stays_where_every_twentieth_packet_is_lost(seed: int) -> None:
    wire = Wire(seed=seed, loss=0.05, jitter=0.03, timers=QUICK)

    def called(event: Any, now: float) -> None:
        if isinstance(event, InviteReceived):
            event.usage.ring(now=now)

    wire.callee.handler = called
    calls = []
    for number in range(CALLS):
        usage = wire.invite()
        calls.append(usage)
        # From before the first response to well after it.
        wire.after(number % 10 * 0.01, lambda now, usage=usage: usage.cancel(now=now))
        wire.run(0.05)
    wire.run(3 * QUICK.t1x64)
    wire.assert_nothing_left()
    refused = wire.caller.told(Rejected)
    assert {event.response.status for event in refused} == {487}
    assert {event.usage for event in refused} == set(calls)
    assert len(wire.callee.told(Cancelled)) == CALLS
