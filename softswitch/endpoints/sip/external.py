"""What we are called by outside of our own network: ``ext-sip-ip`` and ``ext-rtp-ip``.

Both may be an address, a name that is looked up (``host:name``), or what a STUN server sees
(``stun:server``); what is looked up is looked up again, so that a line that gets a new address
overnight does not go dumb.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from softswitch.net import stun
from softswitch.net.dns import DnsFailure
from softswitch.sip.routing import Query, Record, is_ip_literal
from softswitch.webrtc.stun import StunError

log = logging.getLogger(__name__)

AGAIN = 120.0
"""Seconds until a name or a STUN server is asked again."""
RETRY = 5.0
"""Seconds until it is asked again where it was of no help; each pause is twice as long."""
PATIENCE = 0.5
"""Seconds that a start waits for the answers; later ones are taken over when they come."""


class Names(Protocol):
    """Who is asked for addresses: `net.dns.Dns`."""

    async def ask(self, query: Query) -> tuple[list[Record], float]: ...


@dataclass(slots=True)
class External:
    """One address by which others know us, and how it came to be."""

    wish: str
    """The setting as written."""
    local: str
    """Our own address, which holds until another is found."""
    address: str = ""
    """What is used; empty stands for ``local``."""
    problem: str = ""
    """Why it is not what the setting wishes; empty where it is."""

    def __post_init__(self) -> None:
        kind, rest = kind_of(self.wish)
        self.address = rest if kind == "fixed" else ""

    def __str__(self) -> str:
        return self.address or self.local

    @property
    def is_looked_up(self) -> bool:
        """Whether somebody has to be asked."""
        return kind_of(self.wish)[0] in ("host", "stun")

    @property
    def reason(self) -> str:
        """Why it is this address, in words."""
        kind, rest = kind_of(self.wish)
        if self.problem:
            kept = "the last that was known" if self.address else "our own address"
            return f"{kept}, since {self.problem}"
        match kind:
            case "fixed":
                return "as the setting says"
            case "host":
                return f"the address of {rest}"
            case "stun":
                return f"as {rest} sees us"
            case "nat":
                return "our own address: routers are not asked by UPnP or NAT-PMP"
            case _:
                return "our own address"

    async def find(self, names: Names) -> bool:
        """Look it up where that is needed; True if it is another than before."""
        kind, rest = kind_of(self.wish)
        before, known = self.address, self.problem
        problem = ""
        try:
            if kind == "host":
                self.address = await _look_up(names, rest)
            elif kind == "stun":
                self.address = await _ask(names, rest, self.local)
        except (DnsFailure, OSError, StunError, ValueError) as error:
            problem = f"{rest} was of no help: {error or type(error).__name__}"
        self.problem = problem
        if problem and problem != known:
            log.warning("%s: %s; %s is used", self.wish, problem, self)
        return self.address != before

    def take_over(self, before: External) -> None:
        """Use what was found for the same wish until it is found again."""
        if self.is_looked_up and self.wish == before.wish:
            self.address = before.address

    def wait_no_longer(self) -> None:
        """Go on with what is known, since nobody has answered yet."""
        if self.is_looked_up and not self.address and not self.problem:
            self.problem = f"{kind_of(self.wish)[1]} has not answered yet"
            log.warning("%s: %s; %s is used until it does", self.wish, self.problem, self)


def kind_of(wish: str) -> tuple[str, str]:
    """What an ``ext-…-ip`` is: ``fixed``, ``host``, ``stun``, ``nat`` or ``own``, and of what."""
    wish = wish.strip()
    for prefix in ("autonat:", "auto-nat:"):
        if wish.lower().startswith(prefix):
            return "fixed", wish[len(prefix) :].strip("[]")
    low = wish.lower()
    if low in ("", "auto"):
        return "own", ""
    if low in ("auto-nat", "autonat"):
        return "nat", ""
    for kind in ("host", "stun"):
        if low.startswith(f"{kind}:"):
            return kind, wish[len(kind) + 1 :].strip()
    bare = wish.strip("[]")
    return ("fixed", bare) if is_ip_literal(bare) else ("host", wish)


async def _look_up(names: Names, name: str) -> str:
    if is_ip_literal(name):
        return name
    addresses, _ = await names.ask(Query("ADDRESS", name))
    if not addresses:
        raise ValueError("it has no address")
    return str(addresses[0])


async def _ask(names: Names, text: str, local: str) -> str:
    name, port = stun.server_address(text)
    server = await _look_up(names, name)
    source = None if local in ("0.0.0.0", "::") else (local, 0)
    host, _ = await stun.ask((server, port), source)
    return host


class Externals:
    """The two addresses of a profile, kept up to date."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        names: Names,
        sip: External,
        rtp: External,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """``changed`` is called when another address is found than `start` left behind."""
        self.sip = sip
        self.rtp = rtp
        self._loop = loop
        self._names = names
        self._changed = changed
        self._begun = False
        self._task: asyncio.Task[None] | None = None

    @property
    def problem(self) -> str:
        """Why an address that was looked for is not known; empty where both are."""
        for setting, found in (("ext-sip-ip", self.sip), ("ext-rtp-ip", self.rtp)):
            if found.problem and not found.address:
                return f"{setting}={found.wish}: {found.problem}"
        return ""

    async def start(self, patience: float | None = PATIENCE) -> asyncio.Task[None] | None:
        """Find both, waiting at most ``patience`` seconds (None: as long as it takes); the task
        that goes on finding them, where there is any need, is the caller's.
        """
        if not (self.sip.is_looked_up or self.rtp.is_looked_up):
            return None
        first = asyncio.Event()
        self._task = self._loop.create_task(self._keep(first), name="find our external addresses")
        try:
            await asyncio.wait_for(first.wait(), patience)
        except TimeoutError:
            for found in (self.sip, self.rtp):
                found.wait_no_longer()
        self._begun = True
        return self._task

    def stop(self) -> None:
        """Find nothing any more."""
        if self._task is not None:
            self._task.cancel()

    async def _find(self) -> None:
        if self.sip.wish == self.rtp.wish and self.sip.local == self.rtp.local:
            await self.sip.find(self._names)
            self.rtp.address, self.rtp.problem = self.sip.address, self.sip.problem
            return
        await asyncio.gather(self.sip.find(self._names), self.rtp.find(self._names))

    async def _keep(self, first: asyncio.Event) -> None:
        pause = RETRY
        while True:
            before = (str(self.sip), str(self.rtp))
            await self._find()
            if self._begun and (str(self.sip), str(self.rtp)) != before:
                log.warning("we are known as %s, with media at %s, now", self.sip, self.rtp)
                self._changed()
            first.set()
            failed = bool(self.sip.problem or self.rtp.problem)
            await asyncio.sleep(pause if failed else AGAIN)
            pause = min(pause * 2, AGAIN) if failed else RETRY

    def __repr__(self) -> str:
        return f"<Externals {self.sip} {self.rtp}>"
