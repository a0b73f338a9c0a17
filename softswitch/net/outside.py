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

PATIENCE = 0.75
"""Seconds that all look-ups of one reading may take together; the start of the switch waits."""
KEPT = 30.0
"""Seconds that an answer holds, or that none came: files ask the same server several times."""


class OutsideAddress:
    """Looks up ``stun:server[:port]`` and ``host:name``. Blocks: for the start and executors."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[float, list[str]]] = {}
        self._began = -KEPT
        self._spent = 0.0

    def __call__(self, specification: str) -> str | None:
        """The address, or None where nobody told it in time; the log says why.

        An answer that comes later is known the next time.
        """
        now = time.monotonic()
        if now - self._began > KEPT:
            self._began, self._spent = now, 0.0
        asked = self._asked.get(specification)
        if asked is not None and now - asked[0] < KEPT:
            return asked[1][0] if asked[1] else None
        found: list[str] = []
        self._asked[specification] = (now, found)
        # A thread of its own: a resolver that hangs must not hold up the start.
        thread = threading.Thread(target=_look_up, args=(specification, found), daemon=True)
        thread.start()
        thread.join(max(PATIENCE - self._spent, 0.0))
        self._spent += time.monotonic() - now
        return found[0] if found else None


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
