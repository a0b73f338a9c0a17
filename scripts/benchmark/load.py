"""The load generator, what it is told, and what a switch takes while it runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmark.scenarios import Scenario
from benchmark.server import ROOT, Server, free_ports

NATIVE = ROOT / "softswitch" / "media" / "native"
REGISTRATIONS = ROOT / "scripts" / "benchmark" / "registrations.py"
LOADGEN = NATIVE / "target" / "release" / "loadgen"


def load_command(scenario: Scenario, sip: int, callee: int, caller: int) -> list[str]:
    """What makes the load; the ports are those of the switch and of both parties."""
    common = [
        *("--target", f"127.0.0.1:{sip}", "--caller", f"{scenario.caller}:{caller}"),
        *("--rate", str(scenario.rate), "--calls", str(scenario.calls)),
    ]
    if scenario.registers:
        return [sys.executable, str(REGISTRATIONS), *common]
    return [
        *(str(LOADGEN), *common),
        *("--number", scenario.number, "--callee", f"127.0.0.1:{callee}"),
        *("--hold", str(scenario.hold), "--media", str(int(scenario.media))),
        *scenario.load,
    ]


class Background:
    """Calls that are up while others are measured."""

    def __init__(self, scenario: Scenario, server: Server) -> None:
        self._load: subprocess.Popen[str] | None = None
        if scenario.beside:
            calls = scenario.background()
            command = load_command(calls, server.sip, server.callee, *free_ports(1))
            self._load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            time.sleep(calls.calls / calls.rate + 1)

    def result(self) -> dict[str, Any] | None:
        """What came of them; None where there are none."""
        if self._load is None:
            return None
        output, _ = self._load.communicate()
        result: dict[str, Any] = json.loads(output)
        return result


class SteadyTime:
    """What the calls cost while all are up: neither their set-up nor their end."""

    def __init__(self, scenario: Scenario, cpu: Callable[[], float]) -> None:
        self._scenario = scenario
        self._cpu = cpu
        self._began = time.monotonic()
        self._first: tuple[float, float] | None = None
        self._last: tuple[float, float] | None = None

    def look(self) -> None:
        """Take note of the time and of the processor time so far; to be called often."""
        now = time.monotonic() - self._began
        start, end = self._scenario.window
        if start <= now <= end:
            self._last = now, self._cpu()
            self._first = self._first or self._last

    def cpu_ms_per_call_second(self) -> float | None:
        """None if the calls were not all up at once for a while."""
        if not self._first or not self._last or self._first == self._last:
            return None
        span, cpu = (last - first for first, last in zip(self._first, self._last, strict=True))
        return cpu * 1000 / (span * (self._scenario.calls + self._scenario.beside))


def measure_floor(calls: int, seconds: int) -> dict[str, Any]:
    """The same packets over a bare epoll loop with two sockets for each call."""
    arguments = ["--floor", "1", "--calls", str(calls), "--hold", str(seconds)]
    done = subprocess.run([LOADGEN, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    floor: dict[str, Any] = json.loads(done.stdout)
    return floor
