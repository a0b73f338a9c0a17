"""The figures as a table."""

from __future__ import annotations

import os
import platform
import statistics
from pathlib import Path
from typing import Any

from benchmark.scenarios import Scenario


def median(runs: list[dict[str, Any]], *path: str) -> float | None:
    """The median over the runs of one figure."""
    values = []
    for run in runs:
        value: Any = run
        for name in path:
            value = value[name]
        if value is not None:
            values.append(float(value))
    return statistics.median(values) if values else None


def figure(runs: list[dict[str, Any]], *path: str) -> str:
    """One of the times of arrivals."""
    value = median(runs, "arrivals", *path)
    return "-" if value is None else f"{value:.2f}"


def row(scenario: Scenario, runs: list[dict[str, Any]]) -> list[str]:
    """One line of the table."""
    sent, returned = median(runs, "rtp", "sent") or 0, median(runs, "rtp", "returned") or 0
    foreign = median(runs, "rtp", "foreign") or 0
    lost = f"{(sent - returned - foreign) / sent * 100:.3f} %" if sent else "-"
    delay = median(runs, "rtp", "delay_ms", "p99")
    if scenario.group == "applications":
        lost, delay = "-", None  # What is heard there is no echo.
    failed = (median(runs, "placed") or 0) - (median(runs, "answered") or 0)
    per = "cpu_ms_per_call_second" if scenario.media else "cpu_ms_per_call"
    unit = "ms/call-second" if scenario.media else "ms/call"
    if scenario.registers:
        unit = "ms/registration"
    cpu = f"{median(runs, per):.2f} {unit}"
    if scenario.reading:
        read, spent = median(runs, "events", "read") or 0, median(runs, "events", "cpu_s") or 1
        cpu += f", {read / spent:,.0f} events/CPU-s"
    floor = floor_delay = pacing = first_sound = peer = "-"
    if scenario.arrivals:
        pacing = f"{figure(runs, 'sd_ms')} / {figure(runs, 'largest_ms')}"
        times = (figure(runs, "first_sound_ms", name) for name in ("p50", "p99"))
        first_sound = " / ".join(times)
    if scenario.relays:
        floor = f"{median(runs, 'floor', 'cpu_ms_per_call_second'):.2f}"
        floor_delay = f"{median(runs, 'floor', 'rtp', 'delay_ms', 'p99'):.2f}"
    if all(run["peer"] for run in runs):
        peer = f"{median(runs, 'peer', 'cpu_ms_per_call_second'):.2f}"
        peer += f" (p99 {median(runs, 'peer', 'rtp', 'delay_ms', 'p99'):.2f})"
    return [
        scenario.name,
        f"{scenario.calls} at {scenario.rate:g}/s, {scenario.hold:g} s"
        + (f", {scenario.beside} bridged beside" if scenario.beside else ""),
        cpu,
        floor,
        peer,
        setup_times(runs),
        f"{failed:g}",
        lost,
        f"{delay:.2f}" if delay is not None else "-",
        floor_delay,
        pacing,
        first_sound,
        " / ".join(f"{median(runs, 'lag_ms', quantile):.1f}" for quantile in ("0.5", "0.99", "1")),
        f"{median(runs, 'idle_mb'):.0f} / {median(runs, 'peak_mb'):.0f}",
        f"{median(runs, 'kb_per_call'):.0f}" if scenario.held else "-",
        scenario.goal,
        scenario.freeswitch,
    ]


def setup_times(runs: list[dict[str, Any]]) -> str:
    """Median and 99th percentile of the set-up; "-" where nothing was answered."""
    p50, p99 = (median(runs, "setup_ms", name) for name in ("p50", "p99"))
    return "-" if p50 is None or p99 is None else f"{p50:.1f} / {p99:.1f}"


HEADINGS = [
    "scenario",
    "load",
    "CPU",
    "CPU of the floor",
    "CPU of rtpengine (its delay ms)",
    "set-up p50 / p99 ms",
    "failed",
    "lost",
    "delay p99 ms",
    "p99 of the floor",
    "packets off by sd / most ms",
    "first sound p50 / p99 ms",
    "loop lag p50 / p99 / most ms",
    "memory idle / peak MB",
    "kB a call",
    "goal",
    "FreeSWITCH 1.11",
]


def describe_machine() -> str:
    """What the figures were measured on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores of {model}, Linux {platform.release()},"
        f" Python {platform.python_version()}, load {load:.1f} before the start"
    )


def markdown(machine: str, runs: int, rows: list[list[str]]) -> str:
    """The table as it stands in docs/performance.md."""
    lines = [f"{machine}; median of {runs} runs.", ""]
    lines.append("| " + " | ".join(HEADINGS) + " |")
    lines.append("|" + "---|" * len(HEADINGS))
    lines += ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join(lines) + "\n"
