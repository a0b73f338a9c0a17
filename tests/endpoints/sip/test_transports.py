"""What a profile cannot serve, and the addresses of its WebSockets."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from softswitch.endpoints.sip.profile import Profile
from softswitch.endpoints.sip.transports import FREE_PORTS_TRIED, Transports, binding
from tests.support.sip_bench import sip_bench


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tls_only": True, "tls_verify_policy": "maybe"}, "tls-verify-policy: 'maybe'"),
        ({"tls_only": True, "tls_verify_policy": "in"}, "cafile.pem to check clients by"),
        ({"tls_only": True, "tls_ciphers": "NONSENSE"}, "tls-ciphers: none of 'NONSENSE'"),
    ],
)
async def test_what_cannot_be_served_is_said(
    tmp_path: Path, changes: dict[str, object], why: str
) -> None:
    async with sip_bench(tmp_path) as running:
        profile = running.profile
        profile.settings = replace(profile.settings, **changes)  # type: ignore[arg-type]
        with pytest.raises(OSError, match=why):
            await Transports(profile).start()


class Ports:
    """Gives port after port to UDP, as a kernel does; ``taken`` are connections by TCP."""

    def __init__(self, taken: range) -> None:
        self.taken = taken
        self.next = 40_000
        self.held: list[tuple[str, int]] = []

    async def listen_udp(self, address: tuple[str, int]) -> tuple[str, int]:
        assert address[1] == 0
        self.next += 1
        self.held.append(("udp", self.next))
        return address[0], self.next

    async def listen_tcp(self, address: tuple[str, int], limits: object) -> tuple[str, int]:
        if address[1] in self.taken:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        self.held.append(("tcp", address[1]))
        return address

    def unlisten(self, transport: str, address: tuple[str, int]) -> None:
        self.held.remove((transport, address[1]))


@pytest.fixture
async def without_port(tmp_path: Path) -> AsyncIterator[Profile]:
    """A profile of which any port will do, and which does not listen."""
    async with sip_bench(tmp_path) as running:
        profile = running.profile
        profile.sip_port = 0
        with patch.object(profile, "driver"):
            yield profile


async def test_a_port_that_is_free_for_udp_alone_is_not_taken(without_port: Profile) -> None:
    ports = Ports(range(40_001, 40_003))
    without_port.driver = ports  # type: ignore[assignment]
    opened = Transports(without_port)
    await opened.start()
    assert ports.held == [("udp", 40_003), ("tcp", 40_003)]
    assert opened.ports == {"udp": 40_003, "tcp": 40_003}
    assert without_port.sip_port == 40_003


async def test_the_search_for_a_free_port_ends(without_port: Profile) -> None:
    ports = Ports(range(65_536))
    without_port.driver = ports  # type: ignore[assignment]
    with pytest.raises(OSError, match="already in use"):
        await Transports(without_port).start()
    assert ports.next == 40_000 + FREE_PORTS_TRIED
    assert not ports.held


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (":5066", ("192.0.2.1", 5066)),
        ("192.0.2.9:7443", ("192.0.2.9", 7443)),
        ("[::1]:5066", ("::1", 5066)),
    ],
)
def test_bindings(text: str, address: tuple[str, int]) -> None:
    assert binding(text, "192.0.2.1") == address


@pytest.mark.parametrize("text", ["5066", "nowhere", ":", ":x", ":70000", ""])
def test_what_is_no_binding(text: str) -> None:
    with pytest.raises(OSError, match="write :5066 or 192"):
        binding(text, "192.0.2.1")


@pytest.mark.virtual_time
@pytest.mark.parametrize(("wish", "came_from"), [("false", False), ("true", True)])
async def test_a_client_that_does_not_ask_for_it_is_answered_where_it_sends_from(
    tmp_path: Path, wish: str, came_from: bool
) -> None:
    async with sip_bench(tmp_path, profile={"NDLB-force-rport": wish}) as running:
        via = "SIP/2.0/UDP 192.0.2.10:9999;branch=z9hG4bKx"
        running.alice.ask("OPTIONS", "x", Via=via)
        await running.settle()
        assert len(running.alice.received) == came_from
        assert len(running.air.lost) == (not came_from)
