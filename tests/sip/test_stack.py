"""Whole calls between two stacks."""

from __future__ import annotations

from softswitch.sip.events import Acknowledged, Answered, Ended, InviteReceived, Progress
from softswitch.sip.invite_usage import UsageState
from tests.support.wire import ANSWER, OFFER, Wire


def test_a_call_is_made_answered_and_ended_and_leaves_nothing() -> None:
    wire = Wire()
    outgoing = wire.invite()
    wire.run(0.1)
    incoming = wire.callee.last(InviteReceived).usage
    assert incoming.request.body.decode() == OFFER
    incoming.ring(now=wire.now)
    wire.run(1)
    assert wire.caller.last(Progress).response.status == 180
    incoming.accept(ANSWER, now=wire.now)
    wire.run(1)
    assert wire.caller.last(Answered).response.body.decode() == ANSWER
    assert wire.callee.last(Acknowledged).usage is incoming
    assert (outgoing.state, incoming.state) == (UsageState.CONFIRMED, UsageState.CONFIRMED)
    outgoing.bye(now=wire.now)
    wire.run(1)
    assert wire.callee.last(Ended).reason == "bye"
    assert [sent.summary for sent in wire.log] == [
        "INVITE",
        "100 INVITE",
        "180 INVITE",
        "200 INVITE",
        "ACK",
        "BYE",
        "200 BYE",
    ]
    wire.run(32)
    wire.assert_nothing_left()
