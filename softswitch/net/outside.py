"""Our address as the world sees it, looked up while a configuration is read (``stun-set``)."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time

from softswitch.net.stun import ask, server_address
from softswitch.webrtc.stun import StunError

log = logging.getLogger(__name__)

PATIENCE = 4.0
"""Seconds that one look-up may take; the start of the switch waits for it."""
KEPT = 30.0
"""Seconds that an answer holds, or that none came: files ask the same server several times."""


class OutsideAddress:
    """Looks up ``stun:server[:port]`` and ``host:name``. Blocks: for the start and executors."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, str | None]] = {}

    def __call__(self, specification: str) -> str | None:
        """The address, or None where nobody told it in time; the log says why."""
        now = time.monotonic()
        known = self._known.get(specification)
        if known is not None and now - known[0] < KEPT:
            return known[1]
        found: list[str] = []
        # A thread of its own: a resolver that hangs must not hold up the start.
        thread = threading.Thread(target=_look_up, args=(specification, found), daemon=True)
        thread.start()
        thread.join(PATIENCE)
        if thread.is_alive():
            log.warning("%s: no answer within %.0f s", specification, PATIENCE)
        address = found[0] if found else None
        self._known[specification] = (time.monotonic(), address)
        return address


def _look_up(specification: str, found: list[str]) -> None:
    kind, _, name = specification.strip().partition(":")
    try:
        if kind.lower() == "stun":
            found.append(asyncio.run(ask(server_address(name)))[0])
        elif kind.lower() == "host":
            entries = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
            found.append(str(entries[0][4][0]))
        else:
            log.warning("%s: write stun:server or host:name", specification)
    except (OSError, StunError, ValueError) as error:
        log.warning("%s: %s", specification, error)
