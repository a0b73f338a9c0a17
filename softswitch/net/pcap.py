"""Messages as a capture file that sngrep, tshark and Wireshark read.

Whatever came by TCP, TLS or WebSocket is written as if by UDP: we see it decrypted, and readers
need no keys and no streams to put together.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import ip_address

from softswitch.net.journal import Entry

_FILE = struct.Struct("<IHHiIII")
_PACKET = struct.Struct("<IIII")
_IPV4 = struct.Struct("!BBHHHBBH4s4s")
_IPV6 = struct.Struct("!IHBB16s16s")
_UDP = struct.Struct("!HHHH")
_MAGIC = 0xA1B2C3D4
_RAW_IP = 101
"""LINKTYPE_RAW: a packet begins with its IP header."""
_LONGEST = 65000


def pcap(entries: Iterable[Entry]) -> bytes:
    """The bytes of a capture file."""
    parts = [_FILE.pack(_MAGIC, 2, 4, 0, 0, 65535, _RAW_IP)]
    for entry in entries:
        packet = _packet(entry)
        seconds = int(entry.at)
        micro = int((entry.at - seconds) * 1e6)
        parts.append(_PACKET.pack(seconds, micro, len(packet), len(packet)))
        parts.append(packet)
    return b"".join(parts)


def _packet(entry: Entry) -> bytes:
    source, target = entry.flow.local, entry.flow.remote
    if not entry.sent:
        source, target = target, source
    data = entry.data[:_LONGEST]
    udp = _UDP.pack(source[1], target[1], _UDP.size + len(data), 0) + data
    here, there = ip_address(source[0].partition("%")[0]), ip_address(target[0].partition("%")[0])
    if here.version == 6 or there.version == 6:
        head = _IPV6.pack(6 << 28, len(udp), 17, 64, _long(here.packed), _long(there.packed))
        return head + udp
    length = _IPV4.size + len(udp)
    head = _IPV4.pack(0x45, 0, length, 0, 0, 64, 17, 0, here.packed, there.packed)
    return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + udp


def _long(packed: bytes) -> bytes:
    return packed if len(packed) == 16 else bytes(10) + b"\xff\xff" + packed


def _checksum(head: bytes) -> int:
    total: int = sum(struct.unpack("!10H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
