"""CPU of the signalling of bridged calls: ``python -m tests.sip.bench.bridged_call [calls]``.

A bridged call is a called and a calling usage in one stack: the caller's INVITE, 100, 180, 200,
ACK, BYE and 200, and the same on the other side. Only the middle stack is measured.
"""

from __future__ import annotations

import gc
import sys
import time

from softswitch.sip.events import (
    Answered,
    Ended,
    Event,
    InviteReceived,
    Progress,
)
from softswitch.sip.flow import Flow
from softswitch.sip.parser import parse_message
from softswitch.sip.stack import Stack
from softswitch.sip.uri import NameAddr
from tests.support.wire import ANSWER, OFFER, tokens

CALLER = ("192.0.2.1", 5060)
MIDDLE = ("192.0.2.9", 5060)
CALLEE = ("192.0.2.2", 5060)


class Bridge:
    """The middle: each call received is made again towards the callee."""

    def __init__(self) -> None:
        self.stack = Stack(sent_by=lambda flow: MIDDLE, token=tokens("middle"))

    def handle(self, event: Event, now: float) -> None:
        stack = self.stack
        match event:
            case InviteReceived(usage=incoming, request=request):
                outgoing = stack.invite(
                    stack.build_request(
                        "INVITE",
                        "sip:callee@192.0.2.2",
                        from_=NameAddr("caller", request.from_.uri),
                        to=NameAddr("", request.request_uri),
                        body=request.body,
                    ),
                    Flow("udp", MIDDLE, CALLEE),
                    now,
                )
                incoming.user, outgoing.user = outgoing, incoming
            case Progress(usage=outgoing):
                outgoing.user.ring(now=now)  # type: ignore[attr-defined]
            case Answered(usage=outgoing, response=response):
                outgoing.user.accept(response.body.decode(), now=now)  # type: ignore[attr-defined]
            case Ended(usage=usage):
                usage.user.bye(now=now)  # type: ignore[attr-defined]


def end_point(name: str, address: tuple[str, int]) -> Stack:
    return Stack(sent_by=lambda flow: address, token=tokens(name))


def measure(calls: int) -> dict[str, float]:
    """Seconds of CPU in the middle stack, and of parsing and encoding alone."""
    bridge = Bridge()
    stacks = {
        CALLER: end_point("caller", CALLER),
        MIDDLE: bridge.stack,
        CALLEE: end_point("callee", CALLEE),
    }
    spent = 0.0
    parsed = 0.0
    received = sent = 0
    clock = time.process_time
    for number in range(calls):
        now = 10.0 * number
        caller = stacks[CALLER]
        for stack in stacks.values():
            stack.handle_timeout(now)
        outgoing = caller.invite(
            caller.build_request(
                "INVITE",
                "sip:callee@192.0.2.9",
                from_=NameAddr.parse(f'"Caller {number}" <sip:caller@192.0.2.1>'),
                to=NameAddr.parse("<sip:callee@192.0.2.9>"),
                body=OFFER.encode(),
            ),
            Flow("udp", CALLER, MIDDLE),
            now,
        )
        hung_up = False
        while True:
            moved = False
            for address, stack in stacks.items():
                if stack is bridge.stack:
                    began = clock()
                    for event in stack.events():
                        bridge.handle(event, now)
                    transmits = stack.transmits()
                    spent += clock() - began
                    sent += len(transmits)
                else:
                    transmits = stack.transmits()
                    for event in stack.events():
                        if isinstance(event, InviteReceived):
                            event.usage.ring(now=now)
                            event.usage.accept(ANSWER, now=now)
                    transmits += stack.transmits()
                for data, flow in transmits:
                    moved = True
                    back = Flow("udp", flow.remote, address)
                    if flow.remote == MIDDLE:
                        received += 1
                        began = clock()
                        bridge.stack.receive(data, back, now)
                        took = clock() - began
                        spent += took
                        began = clock()
                        parse_message(data)
                        parsed += clock() - began
                    else:
                        stacks[flow.remote].receive(data, back, now)
            if not moved:
                if hung_up:
                    break
                hung_up = True
                outgoing.bye(now=now)
    return {
        "ms a call in sip/": spent / calls * 1e3,
        "ms of these parsing": parsed / calls * 1e3,
        "messages in a call": received / calls,
        "messages out a call": sent / calls,
    }


if __name__ == "__main__":
    gc.freeze()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    measure(count // 10)
    for name, value in measure(count).items():
        print(f"{name:24} {value:8.3f}")
