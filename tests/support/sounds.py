"""What a fake engine plays, writes and hands out."""

from __future__ import annotations

import asyncio
import math
import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class FakeSource:
    """Remembers what it was opened from and how long it would sound."""

    description: str
    milliseconds: int | None
    rate: int | None = None
    closed: bool = False

    def close(self) -> None:
        self.closed = True


@dataclass(slots=True)
class Playback:
    """A playback under way."""

    number: int
    source: FakeSource
    loops: int
    offset_ms: int
    begun: float
    timer: asyncio.TimerHandle | None = None
    steering: tuple[bool, float, float] = (False, 0.0, 1.0)
    """Whether it is paused, its gain in decibels and its speed."""


@dataclass(slots=True)
class Recording:
    """A recording under way."""

    number: int
    path: str
    options: dict[str, Any]
    begun: float
    timer: asyncio.TimerHandle | None = None
    earlier: bytes = b""
    tap: FakeTap | None = None
    actions: list[str] = field(default_factory=list)
    """What was asked of it: ``mask``, ``pause`` …"""

    def samples(self, now: float, rate: int) -> int:
        """How long it is. The timer of a busy loop may be late: no limit is exceeded by that."""
        most = (self.options.get("limit_ms") or math.inf) / 1000
        return round(min(now - self.begun, most) * rate)


class FakeLive:
    """Remembers what is written."""

    def __init__(self, rate: int) -> None:
        self.rate, self.written, self.listeners, self.closed = rate, 0, 0, False

    def write(self, samples: bytes, rate: int) -> None:
        if len(samples) % 2:
            raise ValueError("samples are 16-bit")
        self.written += len(samples) // 2

    def source(self) -> FakeSource:
        return FakeSource(f"live {self.rate}", None, self.rate)

    def close(self) -> None:
        self.closed = True


class FakeTap:
    """Samples that a test puts in."""

    def __init__(self, number: int, rate: int, channels: int) -> None:
        self.number, self.rate, self.channels, self.lost = number, rate, channels, 0
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._held, self._more = b"", True

    def fileno(self) -> int:
        return self._wake

    def put(self, samples: bytes, *, last: bool = False) -> None:
        """Let samples come."""
        self._held += samples
        self._more = self._more and not last
        os.eventfd_write(self._wake, 1)

    def read(self) -> tuple[bytes, bool]:
        with suppress(BlockingIOError):
            os.eventfd_read(self._wake)
        held, self._held = self._held, b""
        if not self._more:
            os.eventfd_write(self._wake, 1)
        return held, self._more

    def __del__(self) -> None:
        os.close(self._wake)
