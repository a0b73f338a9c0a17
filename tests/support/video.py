"""A far end that signals by hand and sends pictures as RTP, made of nothing but bytes."""

from __future__ import annotations

import asyncio
import random
import socket
import struct

from softswitch.sdp.description import SessionDescription
from tests.support.patience import PATIENCE


class VideoPort:
    """A pair of ports for RTP and RTCP on the loopback, and what came there."""

    def __init__(self, payload_type: int, seed: int) -> None:
        self.payload_type = payload_type
        self.ssrc = seed
        self.rtp, self.rtcp = _pair()
        self.to: tuple[str, int] = ("", 0)
        self._random = random.Random(seed)
        self._number = self._random.randrange(1 << 16)
        self._time = self._random.randrange(1 << 32)

    @property
    def port(self) -> int:
        port: int = self.rtp.getsockname()[1]
        return port

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()

    def sends_to(self, body: str | bytes) -> None:
        """Take the address of the video line of a description."""
        description = SessionDescription.parse(body)
        (line,) = [item for item in description.media if item.kind == "video" and item.port]
        connection = description.connection_of(line)
        assert connection is not None
        self.to = (connection.address, line.port)

    def picture(self, packets: int) -> list[bytes]:
        """One picture, cut into packets; the last has the marker."""
        self._time = (self._time + 3000) % (1 << 32)
        made = []
        for index in range(packets):
            self._number = (self._number + 1) % (1 << 16)
            second = self.payload_type | (0x80 if index == packets - 1 else 0)
            head = struct.pack("!BBHII", 0x80, second, self._number, self._time, self.ssrc)
            made.append(head + self._random.randbytes(self._random.randint(40, 1200)))
        return made

    def send(self, packet: bytes) -> None:
        self.rtp.sendto(packet, self.to)

    def report(self, packet: bytes) -> None:
        self.rtcp.sendto(packet, (self.to[0], self.to[1] + 1))

    async def packet(self) -> bytes:
        """The next RTP packet."""
        return await _receive(self.rtp)

    async def feedback(self) -> bytes:
        """The next RTCP packet."""
        return await _receive(self.rtcp)


async def _receive(port: socket.socket) -> bytes:
    async with asyncio.timeout(PATIENCE):
        return await asyncio.get_running_loop().sock_recv(port, 2000)


def _pair() -> tuple[socket.socket, socket.socket]:
    """Two sockets on an even port and the next."""
    while True:
        first, second = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for each in (first, second):
            each.setblocking(False)
        first.bind(("127.0.0.1", 0))
        port = first.getsockname()[1]
        try:
            if port % 2 == 0:
                second.bind(("127.0.0.1", port + 1))
                return first, second
        except OSError:
            pass
        first.close()
        second.close()


def pli(sender: int, source: int) -> bytes:
    """Picture loss (RFC 4585 §6.3.1)."""
    return struct.pack("!BBHII", 0x81, 206, 2, sender, source)


def fir(sender: int, source: int) -> bytes:
    """A full intra request (RFC 5104 §4.3.1)."""
    return struct.pack("!BBHIIIBxxx", 0x84, 206, 4, sender, 0, source, 1)


def nack(sender: int, source: int, number: int) -> bytes:
    """A packet is missing (RFC 4585 §6.2.1)."""
    return struct.pack("!BBHIIHH", 0x81, 205, 3, sender, source, number, 0)
