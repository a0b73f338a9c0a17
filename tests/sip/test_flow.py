"""Flows."""

from __future__ import annotations

import pytest

from softswitch.sip.flow import Flow, bracketed, default_port

UDP = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.2", 5060))
CONNECTION = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.2", 40000), 3)


def test_flows_are_values_and_serials_tell_connections_apart() -> None:
    assert Flow("udp", ("192.0.2.1", 5060), ("192.0.2.2", 5060)) == UDP
    assert len({CONNECTION, CONNECTION._replace(serial=4), CONNECTION}) == 2


def test_only_udp_is_unreliable() -> None:
    assert not UDP.reliable
    assert CONNECTION.reliable


@pytest.mark.parametrize(
    ("flow", "host", "port", "transport", "remote", "serial"),
    [
        (UDP, "192.0.2.2", 5060, None, ("192.0.2.2", 5060), 0),
        (UDP, "192.0.2.2", None, None, ("192.0.2.2", 5060), 0),
        (UDP, "192.0.2.2", 5099, None, ("192.0.2.2", 5099), 0),
        (UDP, "192.0.2.3", None, "tls", ("192.0.2.3", 5061), 0),
        (CONNECTION, "192.0.2.2", 5060, "tcp", ("192.0.2.2", 40000), 3),
        (CONNECTION, "192.0.2.3", 5060, None, ("192.0.2.3", 5060), 0),
        (CONNECTION._replace(serial=0), "192.0.2.2", 5060, None, ("192.0.2.2", 5060), 0),
        (CONNECTION, "192.0.2.2", 5060, "udp", ("192.0.2.2", 5060), 0),
    ],
)
def test_the_flow_towards_an_address(
    flow: Flow,
    host: str,
    port: int | None,
    transport: str | None,
    remote: tuple[str, int],
    serial: int,
) -> None:
    found = flow.towards(host, port, transport)
    assert found == Flow(transport or flow.transport, flow.local, remote, serial)


def test_text_of_addresses() -> None:
    assert str(CONNECTION) == "tcp#3 192.0.2.1:5060→192.0.2.2:40000"
    assert (bracketed("::1"), bracketed("[::1]"), bracketed("a.b")) == ("[::1]", "[::1]", "a.b")
    assert (default_port("tls"), default_port("wss"), default_port("udp")) == (5061, 443, 5060)
