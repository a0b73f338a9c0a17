"""A way to a server that delays, doubles and reorders datagrams; a seed makes it repeatable."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast


class Disorder(asyncio.DatagramProtocol):
    """Passes on what it gets, from an address of its own, each after a time of its own."""

    def __init__(self, server: tuple[str, int], seed: int, longest: float) -> None:
        self._server = server
        self._random = random.Random(seed)
        self._longest = longest
        self._loop = asyncio.get_running_loop()
        self._last = 0
        self._newest = 0
        self.doubled = self.overtaken = 0
        """How many datagrams went twice, and how many another one overtook."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        twice = self._random.random() < 0.1
        self.doubled += twice
        for _ in range(1 + twice):
            self._last += 1
            delay = self._random.random() * self._longest
            self._loop.call_later(delay, self._pass_on, data, self._last)

    def _pass_on(self, data: bytes, number: int) -> None:
        self.overtaken += number < self._newest
        self._newest = max(self._newest, number)
        if not self._transport.is_closing():
            self._transport.sendto(data, self._server)


@asynccontextmanager
async def disordered(
    server: tuple[str, int], *, seed: int = 1, longest: float = 0.03
) -> AsyncIterator[tuple[tuple[str, int], Disorder]]:
    """An address before a server, and what happened there; answers do not come back by it."""
    loop = asyncio.get_running_loop()
    transport, way = await loop.create_datagram_endpoint(
        lambda: Disorder(server, seed, longest), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname"), way
    finally:
        transport.close()
