"""Fax by T.38 through the real engine: datagrams pass as they are, and audio comes back."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator

import pytest

from softswitch.sdp.description import SessionDescription
from tests.support.patience import PATIENCE
from tests.support.serving import Serve
from tests.support.switch import extension
from tests.support.talk import TO_BOB, Talk

CALL = extension("2000", "set t38_passthru=true", TO_BOB)
HEAD = "v=0\r\no=- 1 {} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
SOUND = HEAD + "m=audio {} RTP/AVP 0\r\nm=image 0 udptl t38\r\n"
FAX = HEAD + "m=audio 0 RTP/AVP 0\r\nm=image {} udptl t38\r\na=T38FaxVersion:0\r\n"


@pytest.fixture
def ports() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A port of each far end."""
    pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for each in pair:
        each.setblocking(False)
        each.bind(("127.0.0.1", 0))
    yield pair[0], pair[1]
    for each in pair:
        each.close()


def number(port: socket.socket) -> int:
    found: int = port.getsockname()[1]
    return found


def place(body: bytes) -> tuple[str, int]:
    """Where the line in use of a description wants its packets."""
    (line,) = [item for item in SessionDescription.parse(body).media if item.port]
    return "127.0.0.1", line.port


async def heard(port: socket.socket, packet: bytes) -> None:
    """Exactly that packet comes; what was under way before it is passed over."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(PATIENCE):
        while await loop.sock_recv(port, 2000) != packet:
            pass


async def test_a_fax_passes_and_the_call_goes_on_with_sound(
    serve: Serve, ports: tuple[socket.socket, socket.socket]
) -> None:
    server = await serve(CALL)
    talk = Talk(server, await server.socket(), await server.socket())
    a, b = ports
    await talk.begin(SOUND.format(1, number(a)), SOUND.format(1, number(b)))
    said, asked = await talk.reoffer(FAX.format(2, number(a)), FAX.format(2, number(b)))
    assert said.status == 200 and b"T38FaxVersion:0" in asked.body
    to_a, to_b = place(said.body), place(asked.body)
    for count in range(50):
        # Neither RTP nor RTCP, whatever it looks like.
        packets = struct.pack("!H", count) + bytes([count]) * 40, bytes([0x80, 200, count, 0, 0])
        for packet in packets:
            a.sendto(packet, to_a)
            await heard(b, packet)
            b.sendto(packet, to_b)
            await heard(a, packet)
    said, asked = await talk.reoffer(SOUND.format(3, number(a)), SOUND.format(3, number(b)))
    assert said.status == 200 and place(asked.body) == to_b, "the port is that of the fax"
    voice = struct.pack("!BBHII", 0x80, 0, 7, 160, 99) + bytes(160)
    a.sendto(voice, place(said.body))
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(PATIENCE):
        while not (await loop.sock_recv(b, 2000)).endswith(bytes(160)):
            pass
    await talk.end()
