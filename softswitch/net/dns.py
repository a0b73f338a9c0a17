"""Questions to DNS, without waiting: NAPTR, SRV and addresses with the time they may be kept."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import NamedTuple

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver

from softswitch.sip.routing import Naptr, Query, Record, Srv

log = logging.getLogger(__name__)

LIFETIME = 2.0
"""Seconds that the question for an address may take: a caller waits for it."""
SERVICES = 1.0
"""Seconds that one for services may take; without an answer the address is asked for."""
PATIENCE = 0.7
"""Seconds until the next name server is tried, or the only one again."""
UNTIMED = 60.0
"""Seconds that answers are kept which do not tell how long."""
NEGATIVE = 30.0
"""At most so many seconds is it believed that there is nothing."""
_HOSTS = Path("/etc/hosts")


class NaptrRule(NamedTuple):
    """A NAPTR record that makes something of what was looked for (RFC 3403 §4)."""

    order: int
    preference: int
    service: str
    regexp: str
    """``!expression!replacement!flags``, whatever the first character is."""


class DnsFailure(Exception):
    """Nobody could tell; the text says why. What was known before may be used on."""


class Dns:
    """The name servers of this machine, and its ``/etc/hosts``, which goes before them."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        ipv6: bool = False,
        servers: tuple[tuple[str, int], ...] = (),
        hosts: Path = _HOSTS,
        lifetime: float = 0,
        patience: float = 0,
        rotate: bool = False,
    ) -> None:
        """``ipv6`` asks for AAAA in place of A; ``servers`` replace those of ``resolv.conf``.

        A question takes ``lifetime`` seconds at most (`LIFETIME`, `SERVICES`), one try
        ``patience``; ``rotate`` asks the servers in random order.
        """
        self._loop = loop
        self._ipv6 = ipv6
        self._hosts = hosts
        self._lifetime = lifetime
        self._resolver: dns.asyncresolver.Resolver | None = None
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            log.info("no name server is configured: names are asked of the system")
        if self._resolver is not None and servers:
            self._resolver.nameservers = [host for host, _ in servers]
            self._resolver.nameserver_ports = dict(servers)
        if self._resolver is not None:
            self._resolver.timeout = patience or min(self._resolver.timeout, PATIENCE)
            self._resolver.rotate = rotate

    async def ask(self, query: Query) -> tuple[list[Record], float]:
        """The records and the seconds they hold; none where there are none.

        Raises `DnsFailure` where nobody can tell.
        """
        if query.kind == "ADDRESS":
            return await self._addresses(query.name)
        if self._resolver is None:
            return [], UNTIMED
        return await self._records(query.name, query.kind)

    async def _addresses(self, name: str) -> tuple[list[Record], float]:
        written = await self._loop.run_in_executor(None, self._written, name)
        if written:
            return list(written), UNTIMED
        if self._resolver is not None and "." in name.rstrip("."):
            # Where the servers are silent the system would ask the same ones, for longer.
            records, lifetime = await self._records(name, "AAAA" if self._ipv6 else "A")
            if records:
                return records, lifetime
        # Single words, and what other services of the system know.
        family = socket.AF_INET6 if self._ipv6 else socket.AF_INET
        asking = self._loop.getaddrinfo(name, None, family=family, type=socket.SOCK_DGRAM)
        try:
            found = await asyncio.wait_for(asking, self._lifetime or LIFETIME)
        except TimeoutError:
            raise DnsFailure(f"{name}: the system's look-up takes too long") from None
        except (OSError, UnicodeError):
            return [], NEGATIVE
        return list(dict.fromkeys(str(entry[4][0]) for entry in found)), UNTIMED

    async def rules(self, name: str) -> list[NaptrRule]:
        """The NAPTR records of a name that hold an expression, those to be tried first in front.

        Raises `DnsFailure` where nobody can tell.
        """
        answer = await self._resolve(name, "NAPTR") if self._resolver is not None else None
        if answer is None:
            return []
        return [
            NaptrRule(
                item.order,
                item.preference,
                item.service.decode("ascii", "replace"),
                item.regexp.decode("utf-8", "replace"),
            )
            for item in sorted(answer, key=lambda item: item.to_digestable())
            if item.regexp
        ]

    async def _resolve(self, name: str, kind: str) -> dns.resolver.Answer | None:
        """What a name server says; None where there is nothing. Raises `DnsFailure`."""
        assert self._resolver is not None
        usual = SERVICES if kind in ("NAPTR", "SRV") else LIFETIME
        try:
            answer = await self._resolver.resolve(
                name, kind, lifetime=self._lifetime or usual, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return None
        except dns.exception.Timeout:
            servers = ", ".join(str(server) for server in self._resolver.nameservers)
            raise DnsFailure(f"{kind} of {name}: no answer from {servers}") from None
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise DnsFailure(f"{kind} of {name}: {error}") from None
        self._prefer(answer.nameserver)
        return answer if answer.rrset is not None else None

    def _prefer(self, server: object) -> None:
        """Ask the one that answered first from now on: a dead one before it costs every call."""
        assert self._resolver is not None
        servers = list(self._resolver.nameservers)
        if not self._resolver.rotate and server in servers[1:]:
            self._resolver.nameservers = sorted(servers, key=lambda one: one != server)

    async def _records(self, name: str, kind: str) -> tuple[list[Record], float]:
        answer = await self._resolve(name, kind)
        if answer is None:
            return [], NEGATIVE
        lifetime = float(answer.rrset.ttl) if answer.rrset is not None else NEGATIVE
        found: list[Record] = []
        for item in answer:
            match kind:
                case "SRV":
                    target = _plain(item.target)
                    # A lone dot: there is decidedly no such service (RFC 2782).
                    if target:
                        found.append(Srv(item.priority, item.weight, item.port, target))
                case "NAPTR":
                    service = item.service.decode("ascii", "replace")
                    replacement = _plain(item.replacement)
                    if replacement:
                        found.append(Naptr(item.order, item.preference, service, replacement))
                case _:
                    found.append(item.address)
        return found, lifetime

    def _written(self, name: str) -> list[str]:
        """The addresses of ``/etc/hosts``."""
        try:
            lines = self._hosts.read_text("utf-8", "replace").splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            words = line.partition("#")[0].split()
            if len(words) > 1 and name.lower() in (word.lower() for word in words[1:]):
                address = words[0]
                if (":" in address) is self._ipv6:
                    found.append(address)
        return found

    def __repr__(self) -> str:
        servers = self._resolver.nameservers if self._resolver is not None else []
        return f"<Dns {servers}>"


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).strip(".")
