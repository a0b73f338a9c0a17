"""``sofia_dig``: where a SIP URI leads, step by step (RFC 3263)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.endpoints.sip.addresses import uri_of
from softswitch.endpoints.sip.commands import sip_of
from softswitch.net.dns import DnsFailure
from softswitch.registry import command
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import default_port
from softswitch.sip.routing import Hop, Naptr, Query, Srv

if TYPE_CHECKING:
    from softswitch.net.resolver import Names
    from softswitch.sip.routing import Record
    from softswitch.switch.commands import CommandCall

USAGE = "usage: sofia_dig [OPTIONS] [@dnsserver] uri\n"
_SERVICES = {
    "udp": ("SIP+D2U", "_sip._udp."),
    "tcp": ("SIP+D2T", "_sip._tcp."),
    "sctp": ("SIP+D2S", "_sip._sctp."),
    "tls": ("SIPS+D2T", "_sips._tcp."),
    "tls-sctp": ("SIPS+D2S", "_sips._sctp."),
}
"""Transports in the order they are asked for, with their NAPTR service and SRV prefix."""


@dataclass(frozen=True, slots=True)
class Way:
    """One address, of what preference, with its share of the calls."""

    preference: int
    weight: float
    transport: str
    port: int
    address: str

    def line(self) -> str:
        """As one line of a table."""
        first = f"{self.preference:>10}\t{self.weight:>10.3f}\t{self.transport:>10}"
        return f"{first}\t{self.port:>10}\t{self.address:>10}\n"

    def xml(self) -> str:
        """As an element."""
        return (
            f" <route>\n  <preference>{self.preference}</preference>\n"
            f"  <weight>{self.weight:.3f}</weight>\n  <transport>{self.transport}</transport>\n"
            f"  <port>{self.port}</port>\n  <address>{self.address}</address>\n </route>\n"
        )


class _Wrong(ValueError):
    """An option that there is none of."""


@dataclass(slots=True)
class _Options:
    as_xml: bool = False
    families: tuple[int, ...] = ()
    transports: tuple[str, ...] = ()
    without_sctp: bool = False
    uris: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The transports to ask for."""
        every = [name for name in _SERVICES if not (self.without_sctp and name.endswith("sctp"))]
        return self.transports or tuple(every)

    def wants(self, address: str) -> bool:
        """Whether addresses of that family are wished."""
        return not self.families or (6 if ":" in address else 4) in self.families

    @classmethod
    def read(cls, words: list[str]) -> _Options:
        """Raises `_Wrong`."""
        options, words = cls(), list(words)
        if words and words[0].lower() == "xml":
            options.as_xml = bool(words.pop(0))
        while words and words[0].startswith("-"):
            word = words.pop(0)
            if word == "-":
                break
            options._take(word, words)
        options.uris = tuple(words)
        if not words:
            raise _Wrong
        return options

    def _take(self, word: str, rest: list[str]) -> None:
        if word in ("-4", "-6"):
            self.families += (int(word[1]),)
        elif word == "--no-sctp":
            self.without_sctp = True
        else:
            name = word[2:].removeprefix("=")
            if word == "-p" and rest:
                name = rest.pop(0)
            elif not word.startswith(("-p", "--")):
                raise _Wrong
            if name.lower() not in _SERVICES:
                raise _Wrong
            self.transports += (name.lower(),)


@command("sofia_dig", syntax="[xml] [options] [<profile>/]<uri|host[:port]> ...",
         module="mod_sofia")  # fmt: skip
async def sofia_dig(call: CommandCall, arguments: str) -> str:
    """The addresses that a SIP URI leads to, in the order they would be tried (RFC 3263).

    ``-4`` and ``-6`` choose a family of addresses; ``-p NAME``, ``--udp``, ``--tcp`` and ``--tls``
    the transports that are asked for, ``--no-sctp`` all but those of SCTP.
    """
    try:
        options = _Options.read(arguments.split())
    except _Wrong:
        return USAGE
    heads = ("Preference", "Weight", "Transport", "Port", "Address")
    parts = ["<routes>\n"]
    if not options.as_xml:
        parts = ["\t".join(f"{head:>10}" for head in heads) + "\n", "=" * 80 + "\n"]
    for asked in options.uris:
        name, slash, text = asked.partition("/")
        profiles = sip_of(call).profiles
        profile = sip_of(call).profile(name) if slash else next(iter(profiles.values()), None)
        if profile is None:
            return USAGE
        if len(options.uris) > 1:
            parts.append(asked)
        try:
            hop = Hop.of(uri_of(text if slash else asked))
        except RemoteProtocolError as error:
            parts.append(f"-ERR: {asked}: {error.reason}\n")
            continue
        ways = [way async for way in _ways(hop, profile.dns, options.asked)]
        ways = [way for way in ways if options.wants(way.address)]
        parts += [way.xml() if options.as_xml else way.line() for way in ways]
        if not ways:
            parts.append(f"-ERR: {asked}: not found\n")
    return "".join(parts) + ("</routes>\n" if options.as_xml else "")


async def _ways(hop: Hop, names: Names, transports: Sequence[str]) -> AsyncIterator[Way]:
    """The ways to a hop: by services where it names neither port nor transport."""
    usual = [hop.transport] if hop.transport else ["tls"] if hop.secure else ["udp", "tcp"]
    if hop.is_literal:
        for place, transport in enumerate(usual, start=1):
            yield Way(place, 1.0, transport, hop.port or default_port(transport), hop.host)
        return
    found = False
    if hop.port is None:
        wanted = [hop.transport] if hop.transport else list(transports)
        wanted = [each for each in wanted if each.startswith("tls") or not hop.secure]
        services = [] if hop.transport else await _named(hop.host, names, wanted)
        async for way in _served(
            names, services or [(each, _SERVICES[each][1] + hop.host) for each in wanted
                                if each in _SERVICES], bool(services)
        ):  # fmt: skip
            found = True
            yield way
    if not found:
        addresses = await _ask(names, Query("ADDRESS", hop.host))
        chosen = [each for each in usual if each in transports]
        for address in addresses:
            for transport in chosen:
                share = 1 / len(addresses) / len(chosen)
                port = hop.port or default_port(transport)
                yield Way(1, share, transport, port, str(address))


async def _named(host: str, names: Names, transports: Sequence[str]) -> list[tuple[str, str]]:
    """Transports and SRV names by the NAPTR records of least order."""
    by_service = {_SERVICES[name][0]: name for name in transports if name in _SERVICES}
    answers = await _ask(names, Query("NAPTR", host))
    records = sorted(each for each in answers if isinstance(each, Naptr))
    known = [each for each in records if each.service.upper() in by_service]
    return [
        (by_service[each.service.upper()], each.replacement)
        for each in known
        if each.order == known[0].order
    ]


async def _served(
    names: Names, services: Sequence[tuple[str, str]], every: bool
) -> AsyncIterator[Way]:
    """The addresses of services: each group of one priority has a preference of its own.

    ``every`` says that those without records have their share too, as NAPTR named them.
    """
    answers = [(transport, await _ask(names, Query("SRV", name))) for transport, name in services]
    if not every:
        answers = [(transport, records) for transport, records in answers if records]
    preference = 1
    for transport, records in answers:
        servers = [each for each in records if isinstance(each, Srv)]
        for priority in sorted({each.priority for each in servers}):
            group = [each for each in servers if each.priority == priority]
            whole = sum(each.weight for each in group) or len(group)
            for server in group:
                share = (server.weight or (whole == len(group))) / whole / len(answers)
                addresses = await _ask(names, Query("ADDRESS", server.target))
                for address in addresses:
                    weight = share / len(addresses)
                    yield Way(preference, weight, transport, server.port, str(address))
            preference += 1


async def _ask(names: Names, query: Query) -> list[Record]:
    try:
        return (await names.ask(query))[0]
    except DnsFailure:
        return []
