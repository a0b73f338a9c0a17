"""Millions of mutated messages through parser and stack, outside of CI.

    .venv/bin/python -m tests.load.sip_fuzz --messages 10000000 --seed 1

Each message is parsed, all of it is asked for, and a live stack with calls, subscriptions and
registrations gets it. Anything but a message, an event or a protocol error ends the run with the
message that did it. Each ten thousand messages all calls end, and nothing may be left of them;
memory is looked at after a tenth and at the end.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import Flow
from softswitch.sip.message import make_response
from softswitch.sip.parser import parse_message
from tests.interop.test_hostile import resident_kilobytes
from tests.sip.test_fuzz import Fuzzed, end_all, mutate
from tests.sip.test_parser_fuzz import mutated, touch
from tests.support.hand import HERE, THERE
from tests.support.wire import OFFER

GROWTH_KILOBYTES = 30_000
"""What the process may grow by after the first tenth."""
ROUND = 10_000
"""Messages after which all calls are hung up, and nothing may be left of them."""
SLOWEST = 0.25
"""Seconds that one message may take on a busy machine; what is not linear takes more."""


class Run:
    """One run: a stack, its peers, and what was seen."""

    def __init__(self, seed: int) -> None:
        self.hand = Fuzzed(seed)
        self._begin()
        self.malformed = 0
        self.slowest = 0.0

    def _begin(self) -> None:
        self.hand.incoming_call()
        self.hand.outgoing_call()
        self.hand.incoming(call_id="other")

    def feed(self, number: int) -> None:
        """Make the next message and feed it; what it raises is the finding."""
        hand = self.hand
        if number % ROUND == ROUND - 1:
            left = self.end()
            assert not left, left
            self._begin()
        if number % 50 == 0:
            hand.call()
            hand.feed(hand.request("INVITE", sdp=OFFER, call_id=f"call{number}"))
        if number % 10 == 0:
            hand.remember_dialogs()
        chance = hand.random.random()
        if chance < 0.02:
            data = hand.random.randbytes(hand.random.randrange(200))
        elif chance < 0.3:
            data = mutated(hand.random)
        else:
            data = mutate(hand.random.choice(hand.corpus), hand.random)
        began = time.process_time()
        try:
            self._try(data)
        except Exception:
            print(f"message {number}: {data!r}", file=sys.stderr)
            raise
        self.slowest = max(self.slowest, time.process_time() - began)
        hand.react()
        hand.advance(hand.random.random() * 0.2)

    def _try(self, data: bytes) -> None:
        try:
            touch(parse_message(data))
        except RemoteProtocolError as error:
            self.malformed += 1
            assert 400 <= error.status < 700
            if error.partial is not None:
                make_response(error.partial, error.status, error.reason, to_tag="t").encode()
        port = self.hand.random.choice([5060, 40000])
        self.hand.stack.receive(data, Flow("udp", HERE, (THERE[0], port)), self.hand.now)

    def end(self) -> dict[str, int]:
        """Hang up everything; what is left then."""
        self.hand.react()
        end_all(self.hand.stack, self.hand)
        return self.hand.left()


def main() -> int:
    """Run it as the arguments say."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--messages", type=int, default=10_000_000)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    run = Run(chosen.seed)
    began, first = time.monotonic(), 0
    for number in range(chosen.messages):
        run.feed(number)
        if number == chosen.messages // 10:
            gc.collect()
            first = resident_kilobytes()
        if number % 500_000 == 0:
            print(
                f"{number} {time.monotonic() - began:.0f} s {resident_kilobytes()} kB", flush=True
            )
    gc.collect()
    grown = resident_kilobytes() - first
    left = run.end()
    print(
        f"{chosen.messages} messages, seed {chosen.seed}, {time.monotonic() - began:.0f} s:"
        f" {run.malformed} malformed, slowest {run.slowest * 1000:.1f} ms,"
        f" {grown} kB more than after a tenth, left over {left or 'nothing'}"
    )
    return 1 if left or grown > GROWTH_KILOBYTES or run.slowest > SLOWEST else 0


if __name__ == "__main__":
    sys.exit(main())
