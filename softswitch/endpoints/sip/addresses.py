"""Addresses as configuration writes them."""

from __future__ import annotations

import re

from softswitch.sip.uri import SipUri


def uri_of(text: str) -> SipUri:
    """The URI that configuration writes with or without ``sip:``; raises RemoteProtocolError."""
    return SipUri.parse(text if re.match("(?i)sips?:", text) else f"sip:{text}")


def host_of(text: str) -> str:
    """The host of ``sip:user@host:port;…``, ``host:port`` or ``host``; without brackets."""
    bare = re.sub(r"(?i)^sips?:", "", text).partition(";")[0].rpartition("@")[2]
    if bare.startswith("["):
        return bare[1:].partition("]")[0]
    return bare.partition(":")[0]
