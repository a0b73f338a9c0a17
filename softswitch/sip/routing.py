"""Where a request goes: the next hop, and its addresses in steps that ask for DNS (RFC 3263).

Nothing here looks names up: :func:`locate` yields each question and is sent the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from softswitch.sip.flow import default_port
from softswitch.sip.memo import Memo
from softswitch.sip.uri import SipUri

_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PRIVATE_IPV4 = re.compile(
    r"10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\."
    r"|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\."
)
_NAPTR_SERVICES = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}


@dataclass(frozen=True, slots=True)
class Hop:
    """The next element on the way of a request, as its URI names it."""

    host: str
    """A name, or an address without brackets."""
    port: int | None = None
    transport: str | None = None
    """The transport the URI asks for, or None."""
    secure: bool = False
    """Whether the URI is a ``sips:`` one."""

    @property
    def is_literal(self) -> bool:
        """Whether the host is an IP address, so that there is nothing to look up."""
        return _LITERALS[self.host]

    @classmethod
    def of(cls, uri: SipUri) -> Hop:
        """The hop a URI names (§19.1.1: ``maddr`` stands before the host)."""
        host = uri.parameters.get("maddr") or uri.host
        transport = uri.transport
        secure = uri.scheme == "sips"
        if secure and transport in (None, "tcp"):
            transport = "tls"
        return cls(host.strip("[]"), uri.port, transport, secure)


class Target(NamedTuple):
    """One address to try."""

    transport: str
    host: str
    port: int


class Query(NamedTuple):
    """A question to DNS."""

    kind: str
    """``NAPTR``, ``SRV`` or ``ADDRESS`` (both A and AAAA)."""
    name: str


class Naptr(NamedTuple):
    """A NAPTR record of a SIP domain."""

    order: int
    preference: int
    service: str
    replacement: str


class Srv(NamedTuple):
    """An SRV record."""

    priority: int
    weight: int
    port: int
    target: str


Record = Naptr | Srv | str
"""An answer: ``str`` is an address."""


def is_ip_literal(host: str) -> bool:
    """Whether the host is an IPv4 or IPv6 address and not a name."""
    return ":" in host or _IPV4.fullmatch(host) is not None


_LITERALS = Memo(is_ip_literal)


def is_private(address: str) -> bool:
    """Whether an address has a meaning only inside its own network (RFC 1918, 3927, 6598)."""
    if ":" in address:
        return address[:2].lower() in ("fc", "fd") or address[:4].lower() == "fe80"
    return _PRIVATE_IPV4.match(address) is not None


def is_loopback(address: str) -> bool:
    """Whether an address means whoever uses it (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3)."""
    return address == "::1" or (address.startswith("127.") and is_ip_literal(address))


def locate(
    hop: Hop, transports: Sequence[str], chance: Callable[[], float]
) -> Generator[Query, Iterable[Record], list[Target]]:
    """The targets of a hop, best first, in the steps of RFC 3263 §4.

    Yields each question; ``send`` it the records, none where there are none. ``transports`` are
    those we have, preferred ones first; ``chance`` gives numbers in [0, 1) for the SRV weights.
    """
    fallback = _fallback(hop)
    if hop.is_literal:
        return [literal_target(hop)]
    if hop.port is not None:
        addresses = yield Query("ADDRESS", hop.host)
        return [Target(fallback, str(address), hop.port) for address in addresses]
    services = yield from _services(hop, transports)
    targets: list[Target] = []
    for transport, name in services:
        records = yield Query("SRV", name)
        for record in by_weight([each for each in records if isinstance(each, Srv)], chance):
            addresses = yield Query("ADDRESS", record.target)
            targets += [Target(transport, str(address), record.port) for address in addresses]
    if not targets:
        addresses = yield Query("ADDRESS", hop.host)
        port = default_port(fallback)
        targets = [Target(fallback, str(address), port) for address in addresses]
    return targets


def literal_target(hop: Hop) -> Target:
    """The target of a hop whose host is an address."""
    transport = _fallback(hop)
    return Target(transport, hop.host, hop.port or default_port(transport))


def _fallback(hop: Hop) -> str:
    """The transport of a hop that names none, where DNS names none either."""
    return hop.transport or ("tls" if hop.secure else "udp")


def _services(
    hop: Hop, transports: Sequence[str]
) -> Generator[Query, Iterable[Record], list[tuple[str, str]]]:
    """Which SRV names to ask for, with the transport each stands for (§4.1)."""
    if hop.transport is not None:
        return [(hop.transport, _srv_name(hop.transport, hop.host))]
    records = yield Query("NAPTR", hop.host)
    found = []
    for record in sorted(each for each in records if isinstance(each, Naptr)):
        transport = _NAPTR_SERVICES.get(record.service.upper())
        if (
            transport is not None
            and transport in transports
            and (transport == "tls" or not hop.secure)
        ):
            found.append((transport, record.replacement))
    if found:
        return found
    return [
        (transport, _srv_name(transport, hop.host))
        for transport in transports
        if transport in ("udp", "tcp", "tls") and (transport == "tls" or not hop.secure)
    ]


def _srv_name(transport: str, host: str) -> str:
    return f"_sips._tcp.{host}" if transport == "tls" else f"_sip._{transport}.{host}"


def by_weight(records: Sequence[Srv], chance: Callable[[], float]) -> list[Srv]:
    """SRV records in the order to try them: by priority, then drawn by weight (RFC 2782)."""
    ordered: list[Srv] = []
    for priority in sorted({record.priority for record in records}):
        pool = [record for record in records if record.priority == priority]
        while pool:
            point = chance() * sum(record.weight for record in pool)
            chosen = pool[-1]
            for record in pool:
                point -= record.weight
                if point < 0:
                    chosen = record
                    break
            pool.remove(chosen)
            ordered.append(chosen)
    return ordered
