"""Questions to a name server on loopback, and to the files of the system."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.net import dns
from softswitch.net.dns import NEGATIVE, UNTIMED, Dns, DnsFailure
from softswitch.sip.routing import Naptr, Query, Srv
from tests.support.name_server import NameServer, name_server

ZONE = (
    "trunk.test. 77 IN A 192.0.2.1",
    "trunk.test. 77 IN AAAA 2001:db8::1",
    'trunk.test. 78 IN NAPTR 10 20 "s" "SIP+D2T" "" _sip._tcp.trunk.test.',
    "_sip._tcp.trunk.test. 79 IN SRV 1 2 5070 a.trunk.test.",
    "_sip._udp.trunk.test. 79 IN SRV 0 0 0 .",
    "six.test. 10 IN AAAA 2001:db8::6",
)


def asker(server: NameServer, hosts: Path = Path("/nowhere"), *, ipv6: bool = False) -> Dns:
    loop = asyncio.get_running_loop()
    return Dns(loop, ipv6=ipv6, servers=(server.address,), hosts=hosts)


@pytest.mark.parametrize(
    ("query", "records", "lifetime"),
    [
        (Query("ADDRESS", "trunk.test"), ["192.0.2.1"], 77),
        (Query("SRV", "_sip._tcp.trunk.test"), [Srv(1, 2, 5070, "a.trunk.test")], 79),
        (
            Query("NAPTR", "trunk.test"),
            [Naptr(10, 20, "SIP+D2T", "_sip._tcp.trunk.test")],
            78,
        ),
        (Query("SRV", "_sip._udp.trunk.test"), [], 79),
        (Query("SRV", "_sip._tcp.nobody.test"), [], NEGATIVE),
    ],
)
async def test_records_come_with_the_time_they_hold(
    query: Query, records: list[object], lifetime: float
) -> None:
    async with name_server(*ZONE) as server:
        assert await asker(server).ask(query) == (records, lifetime)


async def test_rules_come_in_the_order_to_try_them() -> None:
    zone = [
        'n.test. 60 IN NAPTR 100 20 "u" "E2U+sip" "!^.*$!sip:c@x!" .',
        'n.test. 60 IN NAPTR 100 10 "u" "E2U+sip" "!^\\\\+(.*)$!sip:\\\\1@x!" .',
        'n.test. 60 IN NAPTR 10 90 "u" "E2U+tel" "!^.*$!tel:+1!" .',
        'n.test. 60 IN NAPTR 5 5 "" "" "" other.test.',
    ]
    async with name_server(*zone) as server:
        rules = await asker(server).rules("n.test")
        assert [tuple(rule) for rule in rules] == [
            (10, 90, "E2U+tel", "!^.*$!tel:+1!"),
            (100, 10, "E2U+sip", r"!^\+(.*)$!sip:\1@x!"),
            (100, 20, "E2U+sip", "!^.*$!sip:c@x!"),
        ]
        assert await asker(server).rules("nobody.test") == []


async def test_a_client_waits_as_long_as_it_was_told() -> None:
    async with name_server() as server:
        server.silent = True
        loop = asyncio.get_running_loop()
        client = Dns(loop, servers=(server.address,), lifetime=0.3, patience=0.1, rotate=True)
        with pytest.raises(DnsFailure, match=r"NAPTR of n\.test"):
            await client.rules("n.test")
        assert len(server.asked) >= 2, "tries within the lifetime"


async def test_a_profile_of_ipv6_asks_for_its_addresses() -> None:
    async with name_server(*ZONE) as server:
        answer = await asker(server, ipv6=True).ask(Query("ADDRESS", "trunk.test"))
        assert answer == (["2001:db8::1"], 77)


async def test_the_hosts_of_the_machine_go_first(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("# comment\n192.0.2.9 Trunk.test alias # more\n::1 trunk.test\n")
    async with name_server(*ZONE) as server:
        client = asker(server, hosts)
        assert await client.ask(Query("ADDRESS", "trunk.test")) == (["192.0.2.9"], UNTIMED)
        assert not server.asked


async def test_single_words_are_left_to_the_system() -> None:
    async with name_server() as server:
        records, _ = await asker(server).ask(Query("ADDRESS", "localhost"))
        assert records == ["127.0.0.1"]
        assert not server.asked


async def test_silence_is_told_apart_from_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "LIFETIME", 0.05)
    monkeypatch.setattr(dns, "SERVICES", 0.05)
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "getaddrinfo", lambda *_, **__: pytest.fail("the system is asked"))
    async with name_server() as server:
        server.silent = True
        client = asker(server)
        for kind, name in (("SRV", "_sip._udp.trunk.test"), ("ADDRESS", "trunk.test")):
            with pytest.raises(DnsFailure, match=rf"of {name}: no answer from "):
                await client.ask(Query(kind, name))


async def test_a_system_that_looks_up_for_long_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dns, "LIFETIME", 0.05)
    loop = asyncio.get_running_loop()

    async def hang(*_: object, **__: object) -> None:
        await loop.create_future()

    monkeypatch.setattr(loop, "getaddrinfo", hang)
    async with name_server() as server:
        with pytest.raises(DnsFailure, match="takes too long"):
            await asker(server).ask(Query("ADDRESS", "word"))


async def test_a_name_server_that_is_dead_is_asked_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "PATIENCE", 0.05)
    async with name_server(*ZONE, host="127.0.0.2") as dead, name_server(*ZONE) as living:
        dead.silent = True
        loop = asyncio.get_running_loop()
        client = Dns(loop, servers=(dead.address, living.address), hosts=Path("/nowhere"))
        for query in (Query("NAPTR", "six.test"), Query("ADDRESS", "trunk.test")):
            await client.ask(query)
        assert (len(dead.asked), len(living.asked)) == (1, 2)


@pytest.mark.parametrize("name", ["x" * 80 + ".test", "a..test", "\udcff.test"])
async def test_names_that_are_none_have_no_address(name: str) -> None:
    async with name_server() as server:
        try:
            records, _ = await asker(server).ask(Query("ADDRESS", name))
        except DnsFailure:
            records = []
        assert records == []
