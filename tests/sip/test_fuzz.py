"""Random and mutated datagrams into a live stack: events or nothing, never an exception.

``SOFTSWITCH_FUZZ=N`` sends N datagrams in place of the few of an ordinary run.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from softswitch.sip.events import (
    Acknowledged,
    Answered,
    InviteReceived,
    OfferReceived,
    RequestReceived,
)
from softswitch.sip.flow import Flow
from softswitch.sip.stack import Stack
from softswitch.sip.usage_state import UsageState
from tests.support.hand import HERE, THERE, Hand
from tests.support.wire import ANSWER, OFFER

ROUNDS = int(os.environ.get("SOFTSWITCH_FUZZ", "600"))
PIECES = [
    b"\r\n",
    b"\r\n\r\n",
    b";tag=",
    b";tag=there",
    b"<sip:",
    b">",
    b'"',
    b",",
    b"%00",
    b"\x00",
    b"\xff\xfe",
    b"SIP/2.0",
    b"SIP/2.0 200 OK\r\n",
    b"SIP/2.0 491 x\r\n",
    b"INVITE",
    b"BYE",
    b"CANCEL",
    b"ACK",
    b"UPDATE",
    b"CSeq: 4294967295 INVITE\r\n",
    b"Content-Length: 99999999999\r\n",
    b"Record-Route: <sip:192.0.2.9;lr>\r\n",
    b"Record-Route: <\r\n",
    b"Contact: <sip:[::1]:99999>\r\n",
    b"Contact: *\r\n",
    b"Contact: ,\r\n",
    b"Require: x\r\n",
    b"99999999999999999999",
    b"-1",
]


def mutate(data: bytes, source: random.Random) -> bytes:
    """A few changes anywhere."""
    mutated = bytearray(data)
    for _ in range(source.randint(0, 5)):
        position = source.randrange(len(mutated) + 1)
        match source.randrange(4):
            case 0:
                mutated[position:position] = source.choice(PIECES)
            case 1:
                del mutated[position : position + source.randint(1, 20)]
            case 2 if position < len(mutated):
                mutated[position] = source.randrange(256)
            case _:
                other = source.randrange(len(mutated) + 1)
                mutated[position:position] = mutated[other : other + source.randint(1, 60)]
    return bytes(mutated)


class Fuzzed(Hand):
    """A stack with calls up, a user who does all a user can, and all that was said so far."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.corpus: list[bytes] = []

    def feed(self, message: Any, flow: Flow | None = None) -> None:
        data = message if isinstance(message, bytes) else message.encode()
        self.remember(data)
        super().feed(data, flow)

    def remember(self, data: bytes) -> None:
        if len(self.corpus) < 200:
            self.corpus.append(data)
        else:
            self.corpus[self.random.randrange(200)] = data

    def remember_dialogs(self) -> None:
        """What the peers of the calls that are up might send."""
        for usage in list(self.stack.usages)[:5]:
            dialog = usage.dialog
            if dialog is None:
                continue
            for method in ("INVITE", "UPDATE", "INFO", "ACK", "ACK", "BYE"):
                request = self.request(
                    method,
                    cseq=dialog.remote_cseq + (method != "ACK"),
                    to_tag=dialog.local_tag,
                    from_tag=dialog.remote_tag,
                    call_id=dialog.call_id,
                    sdp=OFFER if method in ("INVITE", "UPDATE") else None,
                )
                self.remember(request.encode())

    def react(self) -> None:
        """What the user does, and what the peer might answer, as material."""
        for event in self.told():
            chance = self.random.random()
            match event:
                case InviteReceived(usage=usage) if chance < 0.5:
                    usage.ring(now=self.now)
                case InviteReceived(usage=usage) if chance < 0.8:
                    usage.accept(ANSWER, now=self.now)
                case InviteReceived(usage=usage):
                    usage.reject(486, now=self.now)
                case RequestReceived(transaction=transaction):
                    self.stack.reply(transaction, 200, now=self.now)
                case OfferReceived(usage=usage) if chance < 0.7:
                    usage.answer_reinvite(ANSWER, now=self.now)
                case OfferReceived(usage=usage):
                    usage.reject_reinvite(now=self.now)
                case Answered(usage=usage) if usage.ack_due:
                    usage.ack(ANSWER, now=self.now)
                case Answered(usage=usage) | Acknowledged(usage=usage) if chance < 0.3:
                    usage.reinvite(OFFER, now=self.now)
        for data, _ in self.stack.transmits():
            self.remember(data)
            if not data.startswith(b"SIP/2.0"):
                _, _, rest = data.partition(b"\r\n")
                status = self.random.choice([b"180 x", b"200 x", b"401 x", b"491 x", b"500 x"])
                rest = rest.replace(
                    b"\r\nTo: <sip:there@192.0.2.2>\r\n", b"\r\nTo: <sip:b>;tag=1\r\n"
                )
                self.remember(b"SIP/2.0 " + status + b"\r\n" + rest)
        self.events.clear()


@pytest.mark.parametrize("seed", [1, 2])
def test_no_datagram_raises_hangs_or_leaks(seed: int) -> None:
    hand = Fuzzed(seed)
    hand.incoming_call()
    hand.outgoing_call()
    hand.incoming(call_id="other")
    for number in range(ROUNDS):
        if number % 50 == 0:
            hand.call()
            hand.feed(hand.request("INVITE", sdp=OFFER, call_id=f"call{number}"))
        if number % 10 == 0:
            hand.remember_dialogs()
        data = mutate(hand.random.choice(hand.corpus), hand.random)
        if hand.random.random() < 0.02:
            data = hand.random.randbytes(hand.random.randrange(200))
        flow = Flow("udp", HERE, (THERE[0], hand.random.choice([5060, 40000])))
        hand.stack.receive(data, flow, hand.now)
        hand.react()
        hand.advance(hand.random.random() * 0.2)
    hand.react()
    end_all(hand.stack, hand)
    assert hand.left() == {}


def end_all(stack: Stack, hand: Hand) -> None:
    """Let every user hang up, and all time-outs pass."""
    for _ in range(4):
        for usage in list(stack.usages):
            if usage.role == "uas" and usage.state in (UsageState.INVITED, UsageState.EARLY):
                usage.reject(480, now=hand.now)
            else:
                usage.bye(now=hand.now)
        hand.advance(65)
        stack.transmits()
        stack.events()


def test_garbage_is_dropped_without_a_trace() -> None:
    hand = Hand()
    source = random.Random(3)
    for _ in range(300):
        hand.feed(source.randbytes(source.randrange(1, 300)))
    hand.feed(b"\r\n\r\n")
    hand.feed(b"\x00\x01\x00\x00" + bytes(16))
    hand.feed(b"")
    assert hand.sent() == []
    assert hand.told() == []
    assert hand.left() == {}
