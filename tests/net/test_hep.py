"""Copies for a capture server."""

from __future__ import annotations

import asyncio
import struct

import pytest

from softswitch.net.hep import CaptureServer, HepSender, encode
from softswitch.net.journal import Entry
from softswitch.sip.flow import Flow
from tests.support.patience import PATIENCE

DATA = b"OPTIONS sip:x SIP/2.0\r\nCall-ID: abc\r\n\r\n"
V4 = Flow("tls", ("192.0.2.1", 5061), ("192.0.2.10", 40000), 3)
V6 = Flow("udp", ("2001:db8::1", 5060), ("2001:db8::2", 5062))


def chunks(packet: bytes) -> dict[int, bytes]:
    """The chunks of a packet by their types."""
    assert packet[:4] == b"HEP3"
    assert struct.unpack_from("!H", packet, 4)[0] == len(packet)
    found, position = {}, 6
    while position < len(packet):
        vendor, kind, length = struct.unpack_from("!HHH", packet, position)
        assert vendor == 0
        found[kind] = packet[position + 6 : position + length]
        position += length
    return found


def test_a_packet_tells_all_of_a_message() -> None:
    found = chunks(encode(Entry(1000.25, False, DATA, V4), 7))
    assert (found[1], found[2], found[11]) == (b"\x02", b"\x06", b"\x01")
    assert (found[3], found[4]) == (bytes([192, 0, 2, 10]), bytes([192, 0, 2, 1]))
    assert struct.unpack("!HH", found[7] + found[8]) == (40000, 5061)
    assert struct.unpack("!IIII", found[9] + found[10] + found[12] + b"\0\0\0\0")[:3] == (
        1000,
        250000,
        7,
    )
    assert (found[15], found[17]) == (DATA, b"abc")
    found = chunks(encode(Entry(1000.0, True, DATA, V6)))
    assert (found[1], found[2]) == (b"\x0a", b"\x11")
    assert len(found[5]) == len(found[6]) == 16


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("udp:homer.test:9061;hep=3;capture_id=100", CaptureServer("homer.test", 9061, 100)),
        ("udp:192.0.2.1", CaptureServer("192.0.2.1", 9060, 0)),
    ],
)
def test_servers_as_they_are_written(text: str, server: CaptureServer) -> None:
    assert CaptureServer.parse(text) == server


@pytest.mark.parametrize(
    "text",
    ["homer:9060", "tcp:homer:9060", "udp:", "udp:h:99999", "udp:h;hep=2", "udp:h;capture_id=x"],
)
def test_servers_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="capture-server"):
        CaptureServer.parse(text)


async def test_copies_arrive() -> None:
    loop = asyncio.get_running_loop()
    got: asyncio.Queue[bytes] = asyncio.Queue()

    class Server(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            got.put_nowait(data)

    transport, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    sender = await HepSender.open(loop, CaptureServer("127.0.0.1", port))
    sender.send(Entry(1.0, True, DATA, V4))
    async with asyncio.timeout(PATIENCE):
        assert chunks(await got.get())[15] == DATA
    sender.close()
    sender.send(Entry(1.0, True, DATA, V4))
    assert sender.sent == 1
    transport.close()
