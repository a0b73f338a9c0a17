"""STUN messages: asking for one's own address, and telling others theirs (RFC 8489)."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

MAGIC = 0x2112A442
BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
MAPPED_ADDRESS = 0x0001
XOR_MAPPED_ADDRESS = 0x0020
HEADER = struct.Struct("!HHI12s")
ATTRIBUTE = struct.Struct("!HH")


class StunError(Exception):
    """A message is not the answer that was asked for; the text says why."""


def binding_request(transaction: bytes) -> bytes:
    """A request for our address as the server sees it; ``transaction`` is 12 random octets."""
    return HEADER.pack(BINDING_REQUEST, 0, MAGIC, transaction)


def is_binding_request(data: bytes) -> bool:
    """Whether a datagram asks for its sender's address; no SIP message looks like that."""
    if len(data) < HEADER.size or data[:2] != b"\x00\x01":
        return False
    _, length, magic, _ = HEADER.unpack_from(data)
    return bool(magic == MAGIC and length == len(data) - HEADER.size)


def binding_success(request: bytes, address: tuple[str, int]) -> bytes:
    """The answer to a binding request that came from ``address``."""
    transaction = request[8:20]
    packed = ip_address(address[0]).packed
    key = MAGIC.to_bytes(4, "big") + transaction
    hidden = bytes(octet ^ mask for octet, mask in zip(packed, key, strict=False))
    value = struct.pack("!xBH", 1 if len(packed) == 4 else 2, address[1] ^ MAGIC >> 16) + hidden
    attribute = ATTRIBUTE.pack(XOR_MAPPED_ADDRESS, len(value)) + value
    return HEADER.pack(BINDING_SUCCESS, len(attribute), MAGIC, transaction) + attribute


def mapped_address(data: bytes, transaction: bytes) -> tuple[str, int]:
    """The address in a server's answer. Raises `StunError` for anything else."""
    if len(data) < HEADER.size:
        raise StunError("too short for a STUN message")
    kind, length, magic, answered = HEADER.unpack_from(data)
    if magic != MAGIC or answered != transaction:
        raise StunError("an answer to another question")
    if kind != BINDING_SUCCESS:
        raise StunError(f"the server refused (message type {kind:#06x})")
    if length != len(data) - HEADER.size:
        raise StunError("its length is wrong")
    plain: tuple[str, int] | None = None
    position = HEADER.size
    while position + ATTRIBUTE.size <= len(data):
        attribute, size = ATTRIBUTE.unpack_from(data, position)
        value = data[position + ATTRIBUTE.size : position + ATTRIBUTE.size + size]
        if len(value) < size:
            raise StunError("an attribute is cut off")
        if attribute == XOR_MAPPED_ADDRESS:
            return _address(value, transaction)
        if attribute == MAPPED_ADDRESS:
            # What servers of RFC 3489 say; the other form wins where both are there.
            plain = _address(value, None)
        position += ATTRIBUTE.size + -(-size // 4) * 4
    if plain is None:
        raise StunError("the answer names no address")
    return plain


def _address(value: bytes, transaction: bytes | None) -> tuple[str, int]:
    """An address attribute; with ``transaction`` it is hidden by an exclusive or (§14.2)."""
    size = {(1, 8): 4, (2, 20): 16}.get((value[1] if len(value) > 1 else 0, len(value)))
    if size is None:
        raise StunError("its address has no known form")
    port = int.from_bytes(value[2:4], "big")
    octets = value[4 : 4 + size]
    if transaction is not None:
        port ^= MAGIC >> 16
        key = MAGIC.to_bytes(4, "big") + transaction
        octets = bytes(octet ^ mask for octet, mask in zip(octets, key, strict=False))
    address = IPv4Address(octets) if size == 4 else IPv6Address(octets)
    return str(address), port
