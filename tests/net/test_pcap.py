"""Capture files."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest

from softswitch.net.journal import Entry
from softswitch.net.pcap import pcap
from softswitch.sip.flow import Flow
from tests.support.hand import Hand
from tests.support.programs import needs

DATA = Hand().request("OPTIONS").encode()
V4 = Flow("tls", ("192.0.2.1", 5061), ("192.0.2.10", 40000), 3)
V6 = Flow("udp", ("2001:db8::1", 5060), ("2001:db8::2", 5060))


def test_a_packet_has_its_addresses_and_the_text_in_clear() -> None:
    data = pcap([Entry(1000.25, True, DATA, V4)])
    assert data[:4] == struct.pack("<I", 0xA1B2C3D4)
    seconds, micro, kept, length = struct.unpack_from("<IIII", data, 24)
    assert (seconds, micro, kept) == (1000, 250000, length)
    packet = data[40:]
    assert len(packet) == length
    assert packet[12:20] == bytes([192, 0, 2, 1, 192, 0, 2, 10])
    assert struct.unpack_from("!HH", packet, 20) == (5061, 40000)
    assert packet.endswith(DATA)
    assert sum(struct.unpack("!10H", packet[:20])) % 0xFFFF == 0, "the checksum is right"


@needs("tshark")
@pytest.mark.slow
@pytest.mark.parametrize("flow", [V4, V6])
async def test_tshark_reads_it(tmp_path: Path, flow: Flow) -> None:
    path = tmp_path / "call.pcap"
    path.write_bytes(pcap([Entry(1000.0, False, DATA, flow), Entry(1000.5, True, DATA, flow)]))
    process = await asyncio.create_subprocess_exec(
        *("tshark", "-r", str(path), "-d", f"udp.port=={flow.local[1]},sip"),
        *("-T", "fields", "-e", "sip.Method", "-e", "udp.srcport"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate()
    ports = (flow.remote[1], flow.local[1])
    assert out.decode().split("\n")[:2] == [f"OPTIONS\t{port}" for port in ports]
