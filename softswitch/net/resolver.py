"""Names to addresses for SIP (RFC 3263), cached.

Host names only: NAPTR and SRV questions are answered by "none", so that a name without a port is
looked up as a host with the default port.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Iterable, Sequence

from softswitch.sip.routing import Hop, Query, Record, Target, locate

_LIMIT = 4096


class Resolver:
    """Answers with targets, best first; literals and cached names at once."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transports: Sequence[str] = ("udp", "tcp"),
        *,
        lifetime: float = 60.0,
        failure_lifetime: float = 5.0,
    ) -> None:
        """``transports`` we have, preferred ones first; names are kept for ``lifetime`` seconds,
        names without an address for ``failure_lifetime``.
        """
        self._loop = loop
        self._transports = tuple(transports)
        self._lifetime = lifetime
        self._failure_lifetime = failure_lifetime
        self._addresses: dict[str, tuple[float, list[str]]] = {}

    def known(self, hop: Hop) -> list[Target] | None:
        """The targets if nothing need be asked; None if :meth:`resolve` must."""
        steps = locate(hop, self._transports, random.random)
        records: Iterable[Record] | None = None
        try:
            query = next(steps)
            while True:
                records = self._cached(query)
                if records is None:
                    return None
                query = steps.send(records)
        except StopIteration as done:
            targets: list[Target] = done.value
            return targets

    async def resolve(self, hop: Hop) -> list[Target]:
        """The targets of a hop; empty if its name has no address."""
        steps = locate(hop, self._transports, random.random)
        try:
            query = next(steps)
            while True:
                records = self._cached(query)
                if records is None:
                    records = await self._look_up(query.name)
                query = steps.send(records)
        except StopIteration as done:
            targets: list[Target] = done.value
            return targets

    def _cached(self, query: Query) -> Iterable[Record] | None:
        if query.kind != "ADDRESS":
            return ()
        found = self._addresses.get(query.name.lower())
        if found is None or found[0] < self._loop.time():
            return None
        return found[1]

    async def _look_up(self, name: str) -> list[str]:
        try:
            found = await self._loop.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            found = []
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if len(self._addresses) >= _LIMIT:
            self._addresses.clear()
        lifetime = self._lifetime if addresses else self._failure_lifetime
        self._addresses[name.lower()] = (self._loop.time() + lifetime, addresses)
        return addresses

    def __repr__(self) -> str:
        return f"<Resolver {len(self._addresses)} names known>"
