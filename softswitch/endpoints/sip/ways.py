"""The addresses of a hop, one tried after the other (RFC 3263 §4.3); large requests go by TCP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.routing import Hop, Target

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.flow import Flow

LARGE = 1300
"""Octets beyond which a request would not fit into a datagram of every network (§18.1.1)."""

PATIENCE = 8.0
"""Seconds that a request sent by TCP for its size may stay without any answer. A connection that is
refused tells at once (§18.1.1); what swallows it, or takes it and never answers, is tried by UDP
while the caller still waits.
"""


class Ways:
    """What leads to one hop. Ask `known` first, and `find` where that is False."""

    def __init__(self, profile: Profile, hop: Hop) -> None:
        self.hop = hop
        self._profile = profile
        self._targets: list[Target] = []
        self._current: Target | None = None
        self._streamed: set[Target] = set()
        """Those whose turn by TCP has been."""

    @property
    def known(self) -> bool:
        """Whether nothing need be looked up."""
        targets = self._profile.resolver.known(self.hop)
        if targets is None:
            return False
        self._targets = list(targets)
        return True

    async def find(self) -> None:
        """Look the hop's name up."""
        self._targets = list(await self._profile.resolver.resolve(self.hop))

    def next(self) -> Flow | None:
        """The flow to the next address; None where there is none left."""
        while self._targets:
            target = self._current = self._targets.pop(0)
            flow = self._flow(target)
            if flow is not None:
                return flow
        self._current = None
        return None

    def for_size(self, flow: Flow, size: int) -> Flow:
        """The flow for a request of that size: by TCP to the same address if it is large.

        Where the URI asks for UDP it stays there, and where a phone registered by UDP: behind a
        firewall nothing would answer by TCP. So it does where TCP turns out not to work.
        """
        target = self._current
        if size <= LARGE or flow.transport != "udp" or self.hop.transport or target is None:
            return flow
        if target in self._streamed:
            return flow
        if self._profile.location.of_flow("udp", target.host, target.port):
            return flow
        self._streamed.add(target)
        stream = target._replace(transport="tcp")
        found = self._flow(stream)
        if found is None:
            return flow
        self._targets.insert(0, target)
        self._current = stream
        return found

    def failed(self) -> None:
        """The latest did not answer: others, and other calls, try it last."""
        if self._current is not None:
            self._profile.resolver.blame(self._current)

    def answered(self) -> None:
        """The latest answers."""
        if self._current is not None:
            self._profile.resolver.absolve(self._current)

    def _flow(self, target: Target) -> Flow | None:
        name = "" if self.hop.is_literal else self.hop.host
        return self._profile.driver.flow_to(target.transport, target.host, target.port, name)

    def __repr__(self) -> str:
        return f"<Ways to {self.hop.host}: {self._current}, then {self._targets}>"
