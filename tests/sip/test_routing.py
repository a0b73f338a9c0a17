"""Next hops, and the steps of RFC 3263 with the records of an imaginary DNS."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from softswitch.sip.routing import (
    Hop,
    Naptr,
    Query,
    Record,
    Srv,
    Target,
    by_weight,
    is_ip_literal,
    is_loopback,
    is_private,
    locate,
)
from softswitch.sip.uri import SipUri

DNS: dict[Query, Sequence[Record]] = {
    Query("ADDRESS", "a.example.com"): ["192.0.2.1", "2001:db8::1"],
    Query("ADDRESS", "b.example.com"): ["192.0.2.2"],
    Query("ADDRESS", "plain.example.com"): ["192.0.2.3"],
    Query("SRV", "_sip._udp.example.com"): [
        Srv(20, 0, 5070, "b.example.com"),
        Srv(10, 0, 5080, "a.example.com"),
    ],
    Query("SRV", "_sip._tcp.example.com"): [Srv(1, 0, 5090, "b.example.com")],
    Query("SRV", "_sips._tcp.example.com"): [Srv(1, 0, 5061, "b.example.com")],
    Query("NAPTR", "naptr.example.com"): [
        Naptr(20, 0, "SIP+D2U", "_sip._udp.example.com"),
        Naptr(10, 5, "SIP+D2T", "_sip._tcp.example.com"),
        Naptr(10, 1, "SIP+D2S", "_sip._sctp.example.com"),
    ],
}


def walk(uri: str, transports: Sequence[str] = ("udp", "tcp")) -> tuple[list[Query], list[Target]]:
    """The questions asked, and the targets."""
    asked = []
    steps = locate(Hop.of(SipUri.parse(uri)), transports, lambda: 0.0)
    try:
        query = next(steps)
        while True:
            asked.append(query)
            query = steps.send(DNS.get(query, ()))
    except StopIteration as done:
        return asked, done.value


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("sip:x@192.0.2.9", Target("udp", "192.0.2.9", 5060)),
        ("sip:192.0.2.9:5099;transport=tcp", Target("tcp", "192.0.2.9", 5099)),
        ("sips:x@192.0.2.9", Target("tls", "192.0.2.9", 5061)),
        ("sip:x@[2001:db8::5]:5070", Target("udp", "2001:db8::5", 5070)),
        ("sip:x@example.com;maddr=192.0.2.9", Target("udp", "192.0.2.9", 5060)),
    ],
)
def test_an_address_needs_no_question(uri: str, target: Target) -> None:
    assert walk(uri) == ([], [target])


def test_a_port_asks_for_addresses_alone() -> None:
    asked, targets = walk("sip:a.example.com:5099")
    assert asked == [Query("ADDRESS", "a.example.com")]
    assert targets == [Target("udp", "192.0.2.1", 5099), Target("udp", "2001:db8::1", 5099)]


def test_a_transport_asks_for_its_service_alone() -> None:
    asked, targets = walk("sip:example.com;transport=tcp")
    assert asked[0] == Query("SRV", "_sip._tcp.example.com")
    assert targets == [Target("tcp", "192.0.2.2", 5090)]


def test_services_are_tried_by_priority() -> None:
    asked, targets = walk("sip:example.com")
    assert asked[0] == Query("NAPTR", "example.com")
    assert [target.port for target in targets] == [5080, 5080, 5070, 5090]


def test_naptr_orders_the_transports_and_unknown_ones_are_left_out() -> None:
    _, targets = walk("sip:naptr.example.com")
    assert targets[0] == Target("tcp", "192.0.2.2", 5090)
    assert targets[-1].transport == "udp"


def test_a_sips_uri_uses_tls_alone() -> None:
    _, targets = walk("sips:example.com", ("udp", "tcp", "tls"))
    assert targets == [Target("tls", "192.0.2.2", 5061)]


def test_a_name_without_services_is_a_host() -> None:
    _, targets = walk("sip:plain.example.com")
    assert targets == [Target("udp", "192.0.2.3", 5060)]


def test_a_name_without_anything_has_no_target() -> None:
    assert walk("sip:nowhere.example.com")[1] == []


def test_weights_share_the_load_within_a_priority() -> None:
    records = [Srv(1, 75, 1, "heavy"), Srv(1, 25, 2, "light"), Srv(2, 100, 3, "spare")]
    source = random.Random(1)
    orders = [by_weight(records, source.random) for _ in range(1000)]
    heavy = sum(order[0].target == "heavy" for order in orders)
    assert 700 < heavy < 800
    assert all(order[2].target == "spare" and len(order) == 3 for order in orders)
    assert len(by_weight([Srv(1, 0, 1, "x"), Srv(1, 0, 2, "y")], source.random)) == 2


def test_what_leads_everybody_to_himself() -> None:
    assert [a for a in ("127.0.0.1", "127.0.1.1", "::1") if not is_loopback(a)] == []
    assert [a for a in ("127.example.com", "128.0.0.1", "::", "fe80::1") if is_loopback(a)] == []


def test_what_is_an_address_and_what_is_private() -> None:
    assert is_ip_literal("192.0.2.1")
    assert is_ip_literal("::1")
    assert not is_ip_literal("192.0.2.1.example")
    for address in ("10.1.2.3", "172.16.0.1", "172.31.9.9", "192.168.1.1", "100.64.0.1", "fe80::1"):
        assert is_private(address)
    for address in ("8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.2.1", "2001:db8::1"):
        assert not is_private(address)
