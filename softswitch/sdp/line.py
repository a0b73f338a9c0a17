"""What a media line of RTP says beside its codecs: transport, keys, addresses and direction.

The same for audio and video (RFC 3264 §6, RFC 4568 §7.1).
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from softswitch.sdp.crypto import Crypto, Protection, Secure, usable
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import Direction, MediaDescription, address_family, is_group_address

_PLAIN_RTP = ("RTP/AVP", "RTP/AVPF")
SECURE_RTP = ("RTP/SAVP", "RTP/SAVPF")


class LocalLine(Protocol):
    """What is asked of our side of a line."""

    @property
    def address(self) -> str: ...
    @property
    def direction(self) -> Direction: ...
    @property
    def rtcp_mux(self) -> bool: ...
    @property
    def secure(self) -> Secure: ...
    @property
    def crypto(self) -> tuple[Crypto, ...]: ...


class Settled(NamedTuple):
    """Where a line's packets go and who sends them, as two descriptions settle it."""

    remote_address: tuple[str, int]
    remote_rtcp_address: tuple[str, int]
    send: bool
    receive: bool
    held: bool
    rtcp_mux: bool


def why_unusable(
    description: SessionDescription, line: MediaDescription, local: LocalLine, kind: str = "audio"
) -> str | None:
    """Why a media line of the far end cannot carry ours of that kind, None if it can."""
    if line.kind != kind:
        return f"{line.kind} is not supported"
    if line.port == 0:
        return "refused by the far end (port 0)"
    protocol = line.protocol.upper()
    secure = protocol in SECURE_RTP
    if not secure and protocol not in _PLAIN_RTP:
        return f"the transport {line.protocol} is not supported"
    if secure and local.secure is Secure.FORBIDDEN:
        return f"the transport {line.protocol} is not allowed here"
    connection = description.connection_of(line)
    if connection is None:
        return "it has no connection address"
    if is_group_address(connection.address):
        return f"{connection.address} is a multicast or broadcast address"
    family = address_family(connection.address)
    if family is None:
        return f"{connection.address} is not an IP address"
    if family != address_family(local.address):
        return f"its address is IPv{family}, ours is not"
    return None


def settle(description: SessionDescription, line: MediaDescription, local: LocalLine) -> Settled:
    """What a usable line of the far end and ours come to."""
    connection = description.connection_of(line)
    if connection is None:
        raise AssertionError("a line without an address is unusable")
    remote = description.direction_of(line)
    listens = remote.receives and not connection.held
    speaks = local.direction.sends
    mux = line.rtcp_mux and local.rtcp_mux
    address = (connection.address, line.port)
    rtcp = line.rtcp
    if mux:
        rtcp_address = address
    elif rtcp is not None:
        rtcp_address = (rtcp[1] or connection.address, rtcp[0])
    else:
        rtcp_address = (connection.address, min(line.port + 1, 65535))
    return Settled(
        address,
        rtcp_address,
        send=speaks and listens,
        receive=local.direction.receives and remote.sends,
        held=speaks and not listens,
        rtcp_mux=mux,
    )


def chosen_keys(line: MediaDescription, local: LocalLine) -> Protection | None:
    """The keys for the first of the offered crypto lines that we allow."""
    if local.secure is Secure.FORBIDDEN:
        return None
    for theirs in usable(line.crypto):
        for mine in local.crypto:
            if mine.suite == theirs.suite:
                # Who names his keys is answered with a name of as many octets.
                size = len(theirs.mki)
                name = (mine.mki or b"\x01")[-size:].rjust(size, b"\0") if size else b""
                return _protection(mine._replace(mki=name), theirs)
    return None


def _protection(mine: Crypto, theirs: Crypto) -> Protection:
    return Protection(mine.suite, mine.key, theirs.key, mine.mki, theirs.mki, mine.lifetime)


def answered_keys(line: MediaDescription, asked: MediaDescription) -> Protection | None:
    """The keys of the crypto line that was answered (RFC 4568 §7.1.3)."""
    given = line.crypto
    if not given:
        return None
    offered = {crypto.tag: crypto for crypto in usable(asked.crypto)}
    for theirs in usable(given):
        mine = offered.get(theirs.tag)
        if mine is not None and mine.suite == theirs.suite:
            return _protection(mine, theirs)
    return None


def why_unprotected(
    line: MediaDescription, local: LocalLine, protection: Protection | None
) -> str | None:
    """Why a line cannot be used with these keys, or without any; None if it can."""
    if protection is not None:
        return None
    if line.protocol.upper() in SECURE_RTP:
        return f"{line.protocol} without a crypto line we can use"
    if local.secure is Secure.MANDATORY:
        return "SRTP is mandatory here and was not agreed"
    return None


def offered_crypto(local: LocalLine, in_use: MediaDescription | None) -> list[Crypto]:
    """Our crypto lines. Within a call that of its suite alone, so that keys need not change."""
    if not local.crypto:
        return []
    spoken = usable(in_use.crypto) if in_use is not None else []
    if len(spoken) == 1:
        kept = [item for item in local.crypto if item.suite == spoken[0].suite]
        return kept or list(local.crypto)
    return list(local.crypto)


def answered_crypto(offered: MediaDescription, protection: Protection) -> Crypto:
    """The crypto line that answers the one of the offer whose key was taken."""
    taken = (protection.suite, protection.receive)
    theirs = next(item for item in usable(offered.crypto) if (item.suite, item.key) == taken)
    return theirs._replace(
        key=protection.send, mki=protection.send_mki, lifetime=protection.lifetime
    )


def refusal(line: MediaDescription) -> MediaDescription:
    """The answer that refuses a media line (RFC 3264 §6)."""
    return MediaDescription(line.kind, 0, line.protocol, line.formats or ["0"])
