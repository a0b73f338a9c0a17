"""DTMF digits a channel received and no application has taken yet."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

LIMIT = 512
"""Digits kept at most; the oldest are dropped, so that a noisy line costs nothing."""

MOST_DIALED = 1000
"""Keys that ``digits_dialed`` tells at most, as in FreeSWITCH."""


@dataclass(frozen=True, slots=True)
class Digit:
    """One key: ``0-9 * # A-D``, how long in milliseconds, and where it came from."""

    digit: str
    duration_ms: int = 250
    source: str = "rtp"


class DigitQueue:
    """First in, first out; one taker waits at a time."""

    def __init__(self) -> None:
        self._digits: deque[Digit] = deque(maxlen=LIMIT)
        self._arrived: asyncio.Future[None] | None = None
        self.dialed = ""
        """The first keys that came for this queue or the partner, for the record of the call."""

    def __len__(self) -> int:
        return len(self._digits)

    def note(self, digit: Digit) -> None:
        """Remember a key for the record of the call."""
        if len(self.dialed) < MOST_DIALED:
            self.dialed += digit.digit

    def put(self, digit: Digit) -> None:
        """Add a digit and wake who waits for one."""
        self._digits.append(digit)
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    def put_back(self, digit: Digit) -> None:
        """Let a digit that was taken be the first one again."""
        self._digits.appendleft(digit)

    def take(self) -> Digit | None:
        """The oldest digit, or None."""
        return self._digits.popleft() if self._digits else None

    def clear(self) -> int:
        """Forget all digits; returns how many there were."""
        count = len(self._digits)
        self._digits.clear()
        return count

    def arrival(self) -> asyncio.Future[None]:
        """Done as soon as a digit waits; shared by all who ask."""
        if self._arrived is None or self._arrived.done():
            self._arrived = asyncio.get_running_loop().create_future()
        if self._digits and not self._arrived.done():
            self._arrived.set_result(None)
        return self._arrived
