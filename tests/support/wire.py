"""Wire: two stacks, a seeded network between them that delays, loses, reorders and repeats.

Time is simulated: ``run`` jumps from one thing that happens to the next.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from softswitch.sip.events import Event
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.parser import parse_message
from softswitch.sip.session_timer import SessionInterval
from softswitch.sip.stack import Stack
from softswitch.sip.timers import Timers
from softswitch.sip.uri import NameAddr
from softswitch.sip.usage_client import ClientUsage

CALLER = ("192.0.2.1", 5060)
CALLEE = ("192.0.2.2", 5060)
OFFER = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n"
ANSWER = "v=0\r\no=- 2 1 IN IP4 192.0.2.2\r\ns=-\r\nm=audio 5000 RTP/AVP 0\r\n"

E = TypeVar("E")


def tokens(seed: str) -> Callable[[], str]:
    """A deterministic source of tokens."""
    source = random.Random(seed)
    return lambda: f"{source.getrandbits(48):012x}"


@dataclass
class Peer:
    """A stack at an address, what it told, and who reacts to that."""

    name: str
    address: tuple[str, int]
    stack: Stack
    events: list[Event] = field(default_factory=list)
    handler: Callable[[Any, float], None] | None = None

    def told(self, kind: type[E]) -> list[E]:
        """All events of a kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def last(self, kind: type[E]) -> E:
        """The latest event of a kind; fails the test where there is none."""
        found = self.told(kind)
        assert found, f"{self.name} was not told {kind.__name__}, only {self.events}"
        return found[-1]


@dataclass
class Sent:
    """One datagram that was put on the wire."""

    time: float
    sender: str
    message: Request | Response
    lost: bool

    @property
    def summary(self) -> str:
        """``INVITE`` or ``200 INVITE``."""
        if isinstance(self.message, Request):
            return self.message.method
        return f"{self.message.status} {self.message.cseq.method}"


class Wire:
    """Two peers, ``caller`` and ``callee``, and the network between."""

    def __init__(
        self,
        *,
        seed: int = 1,
        delay: float = 0.01,
        jitter: float = 0.0,
        loss: float = 0.0,
        duplication: float = 0.0,
        transport: str = "udp",
        timers: Timers | None = None,
        supported: tuple[str, ...] = (),
        session_interval: SessionInterval | None = None,
    ) -> None:
        self._session_interval = session_interval
        self.now = 1000.0
        self.random = random.Random(seed)
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.duplication = duplication
        self.transport = transport
        self.log: list[Sent] = []
        self.drop: Callable[[Sent], bool] = lambda sent: False
        """Loses what a test chooses to lose."""
        self._on_way: list[tuple[float, int, bytes, Peer, Flow]] = []
        self._later: list[tuple[float, int, Callable[[float], None]]] = []
        self._serial = 0
        self.caller = self._peer("caller", CALLER, seed, timers, supported)
        self.callee = self._peer("callee", CALLEE, seed, timers, supported)

    def _peer(
        self,
        name: str,
        address: tuple[str, int],
        seed: int,
        timers: Timers | None,
        supported: tuple[str, ...],
    ) -> Peer:
        stack = Stack(
            sent_by=lambda flow: address,
            token=tokens(f"{name} {seed}"),
            timers=timers,
            user_agent=name,
            supported=supported,
            session_interval=self._session_interval,
        )
        return Peer(name, address, stack)

    @property
    def flow(self) -> Flow:
        """The flow from the caller to the callee."""
        return Flow(self.transport, CALLER, CALLEE)

    def invite(self, sdp: str | None = OFFER, **headers: str) -> ClientUsage:
        """Have the caller call."""
        request = self.caller.stack.build_request(
            "INVITE",
            f"sip:callee@{CALLEE[0]}",
            from_=NameAddr.parse(f"<sip:caller@{CALLER[0]}>"),
            to=NameAddr.parse(f"<sip:callee@{CALLEE[0]}>"),
            headers=[(name.replace("_", "-"), value) for name, value in headers.items()],
            body=(sdp or "").encode(),
        )
        return self.caller.stack.invite(request, self.flow, self.now)

    def at(self, time: float, action: Callable[[float], None]) -> None:
        """Have ``action(now)`` called at a time."""
        self._serial += 1
        heapq.heappush(self._later, (time, self._serial, action))

    def after(self, delay: float, action: Callable[[float], None]) -> None:
        """Have ``action(now)`` called so many seconds from now."""
        self.at(self.now + delay, action)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        self._pump()
        while True:
            due = [
                time
                for time in (
                    self._on_way[0][0] if self._on_way else None,
                    self._later[0][0] if self._later else None,
                    self.caller.stack.next_timeout(),
                    self.callee.stack.next_timeout(),
                )
                if time is not None
            ]
            if not due or min(due) > end:
                break
            self.now = max(self.now, min(due))
            self._step()
            self._pump()
        self.now = end

    def _step(self) -> None:
        while self._on_way and self._on_way[0][0] <= self.now:
            _, _, data, peer, flow = heapq.heappop(self._on_way)
            peer.stack.receive(data, flow, self.now)
        while self._later and self._later[0][0] <= self.now:
            heapq.heappop(self._later)[2](self.now)
        self.caller.stack.handle_timeout(self.now)
        self.callee.stack.handle_timeout(self.now)

    def _pump(self) -> None:
        busy = True
        while busy:
            busy = False
            for peer in (self.caller, self.callee):
                for data, flow in peer.stack.transmits():
                    busy = True
                    self._carry(peer, data, flow)
                for event in peer.stack.events():
                    busy = True
                    peer.events.append(event)
                    if peer.handler is not None:
                        peer.handler(event, self.now)

    def _carry(self, sender: Peer, data: bytes, flow: Flow) -> None:
        message = parse_message(data)
        sent = Sent(self.now, sender.name, message, self.random.random() < self.loss)
        sent.lost = sent.lost or self.drop(sent)
        self.log.append(sent)
        receiver = {CALLER: self.caller, CALLEE: self.callee}.get(flow.remote)
        if sent.lost or receiver is None:
            return
        back = Flow(flow.transport, flow.remote, sender.address, flow.serial)
        for _ in range(2 if self.random.random() < self.duplication else 1):
            self._serial += 1
            arrival = self.now + self.delay + self.random.random() * self.jitter
            heapq.heappush(self._on_way, (arrival, self._serial, data, receiver, back))

    def sent(self, summary: str, sender: str | None = None) -> list[Sent]:
        """What was put on the wire, lost or not, e.g. ``INVITE`` or ``200 INVITE``."""
        return [
            sent for sent in self.log if sent.summary == summary and sender in (None, sent.sender)
        ]

    def assert_nothing_left(self) -> None:
        """Both stacks have forgotten everything."""
        for peer in (self.caller, self.callee):
            left = {kind: count for kind, count in peer.stack.counts().items() if count}
            assert not left, f"{peer.name} still has {left}"
