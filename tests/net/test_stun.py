"""Asking a STUN server on the loopback address."""

from __future__ import annotations

import asyncio
import struct
from ipaddress import IPv4Address

import pytest

from softswitch.net import stun
from softswitch.webrtc.stun import MAGIC, StunError


class Server(asyncio.DatagramProtocol):
    """Answers as told: properly, with nonsense, or only from the second request on."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.requests = 0

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.requests += 1
        if self.kind == "silent" or (self.kind == "lossy" and self.requests == 1):
            return
        if self.kind == "nonsense":
            self.transport.sendto(b"x" * 20, addr)
            return
        hidden = int(IPv4Address(addr[0])) ^ MAGIC
        value = struct.pack("!BBHI", 0, 1, addr[1] ^ (MAGIC >> 16), hidden)
        head = struct.pack("!HHI12sHH", 0x0101, 12, MAGIC, data[8:20], 0x0020, 8)
        self.transport.sendto(head + value, addr)


async def serve(kind: str) -> tuple[asyncio.DatagramTransport, tuple[str, int], Server]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: Server(kind), local_addr=("127.0.0.1", 0)
    )
    return transport, transport.get_extra_info("sockname"), server


@pytest.mark.parametrize("kind", ["proper", "lossy"])
async def test_the_server_tells_our_address(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stun, "FIRST_WAIT", 0.05)
    transport, address, server = await serve(kind)
    try:
        host, port = await stun.ask(address)
        assert host == "127.0.0.1"
        assert port > 0
        assert server.requests == (2 if kind == "lossy" else 1)
    finally:
        transport.close()


async def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stun, "FIRST_WAIT", 0.01)
    transport, address, server = await serve("silent")
    try:
        with pytest.raises(TimeoutError):
            await stun.ask(address)
        assert server.requests == stun.ATTEMPTS
    finally:
        transport.close()


async def test_nonsense_is_told() -> None:
    transport, address, _ = await serve("nonsense")
    try:
        with pytest.raises(StunError):
            await stun.ask(address)
    finally:
        transport.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("stun.example", ("stun.example", 3478)),
        ("192.0.2.7:19302", ("192.0.2.7", 19302)),
        ("[2001:db8::1]:5000", ("2001:db8::1", 5000)),
        ("2001:db8::1", ("2001:db8::1", 3478)),
    ],
)
def test_a_server_is_named_with_or_without_its_port(text: str, address: tuple[str, int]) -> None:
    assert stun.server_address(text) == address


@pytest.mark.parametrize("text", ["h:x", "h:-1", "h:65536", "h:"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no port"):
        stun.server_address(text)
