"""When a server that does not answer is asked again."""

from __future__ import annotations

FAILURES = 3
"""Failures in a row after which a server is left alone."""
SHORTEST, LONGEST = 2.0, 30.0
"""Seconds of the first pause, and of those after it as they double."""


class Breaker:
    """Leaves a dead server alone for a while, so that calls need not wait for it.

    After each pause one request is let through; the server's answer ends the pauses. Times are
    seconds of one clock.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._pause = 0.0
        self._until = 0.0
        self._trying = False

    @property
    def open(self) -> bool:
        """Whether the server is left alone."""
        return self._pause > 0

    def allows(self, now: float) -> bool:
        """Whether the server may be asked now."""
        if not self._pause:
            return True
        if now < self._until:
            return False
        # Others wait for what comes of this one.
        self._until = now + self._pause
        self._trying = True
        return True

    def failed(self, now: float) -> bool:
        """The server did not answer; True if it is left alone from now on."""
        self._failures += 1
        if self._failures < FAILURES:
            return False
        opens = not self._pause
        # Requests that were under way when it opened tell nothing new.
        if opens or self._trying:
            self._pause = SHORTEST if opens else min(self._pause * 2, LONGEST)
            self._until = now + self._pause
            self._trying = False
        return opens

    def answered(self) -> bool:
        """The server answered; True if it had been left alone."""
        was_open = self.open
        self._failures, self._pause, self._trying = 0, 0.0, False
        return was_open

    def __repr__(self) -> str:
        state = f"open, pause {self._pause:g} s" if self.open else f"{self._failures} failures"
        return f"<Breaker {state}>"
