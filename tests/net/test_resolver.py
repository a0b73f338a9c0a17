"""The resolver, with a loop that knows a few names."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from softswitch.net.resolver import Resolver
from softswitch.sip.routing import Hop, Target


class Names:
    """A loop's clock and its ``getaddrinfo``."""

    def __init__(self, **names: list[str]) -> None:
        self.names = names
        self.asked: list[str] = []
        self.now = 0.0

    def time(self) -> float:
        return self.now

    async def getaddrinfo(self, host: str, port: int | None, *, type: int) -> list[Any]:
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(2, type, 17, "", (address, 0)) for address in self.names[host]]


def resolver(names: Names) -> Resolver:
    return Resolver(names, ("udp", "tcp"), lifetime=60, failure_lifetime=5)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
async def test_an_address_is_its_own_target_at_once(host: str) -> None:
    names = Names()
    hop = Hop(host, 5070, "tcp")
    assert resolver(names).known(hop) == [Target("tcp", host, 5070)]
    assert await resolver(names).resolve(hop) == [Target("tcp", host, 5070)]
    assert names.asked == []


async def test_a_name_is_looked_up_once_and_then_known() -> None:
    names = Names(trunk=["192.0.2.1", "192.0.2.2", "192.0.2.1"])
    found = resolver(names)
    hop = Hop("trunk")
    assert found.known(hop) is None
    targets = [Target("udp", "192.0.2.1", 5060), Target("udp", "192.0.2.2", 5060)]
    assert await found.resolve(hop) == targets
    assert found.known(Hop("TRUNK")) == targets
    assert await found.resolve(hop) == targets
    assert names.asked == ["trunk"]


async def test_what_is_known_is_forgotten_after_its_time() -> None:
    names = Names(trunk=["192.0.2.1"])
    found = resolver(names)
    await found.resolve(Hop("trunk"))
    names.now = 61.0
    names.names["trunk"] = ["192.0.2.9"]
    assert found.known(Hop("trunk")) is None
    assert await found.resolve(Hop("trunk")) == [Target("udp", "192.0.2.9", 5060)]


async def test_a_name_without_an_address_has_no_target_and_is_asked_again_soon() -> None:
    names = Names()
    found = resolver(names)
    assert await found.resolve(Hop("nobody")) == []
    assert found.known(Hop("nobody")) == []
    names.now = 6.0
    assert found.known(Hop("nobody")) is None


async def test_names_beyond_measure_do_not_pile_up() -> None:
    names = Names()
    found = resolver(names)
    for number in range(5000):
        await found.resolve(Hop(f"name{number}"))
    assert len(found._addresses) <= 4096


async def test_the_loops_own_resolver_knows_localhost() -> None:
    found = Resolver(asyncio.get_running_loop())
    targets = await found.resolve(Hop("localhost", 5070))
    assert targets[0].port == 5070
    assert targets[0].host in ("127.0.0.1", "::1")
