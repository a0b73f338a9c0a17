"""Whether the switch keeps up: calls are refused before those that stand begin to suffer."""

from __future__ import annotations

import asyncio
import logging

log = logging.getLogger(__name__)

BEAT = 0.25
"""Seconds between two looks."""
LATE = 0.5
"""Seconds that the loop may come late: beyond them callers repeat what they sent (RFC 3261, T1)."""
IN_A_ROW = 3
"""Looks that must come late one after the other: a machine may stop for a moment."""
RECOVERY = 2.0
"""Seconds without new calls after it came late."""


class Load:
    """How late the loop is, seen by a timer that should fire at a steady pace."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due = 0.0
        self._too_high_until = 0.0
        self._late = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look."""
        self._due = self._loop.time() + BEAT
        self._timer = self._loop.call_at(self._due, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    @property
    def too_high(self) -> bool:
        """Whether new calls are to be refused."""
        return self._loop.time() < self._too_high_until

    def _look(self) -> None:
        now = self._loop.time()
        self._late = self._late + 1 if now - self._due > LATE else 0
        if self._late >= IN_A_ROW:
            if not self.too_high:
                log.warning("the switch is %.1f s late; it takes no new calls", now - self._due)
            self._too_high_until = now + RECOVERY
        self._due = now + BEAT
        self._timer = self._loop.call_at(self._due, self._look)

    def __repr__(self) -> str:
        return f"<Load {'too high' if self.too_high else 'bearable'}>"
