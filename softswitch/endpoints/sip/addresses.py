"""Addresses as configuration writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from softswitch.sip.uri import SipUri

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile


def uri_of(text: str) -> SipUri:
    """The URI that configuration writes with or without ``sip:``; raises RemoteProtocolError."""
    return SipUri.parse(text if re.match("(?i)sips?:", text) else f"sip:{text}")


def host_of(text: str) -> str:
    """The host of ``sip:user@host:port;…``, ``host:port`` or ``host``; without brackets."""
    bare = re.sub(r"(?i)^sips?:", "", text).partition(";")[0].rpartition("@")[2]
    if bare.startswith("["):
        return bare[1:].partition("]")[0]
    return bare.partition(":")[0]


def local_domain(profile: Profile, host: str) -> str:
    """A host as calls and scripts name it: phones name the switch by its address."""
    if host in (profile.sip_ip, profile.advertised_ip):
        return profile.switch.globals.get("domain") or host
    return host
