"""Calls over a network that loses, repeats and reorders: both sides must agree in the end."""

from __future__ import annotations

import random
from typing import Any

import pytest

from softswitch.sip.events import (
    Answered,
    Cancelled,
    Ended,
    InviteFailed,
    InviteReceived,
    OfferReceived,
    Rejected,
    RequestReceived,
)
from softswitch.sip.invite_usage import InviteUsage
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
