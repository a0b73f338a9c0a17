"""Where SIP URIs lead, told step by step."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip import dig_command
from softswitch.sip.routing import Naptr, Query, Record, Srv
from tests.support.sip_bench import sip_bench

pytestmark = pytest.mark.virtual_time

HEAD = [["Preference", "Weight", "Transport", "Port", "Address"], ["=" * 80]]
NAMES: dict[Query, list[Record]] = {
    Query("NAPTR", "trunk.test"): [
        Naptr(20, 0, "SIP+D2T", "_sip._tcp.trunk.test"),
        Naptr(10, 0, "SIP+D2U", "_sip._udp.trunk.test"),
    ],
    Query("SRV", "_sip._udp.trunk.test"): [
        Srv(1, 3, 5070, "a.trunk.test"),
        Srv(1, 1, 5071, "b.trunk.test"),
        Srv(2, 0, 5072, "b.trunk.test"),
    ],
    Query("SRV", "_sip._tcp.trunk.test"): [Srv(5, 0, 5080, "b.trunk.test")],
    Query("SRV", "_sips._tcp.trunk.test"): [Srv(5, 0, 5061, "b.trunk.test")],
    Query("ADDRESS", "a.trunk.test"): ["192.0.2.1", "2001:db8::1"],
    Query("ADDRESS", "b.trunk.test"): ["192.0.2.2"],
    Query("ADDRESS", "plain.test"): ["192.0.2.9"],
}
UDP = [
    "1 0.375 udp 5070 192.0.2.1",
    "1 0.375 udp 5070 2001:db8::1",
    "1 0.250 udp 5071 192.0.2.2",
    "2 1.000 udp 5072 192.0.2.2",
]
TOLD = (
    ("trunk.test", UDP),
    ("sip:trunk.test", UDP),
    ("internal/sip:trunk.test", UDP),
    ("-4 trunk.test", [UDP[0], *UDP[2:]]),
    ("-6 trunk.test", [UDP[1]]),
    ("--tcp trunk.test", ["1 1.000 tcp 5080 192.0.2.2"]),
    ("-p tcp trunk.test", ["1 1.000 tcp 5080 192.0.2.2"]),
    ("-p=tcp --udp trunk.test", UDP),
    ("trunk.test;transport=tcp", ["1 1.000 tcp 5080 192.0.2.2"]),
    ("sips:trunk.test", ["1 1.000 tls 5061 192.0.2.2"]),
    ("plain.test", ["1 0.500 udp 5060 192.0.2.9", "1 0.500 tcp 5060 192.0.2.9"]),
    ("plain.test:5090", ["1 0.500 udp 5090 192.0.2.9", "1 0.500 tcp 5090 192.0.2.9"]),
    ("192.0.2.7", ["1 1.000 udp 5060 192.0.2.7", "2 1.000 tcp 5060 192.0.2.7"]),
    ("192.0.2.7;transport=tls", ["1 1.000 tls 5061 192.0.2.7"]),
    ("nowhere.test", ["-ERR: nowhere.test: not found"]),
    ("internal/a@b@c", ["-ERR: internal/a@b@c: Malformed URI"]),
)


@pytest.mark.parametrize(("asked", "told"), TOLD)
async def test_where_a_uri_leads(tmp_path: Path, asked: str, told: list[str]) -> None:
    async with sip_bench(tmp_path) as running:
        running.air.names = NAMES
        lines = (await running.switch.run_command(f"sofia_dig {asked}")).splitlines()
        assert [line.split() for line in lines] == HEAD + [line.split() for line in told]


@pytest.mark.parametrize("wrong", ["", "xml", "-x a", "--teapot a", "-p", "nosuch/a.test", "-4"])
async def test_what_it_is_not_asked_for(tmp_path: Path, wrong: str) -> None:
    async with sip_bench(tmp_path) as running:
        assert await running.switch.run_command(f"sofia_dig {wrong}") == dig_command.USAGE


async def test_several_are_told_apart(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        running.air.names = NAMES
        told = await running.switch.run_command("sofia_dig --udp plain.test nowhere.test")
        assert told.splitlines()[2:] == [
            "plain.test         1\t     1.000\t       udp\t      5060\t 192.0.2.9",
            "nowhere.test-ERR: nowhere.test: not found",
        ]


async def test_ways_are_told_as_xml(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        told = await running.switch.run_command("sofia_dig xml internal/192.0.2.77:5099")
        ways = [
            f" <route>\n  <preference>{place}</preference>\n  <weight>1.000</weight>\n"
            f"  <transport>{transport}</transport>\n  <port>5099</port>\n"
            "  <address>192.0.2.77</address>\n </route>\n"
            for place, transport in ((1, "udp"), (2, "tcp"))
        ]
        assert told == f"<routes>\n{''.join(ways)}</routes>\n"
