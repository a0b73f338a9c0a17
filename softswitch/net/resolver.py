"""Names to addresses for SIP (RFC 3263): asked once, kept as long as they hold, dead ones last."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable, Sequence
from typing import Protocol

from softswitch.net.dns import DnsFailure
from softswitch.sip.routing import Hop, Query, Record, Target, literal_target, locate

log = logging.getLogger(__name__)

_LIMIT = 4096
SHORTEST = 1.0
"""Seconds that every answer is kept: calls of one moment ask once."""
LONGEST = 86400.0
STALE = 3600.0
"""Seconds that an answer outlives its time while no name server says another."""
RETRY = 5.0
"""Seconds until a name server that failed is asked again."""
SELDOM = 60.0
"""At most so many seconds until one that failed again and again is asked for services."""
PATIENCE = 2.0
"""Seconds after which no more is asked for one hop, once a question was not answered."""
BLAME = 60.0
"""Seconds that a target is tried last after it failed."""


class Names(Protocol):
    """Who is asked: `net.dns.Dns`."""

    async def ask(self, query: Query) -> tuple[list[Record], float]: ...


class _Answer:
    __slots__ = ("expires", "failed", "records", "stale_until")

    def __init__(
        self, records: list[Record], expires: float, stale_until: float, failed: int
    ) -> None:
        self.records = records
        self.expires = expires
        self.stale_until = stale_until
        self.failed = failed
        """How often in a row no name server answered."""


class Resolver:
    """Answers with targets, best first; literals and what is known at once."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        names: Names,
        transports: Sequence[str] = ("udp", "tcp"),
        *,
        unasked: Iterable[str] = (),
    ) -> None:
        """``transports`` we have, preferred ones first; ``unasked`` are the kinds of questions
        (``NAPTR``, ``SRV``) that are answered by "none".
        """
        self._loop = loop
        self._names = names
        self._transports = tuple(transports)
        self._unasked = frozenset(unasked)
        self._answers: dict[Query, _Answer] = {}
        self._asking: dict[Query, asyncio.Future[list[Record]]] = {}
        self._blamed: dict[Target, float] = {}

    def known(self, hop: Hop) -> list[Target] | None:
        """The targets if nothing need be asked; None if :meth:`resolve` must."""
        if hop.is_literal:
            return [literal_target(hop)]
        steps = locate(hop, self._transports, random.random)
        try:
            query = next(steps)
            while True:
                records = self._kept(query)
                if records is None:
                    return None
                query = steps.send(records)
        except StopIteration as done:
            return self._ordered(done.value)

    async def resolve(self, hop: Hop) -> list[Target]:
        """The targets of a hop; empty if its name has no address."""
        steps = locate(hop, self._transports, random.random)
        began = self._loop.time()
        failed = False
        try:
            query = next(steps)
            while True:
                records = self._kept(query)
                if records is None:
                    in_vain = failed and self._loop.time() - began > PATIENCE
                    if in_vain or (failed and query.kind != "ADDRESS"):
                        # The others would not be answered either, and a caller waits.
                        records = []
                    else:
                        records = await self._ask(query)
                failed = failed or self._has_failed(query)
                query = steps.send(records)
        except StopIteration as done:
            return self._ordered(done.value)

    def blame(self, target: Target) -> None:
        """A target did not answer: for a while others go before it (RFC 3263 §4.3)."""
        if len(self._blamed) >= _LIMIT:
            self._blamed.clear()
        self._blamed[target] = self._loop.time() + BLAME

    def absolve(self, target: Target) -> None:
        """A target answers."""
        self._blamed.pop(target, None)

    def _ordered(self, targets: list[Target]) -> list[Target]:
        if not self._blamed:
            return targets
        now = self._loop.time()
        return sorted(targets, key=lambda target: self._blamed.get(target, 0.0) > now)

    def _kept(self, query: Query) -> list[Record] | None:
        if query.kind in self._unasked:
            return []
        found = self._answers.get(self._key(query))
        if found is None or found.expires < self._loop.time():
            return None
        return found.records

    def _has_failed(self, query: Query) -> bool:
        found = self._answers.get(self._key(query))
        return found is not None and found.failed > 0

    async def _ask(self, query: Query) -> list[Record]:
        key = self._key(query)
        asking = self._asking.get(key)
        if asking is not None:
            return await asyncio.shield(asking)
        asking = self._asking[key] = self._loop.create_future()
        records: list[Record] = []
        try:
            records = await self._look_up(key)
        finally:
            del self._asking[key]
            # Whoever asks the same meanwhile gets this answer, even where we were cancelled.
            asking.set_result(records)
        return records

    async def _look_up(self, key: Query) -> list[Record]:
        now = self._loop.time()
        old = self._answers.get(key)
        failed = 0
        try:
            records, lifetime = await self._names.ask(key)
            lifetime = min(max(lifetime, SHORTEST), LONGEST)
            stale_until = now + lifetime + (STALE if records else 0.0)
        except DnsFailure as failure:
            log.warning("%s", failure)
            failed = 1 + (old.failed if old is not None else 0)
            lifetime, records, stale_until = RETRY, [], 0.0
            if key.kind != "ADDRESS":
                # Some name servers never answer such questions: not every call shall wait again.
                lifetime = min(RETRY * 2 ** (failed - 1), SELDOM)
            if old is not None and old.stale_until > now:
                # Better where it was than nowhere.
                records, stale_until = old.records, old.stale_until
        if len(self._answers) >= _LIMIT:
            self._answers.clear()
        self._answers[key] = _Answer(records, self._loop.time() + lifetime, stale_until, failed)
        return records

    @staticmethod
    def _key(query: Query) -> Query:
        return query._replace(name=query.name.lower())

    def __repr__(self) -> str:
        return f"<Resolver {len(self._answers)} answers, {len(self._blamed)} blamed>"
