"""The resolver, with name servers that know a few names."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from softswitch.net.dns import DnsFailure
from softswitch.net.resolver import BLAME, SELDOM, Resolver
from softswitch.sip.routing import Hop, Naptr, Query, Record, Srv, Target

ADDRESS = Query("ADDRESS", "trunk.test")


class World:
    """Name servers and the clock."""

    def __init__(
        self,
        *,
        lifetime: float = 60.0,
        unasked: tuple[str, ...] = (),
        deaf: tuple[str, ...] = (),
        takes: float = 0.0,
    ) -> None:
        self.records: dict[Query, list[Record]] = {}
        self.asked: list[Query] = []
        self.now = 0.0
        self.lifetime = lifetime
        self.down = False
        self.deaf = deaf
        self.takes = takes
        self.resolver = Resolver(self, self, ("udp", "tcp"), unasked=unasked)  # type: ignore[arg-type]

    def time(self) -> float:
        return self.now

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()

    async def ask(self, query: Query) -> tuple[list[Record], float]:
        self.asked.append(query)
        await asyncio.sleep(0)
        self.now += self.takes
        if self.down or query.kind in self.deaf:
            raise DnsFailure("nobody there")
        return self.records.get(query, []), self.lifetime


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
async def test_an_address_is_its_own_target_at_once(host: str) -> None:
    world = World()
    hop = Hop(host, 5070, "tcp")
    assert world.resolver.known(hop) == [Target("tcp", host, 5070)]
    assert await world.resolver.resolve(hop) == [Target("tcp", host, 5070)]
    assert world.asked == []


async def test_a_name_is_asked_for_once_and_known_as_long_as_it_says() -> None:
    world = World()
    world.records[ADDRESS] = ["192.0.2.1", "192.0.2.2"]
    hop = Hop("Trunk.test", 5070, "udp")
    assert world.resolver.known(hop) is None
    targets = [Target("udp", "192.0.2.1", 5070), Target("udp", "192.0.2.2", 5070)]
    assert await world.resolver.resolve(hop) == targets
    assert world.resolver.known(hop) == targets
    world.now = 59.0
    assert await world.resolver.resolve(hop) == targets
    assert world.asked == [ADDRESS]
    world.now = 61.0
    world.records[ADDRESS] = ["192.0.2.9"]
    assert world.resolver.known(hop) is None
    assert await world.resolver.resolve(hop) == [Target("udp", "192.0.2.9", 5070)]


async def test_services_lead_to_addresses_in_their_order() -> None:
    world = World()
    world.records = {
        Query("NAPTR", "trunk.test"): [Naptr(1, 1, "SIP+D2T", "_sip._tcp.trunk.test")],
        Query("SRV", "_sip._tcp.trunk.test"): [
            Srv(2, 0, 5071, "b.test"),
            Srv(1, 0, 5070, "a.test"),
        ],
        Query("ADDRESS", "a.test"): ["192.0.2.1"],
        Query("ADDRESS", "b.test"): ["192.0.2.2"],
    }
    assert await world.resolver.resolve(Hop("trunk.test")) == [
        Target("tcp", "192.0.2.1", 5070),
        Target("tcp", "192.0.2.2", 5071),
    ]


async def test_kinds_that_are_off_are_not_asked_for() -> None:
    world = World(unasked=("SRV", "NAPTR"))
    world.records[ADDRESS] = ["192.0.2.1"]
    assert await world.resolver.resolve(Hop("trunk.test")) == [Target("udp", "192.0.2.1", 5060)]
    assert world.asked == [ADDRESS]


async def test_who_asks_the_same_at_once_is_answered_by_one_question() -> None:
    world = World()
    world.records[ADDRESS] = ["192.0.2.1"]
    hop = Hop("trunk.test", 5060, "udp")
    first, second = await asyncio.gather(world.resolver.resolve(hop), world.resolver.resolve(hop))
    assert first == second == [Target("udp", "192.0.2.1", 5060)]
    assert world.asked == [ADDRESS]


async def test_an_old_answer_is_better_than_none_where_name_servers_are_silent() -> None:
    world = World()
    world.records[ADDRESS] = ["192.0.2.1"]
    hop = Hop("trunk.test", 5060, "udp")
    await world.resolver.resolve(hop)
    world.now, world.down = 100.0, True
    assert await world.resolver.resolve(hop) == [Target("udp", "192.0.2.1", 5060)]
    world.now = 4000.0
    assert await world.resolver.resolve(hop) == []
    world.now, world.down = 4010.0, False
    assert await world.resolver.resolve(hop) == [Target("udp", "192.0.2.1", 5060)]


async def test_after_a_silence_services_are_not_waited_for_one_by_one() -> None:
    world = World()
    world.down = True
    assert await world.resolver.resolve(Hop("trunk.test")) == []
    assert [query.kind for query in world.asked] == ["NAPTR", "ADDRESS"]


async def test_services_that_are_never_answered_are_asked_for_less_and_less() -> None:
    world = World(deaf=("NAPTR", "SRV"))
    world.records[ADDRESS] = ["192.0.2.1"]
    for second in range(1000):
        world.now = float(second)
        assert await world.resolver.resolve(Hop("trunk.test")) != []
    asked = [query.kind for query in world.asked]
    assert "SRV" not in asked
    assert asked.count("NAPTR") == 4 + -(-(1000 - 75) // (SELDOM + 1))


async def test_one_name_without_an_answer_takes_no_services_from_another() -> None:
    world = World()
    world.down = True
    await world.resolver.resolve(Hop("trunk.test"))
    world.down = False
    world.records[Query("SRV", "_sip._udp.other.test")] = [Srv(0, 0, 5070, "a.test")]
    world.records[Query("ADDRESS", "a.test")] = ["192.0.2.1"]
    assert await world.resolver.resolve(Hop("other.test")) == [Target("udp", "192.0.2.1", 5070)]


async def test_a_caller_does_not_wait_for_address_after_address() -> None:
    world = World(deaf=("NAPTR", "ADDRESS"), takes=1.5)
    query = Query("NAPTR", "trunk.test")
    world.records[query] = [Naptr(1, 1, "SIP+D2U", "_sip._udp.trunk.test")]
    world.resolver = Resolver(world, world, ("udp",), unasked=("NAPTR",))  # type: ignore[arg-type]
    hosts = [Srv(0, 0, 5060, f"{number}.test") for number in range(9)]
    world.records[Query("SRV", "_sip._udp.trunk.test")] = list(hosts)
    assert await world.resolver.resolve(Hop("trunk.test")) == []
    assert [item.kind for item in world.asked] == ["SRV", "ADDRESS"]


async def test_a_target_that_failed_is_tried_last_for_a_while() -> None:
    world = World(lifetime=1e6)
    world.records[ADDRESS] = ["192.0.2.1", "192.0.2.2"]
    hop = Hop("trunk.test", 5060, "udp")
    one, two = await world.resolver.resolve(hop)
    world.resolver.blame(one)
    assert await world.resolver.resolve(hop) == [two, one]
    assert world.resolver.known(hop) == [two, one]
    world.resolver.absolve(one)
    assert await world.resolver.resolve(hop) == [one, two]
    world.resolver.blame(one)
    world.now += BLAME + 1
    assert await world.resolver.resolve(hop) == [one, two]


async def test_names_beyond_measure_do_not_pile_up() -> None:
    world = World()
    for number in range(5000):
        await world.resolver.resolve(Hop(f"name{number}", 5060, "udp"))
    assert len(world.resolver._answers) <= 4096
