"""A caller who changes codec and packet time while something is played to him."""

from __future__ import annotations

import asyncio
import struct
from itertools import pairwise

import numpy as np

from softswitch.media._engine import decode
from tests.support.audio import power
from tests.support.patience import PATIENCE
from tests.support.serving import Serve
from tests.support.switch import extension
from tests.support.talk import Talk

PITCH = 440
PACKETS = 25
CHANGES = (
    # What is offered, and of its packets: name, type, octets, units of the clock.
    ("0", "PCMU", 8000, 0, 160, 160),
    ("9\r\na=ptime:30", "G722", 8000, 9, 240, 240),
    ("8\r\na=ptime:10", "PCMA", 8000, 8, 80, 80),
    ("126\r\na=rtpmap:126 L16/16000\r\na=ptime:20", "L16", 16000, 126, 640, 320),
    ("35\r\na=rtpmap:35 PCMU/8000\r\na=ptime:60", "PCMU", 8000, 35, 480, 480),
)


class Ear(asyncio.DatagramProtocol):
    """Keeps the RTP packets that come."""

    def __init__(self) -> None:
        self.packets: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not 192 <= data[1] <= 223:
            self.packets.put_nowait(data)

    async def take(self, payload_type: int) -> list[bytes]:
        """So many packets in a row of that type, from the first one on."""
        taken: list[bytes] = []
        async with asyncio.timeout(PATIENCE):
            while len(taken) < PACKETS:
                packet = await self.packets.get()
                if taken or packet[1] & 127 == payload_type:
                    taken.append(packet)
        return taken


def sdp(port: int, line: str, version: int) -> str:
    return (
        f"v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {line}\r\n"
    )


async def test_a_playback_goes_on_in_each_codec_that_is_offered(serve: Serve) -> None:
    plan = extension("9", "answer", f"playback tone_stream://%(60000,0,{PITCH})")
    server = await serve(plan, profile={"codec-prefs": "PCMU,PCMA,G722,L16@16000h"})
    loop = asyncio.get_running_loop()
    transport, ear = await loop.create_datagram_endpoint(Ear, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    caller = await server.socket()
    call = Talk(server, caller, caller)
    sources = set()
    for number, (line, name, clock, payload_type, octets, units) in enumerate(CHANGES, 1):
        offer = sdp(port, line, number)
        if number == 1:
            uri = f"sip:9@127.0.0.1:{caller.server[1]}"
            caller.send(caller.build("INVITE", uri, body=offer))
            call.said = await caller.response()
            call.send("ACK", call.said.cseq.number)
            assert call.said.status == 200
        else:
            call.send("INVITE", 20 + number, offer)
            assert (await caller.response()).status == 200
            call.send("ACK", 20 + number)
        packets = await ear.take(payload_type)
        headers = [struct.unpack("!BBHII", packet[:12]) for packet in packets]
        assert {
            (header[1] & 127, len(packet) - 12)
            for header, packet in zip(headers, packets, strict=True)
        } == {(payload_type, octets)}
        steps = {
            (later[2] - earlier[2] & 0xFFFF, later[3] - earlier[3] & 0xFFFFFFFF)
            for earlier, later in pairwise(headers)
        }
        assert steps == {(1, units)}, name
        sources |= {header[4] for header in headers}
        samples, rate = decode(name, clock, b"".join(packet[12:] for packet in packets))
        heard = np.frombuffer(samples, np.int16)[rate // 20 :]
        assert power(heard, rate, PITCH) > 0.8 * np.mean(heard.astype(float) ** 2) > 1e5, name
    assert len(sources) == 1, "it is one source all the time"
    call.send("BYE", 100)
    assert (await caller.response()).status == 200
    transport.close()
