"""Counts of sessions: in all, at once, each second and in the last five minutes."""

from __future__ import annotations

from collections import Counter, deque

WINDOW = 300
"""Seconds that the peaks look back."""


class SessionCounters:
    """Session counts for ``status``, the heartbeat and the limits; seconds are the loop's."""

    def __init__(self) -> None:
        self.total = 0
        self.peak = 0
        self.per_second_last = 0
        self.per_second_peak = 0
        self.answered: Counter[str] = Counter()
        """Legs that were answered, by direction."""
        self.ended: Counter[tuple[str, str]] = Counter()
        """Legs that ended, by direction and hang-up cause."""
        self._second = -1
        self._this_second = 0
        self._this_peak = 0
        self._recent: deque[tuple[int, int, int]] = deque()

    @property
    def this_second(self) -> int:
        """Sessions begun in the second that runs now (as of the last call of `begin`)."""
        return self._this_second

    def begin(self, now: float, at_once: int) -> None:
        """Count a new session; ``at_once`` sessions exist with it."""
        self.turn(now, at_once)
        self.total += 1
        self._this_second += 1
        self.peak = max(self.peak, at_once)
        self.per_second_peak = max(self.per_second_peak, self._this_second)

    def turn(self, now: float, at_once: int) -> None:
        """Bring the windows up to ``now``."""
        second = int(now)
        if second != self._second:
            if self._second >= 0:
                self._recent.append((self._second, self._this_second, self._this_peak))
            self.per_second_last = self._this_second if second == self._second + 1 else 0
            self._second = second
            self._this_second = self._this_peak = 0
            while self._recent and self._recent[0][0] < second - WINDOW:
                self._recent.popleft()
        self._this_peak = max(self._this_peak, at_once)

    @property
    def per_second_five_minutes(self) -> int:
        """Most sessions begun in one second of the last five minutes."""
        return max(self._this_second, *(item[1] for item in self._recent), 0)

    @property
    def peak_five_minutes(self) -> int:
        """Most sessions at once in the last five minutes."""
        return max(self._this_peak, *(item[2] for item in self._recent), 0)
