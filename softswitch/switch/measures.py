"""Figures of the running switch, for whoever shows or collects them.

Whoever has figures adds a function to ``Switch.measures``; it is called when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: counters only grow, gauges go up and down."""

    name: str
    help: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)
    counter: bool = False


Measures = Callable[[], Iterator[Measure]]


def measures(switch: Switch) -> Iterator[Measure]:
    """All figures there are: those of the core, then those of endpoints and modules."""
    counters = switch.counters
    counters.turn(switch.loop.time(), len(switch.sessions))
    uptime = (switch.now_us() - switch.started_at_us) / 1_000_000
    yield Measure("uptime_seconds", "Time since the start.", uptime)
    yield Measure("sessions", "Sessions that are up.", len(switch.sessions))
    yield Measure("sessions_max", "Sessions that may be up at once.", switch.admission.max_sessions)
    yield Measure("sessions_peak", "Most sessions at once since the start.", counters.peak)
    yield Measure(
        "sessions_started_total", "Sessions since the start.", counters.total, counter=True
    )
    yield Measure(
        "sessions_per_second", "Sessions begun in the last second.", counters.per_second_last
    )
    yield Measure("bridges", "Calls that are bridged.", _bridges(switch))
    for (direction, cause), count in sorted(counters.ended.items()):
        labels = {"direction": direction, "cause": cause}
        yield Measure("hangups_total", "Legs that ended.", count, labels, counter=True)
    for direction, count in sorted(counters.answered.items()):
        labels = {"direction": direction}
        yield Measure("answers_total", "Legs that were answered.", count, labels, counter=True)
    pulse = switch.pulse
    for quantile, seconds in pulse.lags():
        labels = {"quantile": quantile}
        yield Measure("loop_lag_seconds", "How late the loop was in the last minute.", seconds,
                      labels)  # fmt: skip
    yield Measure("tasks", "Tasks that live: sessions and what runs beside them.", switch.tasks)
    yield Measure("events_total", "Events that were fired.", switch.bus.sequence, counter=True)
    for database in sorted(switch.databases.opened, key=lambda one: one.name):
        labels = {"database": database.name.removesuffix(".db")}
        yield Measure("database_waiting", "Changes that wait to be written.", database.waiting,
                      labels)  # fmt: skip
        yield Measure("database_lost_total", "Changes that found no room to wait, or were refused.",
                      database.lost + database.failed, labels, counter=True)  # fmt: skip
    for name, count in switch.engine.stats().items():
        yield Measure(f"media_{name}", "A figure of the media engine.", count)
    for further in switch.measures:
        yield from further()


def _bridges(switch: Switch) -> int:
    return sum(one.peer is not None for one in switch.sessions.values()) // 2
