"""A way between a server and one who speaks with it, where datagrams are lost or come late.

It has two addresses: the server knows one as that of its far end, the far end sends to the other.
The far end is spared what scenarios cannot take: it hears all in its order and once, and what the
server repeats is answered by repeating what the far end said to it.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

Mishap = Callable[[bytes, bool], list[float]]
"""Given a datagram and whether it goes to the server: after how many seconds its copies arrive."""

_CALL_ID = re.compile(rb"^(?:call-id|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_CSEQ = re.compile(rb"^cseq[ \t]*:[ \t]*(\d+)[ \t]+(\w+)", re.IGNORECASE | re.MULTILINE)


@dataclass
class _Talk:
    """One call, as the party knows it."""

    heard: set[bytes] = field(default_factory=set)
    said: dict[bytes, bytes] = field(default_factory=dict)
    missing: bytes | None = None
    """What was lost and will come again; what comes before that waits."""
    waiting: list[bytes] = field(default_factory=list)


def _meant_by(data: bytes) -> bytes:
    """What the party answers with this: a request, or a final response by its ACK."""
    cseq = _CSEQ.search(data)
    assert cseq is not None, data
    return b"%s %s %s" % (data[:3], cseq[1], cseq[2])


def _answer_to(data: bytes) -> bytes:
    """Under what `_meant_by` keeps the party's answer to something."""
    cseq = _CSEQ.search(data)
    assert cseq is not None, data
    if data.startswith(b"SIP/2.0 "):
        return b"ACK %s ACK" % cseq[1] if cseq[2] == b"INVITE" else b""
    return b"SIP %s %s" % (cseq[1], cseq[2])


def _is_repeated(data: bytes) -> bool:
    """Whether a message of the server comes again where it is lost."""
    provisional = data.startswith(b"SIP/2.0 1")
    return not provisional or b"\r\nRSeq:" in data


class Relay:
    """Passes datagrams on, both ways, as a `Mishap` allows."""

    def __init__(self, mishap: Mishap, party: tuple[str, int]) -> None:
        self._mishap = mishap
        self._party = party
        self._loop = asyncio.get_running_loop()
        self._order = {True: 0, False: 0}
        self._newest = {True: 0, False: 0}
        self._talks: dict[bytes, _Talk] = {}
        self.server: tuple[str, int] | None = None
        """Learnt from what it sends, where it is not said."""
        self.lost = self.doubled = self.overtaken = 0
        """How many datagrams did not arrive, went twice, were overtaken by a later one."""

    async def open(self) -> None:
        """Bind both addresses."""
        self._near = await self._side(to_server=True)
        self._far = await self._side(to_server=False)

    async def _side(self, *, to_server: bool) -> asyncio.DatagramTransport:
        transport, _ = await self._loop.create_datagram_endpoint(
            lambda: _Side(self, to_server=to_server), local_addr=("127.0.0.1", 0)
        )
        return transport

    def close(self) -> None:
        """Free both addresses."""
        self._near.close()
        self._far.close()

    @property
    def near(self) -> tuple[str, int]:
        """Where the party sends to."""
        return cast(tuple[str, int], self._near.get_extra_info("sockname"))

    @property
    def far(self) -> tuple[str, int]:
        """Where the server finds the party."""
        return cast(tuple[str, int], self._far.get_extra_info("sockname"))

    def take(self, data: bytes, source: tuple[str, int], *, to_server: bool) -> None:
        """A datagram came."""
        found = _CALL_ID.search(data)
        talk = self._talks.setdefault(found[1] if found else b"", _Talk())
        if to_server:
            talk.said[_meant_by(data)] = data
            self._send(data, self._mishap(data, True), to_server=True)
            return
        self.server = self.server or source
        if data in talk.heard:
            if (answer := talk.said.get(_answer_to(data))) is not None:
                self._pass_on(answer, self._order[True], True)
            return
        if talk.missing is not None and data != talk.missing:
            talk.waiting.append(data)
            return
        copies = self._mishap(data, False)
        if not copies and _is_repeated(data):
            talk.missing = data
        behind, talk.waiting = ([], talk.waiting) if not copies else (talk.waiting, [])
        if copies:
            talk.missing = None
            talk.heard.add(data)
        self._send(data, copies, to_server=False)
        for each in behind:
            self.take(each, source, to_server=False)

    def _send(self, data: bytes, copies: list[float], *, to_server: bool) -> None:
        self.lost += not copies
        self.doubled += len(copies) > 1
        for delay in copies:
            self._order[to_server] += 1
            number = self._order[to_server]
            if delay:
                self._loop.call_later(delay, self._pass_on, data, number, to_server)
            else:
                self._pass_on(data, number, to_server)

    def _pass_on(self, data: bytes, number: int, to_server: bool) -> None:
        self.overtaken += number < self._newest[to_server]
        self._newest[to_server] = max(self._newest[to_server], number)
        transport, target = (self._far, self.server) if to_server else (self._near, self._party)
        if not transport.is_closing():
            transport.sendto(data, target)


class _Side(asyncio.DatagramProtocol):
    def __init__(self, relay: Relay, *, to_server: bool) -> None:
        self._relay = relay
        self._to_server = to_server

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._relay.take(data, addr, to_server=self._to_server)


@asynccontextmanager
async def relayed(mishap: Mishap, party: tuple[str, int]) -> AsyncIterator[Relay]:
    """A relay before somebody."""
    relay = Relay(mishap, party)
    await relay.open()
    try:
        yield relay
    finally:
        relay.close()


def disorder(*, seed: int = 1, longest: float = 0.03) -> Mishap:
    """What goes to the server takes a time of its own each, and a tenth of it goes twice."""
    chance = random.Random(seed)

    def mishap(data: bytes, to_server: bool) -> list[float]:
        if not to_server:
            return [0.0]
        twice = chance.random() < 0.1
        return [chance.random() * longest for _ in range(1 + twice)]

    return mishap


class OneOfEachCall:
    """Of the first call the first datagram has a mishap, of the second call the second, and so on:
    so many calls try each message of a ladder. Repetitions of a message count as it does.
    """

    def __init__(self, *, first: int = 0, late: float = 0.0) -> None:
        """Calls before the number ``first`` are left alone. What goes to the server comes ``late``,
        so many seconds, where that is not 0; else one copy of it is lost.
        """
        self._first = first
        self._late = late
        self._seen: dict[bytes, list[bytes]] = {}
        self._numbers: dict[bytes, int] = {}

    def __call__(self, data: bytes, to_server: bool) -> list[float]:
        found = _CALL_ID.search(data)
        if found is None:
            return [0.0]
        call = found[1]
        number = self._numbers.setdefault(call, len(self._numbers)) - self._first
        seen = self._seen.setdefault(call, [])
        if data in seen or (self._late and not to_server):
            return [0.0]
        seen.append(data)
        if len(seen) - 1 != number:
            return [0.0]
        return [self._late] if self._late else []
