"""A house behind a NAT and the world outside of it, each a network namespace."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

import pytest

from tests.support.programs import needs

OUTSIDE, ROUTER = "198.18.0.2", "198.18.0.1"
"""The switch, and the NAT as the switch sees it."""
INSIDE = "10.77.0.2"
"""The phone, at an address that means nothing outside."""

needs_namespaces = [
    needs("ip"),
    needs("nft"),
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces are made by root alone"),
]


@dataclass(frozen=True, slots=True)
class House:
    """The namespaces' names."""

    inside: str
    router: str
    outside: str

    @staticmethod
    def within(namespace: str, *command: str) -> list[str]:
        """A command that runs in a namespace."""
        return ["ip", "netns", "exec", namespace, *command]


class Kind(StrEnum):
    """How the NAT deals with UDP (RFC 4787 §4.1, §5; the names are RFC 3489's)."""

    PORT_RESTRICTED = "port-restricted cone"
    """The phone's own port for all peers; only those that it sent to are let in."""
    SYMMETRIC = "symmetric"
    """Another port for each peer, which alone is let in."""
    FULL_CONE = "full cone"
    """One port for all peers, which is not the phone's own; everybody is let in by it."""


PHONE_PORTS = (5060, *range(10000, 10020))
"""The phone's ports that the full cone has a mapping for."""
SHIFT = 20000
"""How far its mappings are from them."""
_MASQUERADE = """table ip nat {{ chain out {{ type nat hook postrouting priority 100;
 oifname "{wide}" masquerade{how}; }}; }}"""
_CONE = """table ip nat {{
 chain out {{ type nat hook postrouting priority 100;
  oifname "{wide}" ip saddr {inside} ip protocol udp snat to {router}:udp sport map {{ {out} }};
 }}
 chain in {{ type nat hook prerouting priority -100;
  iifname "{wide}" ip protocol udp dnat to {inside}:udp dport map {{ {back} }};
 }}
}}"""


def _rules(kind: Kind, wide: str) -> str:
    """What nft is told; ``wide`` is the interface to the world."""
    if kind is Kind.FULL_CONE:
        out = ", ".join(f"{port} : {port + SHIFT}" for port in PHONE_PORTS)
        back = ", ".join(f"{port + SHIFT} : {port}" for port in PHONE_PORTS)
        return _CONE.format(wide=wide, inside=INSIDE, router=ROUTER, out=out, back=back)
    how = " fully-random" if kind is Kind.SYMMETRIC else ""
    return _MASQUERADE.format(wide=wide, how=how)


@asynccontextmanager
async def house(kind: Kind) -> AsyncIterator[House]:
    """Build it."""
    tag = f"s{os.getpid() % 10000}"
    found = House(f"{tag}in", f"{tag}nat", f"{tag}out")
    names = (found.inside, found.router, found.outside)
    rules = _rules(kind, f"{tag}w1")
    try:
        for name in names:
            await run("ip", "netns", "add", name)
            await run("ip", "-n", name, "link", "set", "lo", "up")
        for near, inside, far in ((f"{tag}p", names[0], names[1]), (f"{tag}w", names[2], names[1])):
            await run(
                *("ip", "link", "add", f"{near}0", "netns", inside, "type", "veth"),
                *("peer", "name", f"{near}1", "netns", far),
            )
        for name, link, address in (
            (names[0], f"{tag}p0", INSIDE),
            (names[1], f"{tag}p1", "10.77.0.1"),
            (names[1], f"{tag}w1", ROUTER),
            (names[2], f"{tag}w0", OUTSIDE),
        ):
            await run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", link)
            await run("ip", "-n", name, "link", "set", link, "up")
        await run("ip", "-n", names[0], "route", "add", "default", "via", "10.77.0.1")
        forward = "echo 1 > /proc/sys/net/ipv4/ip_forward"
        await run(*House.within(names[1], "sh", "-c", forward))
        await run(*House.within(names[1], "nft", rules))
        yield found
    finally:
        for name in names:
            await run("ip", "netns", "del", name, check=False)


async def run(*command: str, check: bool = True) -> None:
    """Run a command; what it says is told where it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    assert not check or process.returncode == 0, f"{command}: {out.decode()}"
