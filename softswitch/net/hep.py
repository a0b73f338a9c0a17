"""Copies of messages for Homer and its like (HEP version 3), those of TLS decrypted."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from ipaddress import ip_address
from typing import cast

from softswitch.net.journal import Entry

DEFAULT_PORT = 9060
_CHUNK = struct.Struct("!HHH")
_SIP = 1
_PROTOCOLS = {"udp": 17}
_TCP = 6
_LONGEST = 60_000


@dataclass(frozen=True, slots=True)
class CaptureServer:
    """Who collects: ``udp:homer.example:9060;hep=3;capture_id=100``."""

    host: str
    port: int = DEFAULT_PORT
    agent: int = 0
    """Which of the senders we are."""

    @classmethod
    def parse(cls, text: str) -> CaptureServer:
        """Read ``capture-server``; raises ValueError with a reason."""
        address, *options = text.strip().split(";")
        protocol, colon, place = address.partition(":")
        if protocol.lower() != "udp" or not colon:
            raise ValueError(f"capture-server {text!r}: write udp:<host>[:<port>]")
        host, _, port = place.rpartition(":") if place.count(":") == 1 else (place, "", "")
        port = port or str(DEFAULT_PORT)
        given = dict(option.partition("=")[::2] for option in options)
        if given.get("hep", "3") != "3":
            raise ValueError(f"capture-server {text!r}: only hep=3 is spoken")
        agent = given.get("capture_id", "0")
        if not (port.isdecimal() and agent.isdecimal() and 0 < int(port) < 65536 and host):
            raise ValueError(f"capture-server {text!r}: host, port or capture_id is wrong")
        return cls(host.strip("[]"), int(port), int(agent) & 0xFFFFFFFF)


def encode(entry: Entry, agent: int = 0) -> bytes:
    """One message as a HEP3 packet; its Call-ID correlates it."""
    source, target = entry.flow.local, entry.flow.remote
    if not entry.sent:
        source, target = target, source
    here, there = ip_address(source[0].partition("%")[0]), ip_address(target[0].partition("%")[0])
    v4 = here.version == 4 and there.version == 4
    seconds = int(entry.at)
    chunks = [
        (1, bytes([2 if v4 else 10])),
        (2, bytes([_PROTOCOLS.get(entry.flow.transport, _TCP)])),
        (3 if v4 else 5, here.packed),
        (4 if v4 else 6, there.packed),
        (7, struct.pack("!H", source[1])),
        (8, struct.pack("!H", target[1])),
        (9, struct.pack("!I", seconds)),
        (10, struct.pack("!I", int((entry.at - seconds) * 1e6))),
        (11, bytes([_SIP])),
        (12, struct.pack("!I", agent)),
        (17, entry.call_id.encode()),
        (15, entry.data[:_LONGEST]),
    ]
    body = b"".join(_CHUNK.pack(0, kind, 6 + len(value)) + value for kind, value in chunks)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


class HepSender(asyncio.DatagramProtocol):
    """Sends copies and hears nothing; what cannot be sent is lost and harms nobody."""

    def __init__(self, server: CaptureServer) -> None:
        self.server = server
        self.sent = 0
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, loop: asyncio.AbstractEventLoop, server: CaptureServer) -> HepSender:
        """Find the server. Raises OSError."""
        _, sender = await loop.create_datagram_endpoint(
            lambda: cls(server), remote_addr=(server.host, server.port)
        )
        return sender

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there; that may change."""

    def send(self, entry: Entry) -> None:
        """Send a copy."""
        if self._transport is not None and not self._transport.is_closing():
            self.sent += 1
            self._transport.sendto(encode(entry, self.server.agent))

    def close(self) -> None:
        """Send no more."""
        if self._transport is not None:
            self._transport.close()

    def __repr__(self) -> str:
        return f"<HepSender to {self.server.host}:{self.server.port}, {self.sent} sent>"
