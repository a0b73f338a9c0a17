"""Whether the switch keeps up: calls are refused before those that stand begin to suffer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)

BEAT = 0.25
"""Seconds between two looks."""
LATE = 0.5
"""Seconds that the loop may come late: beyond them callers repeat what they sent (RFC 3261, T1)."""
BEHIND = 2.0
"""Seconds that messages may wait to be read: a burst is still worked off."""
CAUGHT_UP = 0.25
"""Seconds that they may wait once calls were refused: then calls are taken again."""
IN_A_ROW = 3
"""Looks that must come late one after the other: a machine may stop for a moment."""
RECOVERY = 1.0
"""Seconds without new calls after it was late."""


class Load:
    """How late messages are handled, seen by a timer that should fire at a steady pace.

    Either the loop itself comes late, or it comes in time and reads less than arrives.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, backlog: Callable[[], tuple[int, int]]
    ) -> None:
        """``backlog`` tells how many messages wait to be read, and were read until now."""
        self._loop = loop
        self._backlog = backlog
        self._read = 0
        self._due = 0.0
        self._too_high_until = 0.0
        self._late = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look."""
        self._read = self._backlog()[1]
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
        late, wait = now - self._due, self._wait(now)
        bearable = CAUGHT_UP if self.too_high else BEHIND
        self._late = self._late + 1 if late > LATE or wait > bearable else 0
        if self._late >= IN_A_ROW:
            if not self.too_high:
                log.warning("the switch is %.1f s late; it takes no new calls", max(late, wait))
            self._too_high_until = now + RECOVERY
        self._due = now + BEAT
        self._timer = self._loop.call_at(self._due, self._look)

    def _wait(self, now: float) -> float:
        """Seconds that what arrives now will wait, at the pace of the messages since the last
        look.
        """
        waiting, read = self._backlog()
        count, seconds = read - self._read, now - (self._due - BEAT)
        self._read = read
        return waiting * seconds / count if count > 0 else 0.0

    def __repr__(self) -> str:
        return f"<Load {'too high' if self.too_high else 'bearable'}>"
