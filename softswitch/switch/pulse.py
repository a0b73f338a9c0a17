"""The pulse of the switch: how late its loop is, and the event HEARTBEAT."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from softswitch import __version__
from softswitch.switch.supervisor import Supervisor

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

BEAT_SECONDS = 0.1
"""How often the loop's lag is measured."""
KEPT = 600
"""Lags that are kept: those of the last minute."""


class Pulse:
    """Measures the lag of the loop all the time and fires HEARTBEAT now and then.

    A lag is how much later than asked for the loop runs a timer: what all calls wait then.
    """

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._lags: deque[float] = deque(maxlen=KEPT)
        self._due = 0.0
        self._next_heartbeat = 0.0
        self._next_word = 0.0
        self._supervisor = Supervisor()
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Pulse lag {max(self._lags, default=0) * 1000:.1f} ms at most>"

    def start(self) -> None:
        """Begin to measure, and tell who supervises us that we are up."""
        self._supervisor.ready()
        now = self._switch.loop.time()
        self._next_heartbeat = now + self._interval
        self._arm(now)

    def stop(self) -> None:
        """End it. Idempotent."""
        if self._timer is not None:
            self._supervisor.stopping()
            self._timer.cancel()
            self._timer = None

    def forget(self) -> None:
        """Measure from now on: what made the loop late so far was the start, not calls."""
        self._lags.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._arm(self._switch.loop.time())

    def lags(self) -> Iterator[tuple[str, float]]:
        """Median, 99 per cent and the most of the last minute's lags, in seconds."""
        ordered = sorted(self._lags) or [0.0]
        for quantile, share in (("0.5", 0.5), ("0.99", 0.99), ("1", 1.0)):
            yield quantile, ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def _interval(self) -> float:
        return self._switch.generation.settings.heartbeat_interval

    def _arm(self, now: float) -> None:
        self._due = now + BEAT_SECONDS
        self._timer = self._switch.loop.call_at(self._due, self._beat)

    def _beat(self) -> None:
        now = self._switch.loop.time()
        self._lags.append(max(now - self._due, 0.0))
        if now >= self._next_heartbeat:
            self._next_heartbeat = now + self._interval
            self._switch.publish("HEARTBEAT", heartbeat(self._switch))
        every = self._supervisor.watchdog_seconds
        if every and now >= self._next_word:
            self._next_word = now + every
            self._supervisor.alive()
        self._arm(now)


def heartbeat(switch: Switch) -> dict[str, str]:
    """The headers of the event HEARTBEAT."""
    counters, count = switch.counters, len(switch.sessions)
    counters.turn(switch.loop.time(), count)
    return {
        "Event-Info": "System Ready",
        "Up-Time": uptime_text(switch),
        "FreeSWITCH-Version": __version__,
        "Uptime-msec": str((switch.now_us() - switch.started_at_us) // 1000),
        "Session-Count": str(count),
        "Max-Sessions": str(switch.admission.max_sessions),
        "Session-Per-Sec": str(switch.admission.sessions_per_second),
        "Session-Per-Sec-Last": str(counters.per_second_last),
        "Session-Per-Sec-Max": str(counters.per_second_peak),
        "Session-Per-Sec-FiveMin": str(counters.per_second_five_minutes),
        "Session-Since-Startup": str(counters.total),
        "Session-Peak-Max": str(counters.peak),
        "Session-Peak-FiveMin": str(counters.peak_five_minutes),
        "Idle-CPU": f"{idle_percent():.6f}",
    }


def uptime_text(switch: Switch) -> str:
    """``0 years, 0 days, 1 hour, 2 minutes, …`` since the start."""
    left = switch.now_us() - switch.started_at_us
    parts = []
    for name, length in (
        ("year", 365 * 86_400_000_000),
        ("day", 86_400_000_000),
        ("hour", 3_600_000_000),
        ("minute", 60_000_000),
        ("second", 1_000_000),
        ("millisecond", 1_000),
        ("microsecond", 1),
    ):
        number, left = divmod(left, length)
        parts.append(f"{number} {name}{'' if number == 1 else 's'}")
    return ", ".join(parts)


def idle_percent() -> float:
    """How idle the processors were in the last minute, by the load average."""
    try:
        load = os.getloadavg()[0]
    except OSError:
        return 100.0
    return max(0.0, 100.0 - 100.0 * load / (os.cpu_count() or 1))
