"""Names in the place of addresses in a far end's SDP (RFC 8866 §5.7), looked up before it is read.

Legal, and seldom: some border controllers and most hand-written tests say ``c=IN IP4 a.name``.
Nothing waits for a name server but the message with the name, and what comes after it of the same
call, for `PATIENCE` seconds at most.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.sdp.media import network_address
from softswitch.sip.routing import Hop

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request, Response

log = logging.getLogger(__name__)

PATIENCE = 4.0
"""Seconds after which a name is given up; the description is then refused as it is."""
MOST_NAMES = 8
"""Names in one description that are looked up."""

_NAMED = re.compile(
    rb"^((?:c=|a=rtcp:[0-9]{1,5} +))IN +IP[46] +"
    rb"((?=[^/\s]*[a-z])[0-9a-z][0-9a-z.-]{0,252})(?=[/\s])",
    re.IGNORECASE | re.MULTILINE,
)
"""A name has a letter, which an IPv4 address has not, and no colon, which IPv6 has."""


def names_in(message: Request | Response | None) -> list[str]:
    """The names that a message's description has where addresses are meant."""
    if message is None or not message.body:
        return []
    found = [match[2].decode().lower() for match in _NAMED.finditer(message.body)]
    return list(dict.fromkeys(found))[:MOST_NAMES]


def with_addresses(body: bytes, addresses: dict[str, str]) -> bytes:
    """A body in which each name that is known gave way to its address."""

    def address(match: re.Match[bytes]) -> bytes:
        found = addresses.get(match[2].decode().lower())
        return match[0] if found is None else match[1] + f"IN {network_address(found)}".encode()

    return _NAMED.sub(address, body)


def when_known(
    profile: Profile, message: Request | Response, names: list[str], then: Callable[[], None]
) -> None:
    """Put the addresses of ``names`` into a message, then call ``then``: at once where they are
    known, or when name servers have answered.
    """
    resolver = profile.resolver
    known = {name: resolver.known(_hop(name)) for name in names}
    if None not in known.values():
        hosts = {name: found[0].host for name, found in known.items() if found}
        message.body = with_addresses(message.body, hosts)
        then()
        return
    task = profile.switch.loop.create_task(
        _look_up(profile, message, names, then), name="look up names in SDP"
    )
    profile.switch.own(task)


async def _look_up(
    profile: Profile, message: Request | Response, names: list[str], then: Callable[[], None]
) -> None:
    addresses = {}
    try:
        async with asyncio.timeout(PATIENCE):
            for name in names:
                found = await profile.resolver.resolve(_hop(name))
                if found:
                    addresses[name] = found[0].host
                else:
                    log.warning("%s in SDP has no address", name)
    except TimeoutError:
        log.warning("names in SDP could not be looked up in %g s: %s", PATIENCE, ", ".join(names))
    message.body = with_addresses(message.body, addresses)
    then()
    profile.pump()


def _hop(name: str) -> Hop:
    """With a port, so that no services are asked for (RFC 3263 §4.2)."""
    return Hop(name, 1, "udp")
