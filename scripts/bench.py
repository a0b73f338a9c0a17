"""Measure a switch on this machine under load: CPU, set-up time, loss, delay and memory.

The load generator plays caller and callee on the loopback address; the switch runs beside it
with ``scripts/bench-conf``. Every figure is the median of several runs. Beside what relays stands
the floor: what the shortest relay there can be takes, measured directly after each run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listeners import Listeners
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
NATIVE = ROOT / "softswitch" / "media" / "native"
REGISTRATIONS = ROOT / "scripts" / "bench_registrations.py"
LOADGEN = NATIVE / "target" / "release" / "loadgen"
FLOOR_SECONDS = 5
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Scenario:
    """One kind of load, and what its figure is divided by."""

    group: str
    name: str
    number: str
    calls: int
    rate: float
    hold: float
    media: bool
    goal: str
    relays: bool = False
    """Two sockets carry each call, so that the floor can be compared."""
    reading: int = 0
    """Event socket clients that read every event meanwhile."""
    silent: int = 0
    """Those that subscribe to every event and stop reading."""
    caller: str = "127.0.0.1"
    """The address that calls come from; the switch trusts this one, and asks others who they are.
    """
    refused: str = ""
    """The status that calls are to be refused with; empty where they are to be answered."""
    registers: bool = False
    """It is users that come and go, not calls."""

    @property
    def held(self) -> bool:
        """Whether calls stay up so long that memory can be told by the call."""
        return self.hold >= 5

    @property
    def window(self) -> tuple[float, float]:
        """From when on all calls are up, and until when; seconds after the first one is placed."""
        return self.calls / self.rate + 1, self.hold - 0.3


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("sip", "calls", "7000", 1000, 100, 0.2, False, "4 ms a call, p99 under 25 ms"),
        Scenario(
            "events", "listened", "7000", 300, 30, 0.2, False, "50,000 events/CPU-s", reading=10
        ),
        Scenario("events", "stalled", "7000", 1000, 100, 0.2, False, "set-up as calls", silent=1),
        Scenario("sip", "rush", "7000", 8000, 400, 0.2, False, "none failed, p99 under 50 ms"),
        Scenario("sip", "refused", "7486", 2000, 200, 0, False, "0.4 ms", refused="486"),
        Scenario(
            *("sip", "challenged", "7000", 2000, 200, 0, False, "0.4 ms"),
            caller="127.0.0.2",
            refused="407",
        ),
        Scenario("sip", "registrations", "", 2000, 200, 0, False, "0.5 ms", registers=True),
        Scenario("media", "relay", "7000", 100, 25, 12, True, "0.4 ms", relays=True),
        Scenario("media", "transcode", "7003", 100, 25, 12, True, "0.6 ms", relays=True),
        Scenario("media", "record", "7004", 100, 25, 12, True, "relay + 0.3 ms", relays=True),
        Scenario("media", "echo", "9196", 100, 25, 12, True, "0.3 ms"),
        Scenario("media", "conference", "3500", 100, 25, 12, True, "0.5 ms"),
        Scenario("media", "conferences", "36", 300, 50, 14, True, "0.5 ms"),
        Scenario("media", "tone", "9197", 100, 25, 12, True, "0.3 ms"),
        Scenario("many", "thousand", "7000", 1000, 50, 30, True, "0 % lost, 5 ms", relays=True),
        Scenario("many", "two-thousand", "7000", 2000, 80, 35, True, "0.1 %, 10 ms", relays=True),
    )
}


class Server:
    """One switch in a process of its own, with a temporary data folder."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.sip, self.callee, self.console = free_ports(3)
        environment = os.environ | {
            "SOFTSWITCH_BENCH_SIP": str(self.sip),
            "SOFTSWITCH_BENCH_SOCKET": str(self.console),
            "SOFTSWITCH_BENCH_CALLEE": f"127.0.0.1:{self.callee}",
        }
        command = [str(ROOT / ".venv/bin/softswitch"), "run", "--log-level", "warning"]
        command += ["--conf", str(ROOT / "scripts/bench-conf"), "--data", self._folder.name]
        began = time.monotonic()
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, env=environment, text=True, stdin=subprocess.DEVNULL
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.start_seconds = time.monotonic() - began
        if "is up" not in line:
            raise RuntimeError(f"the switch does not start: {line}")
        time.sleep(0.5)
        self.idle_mb = self.memory_mb()

    @property
    def data(self) -> Path:
        """Its data folder."""
        return Path(self._folder.name)

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self) -> float:
        """Resident memory."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
        self._folder.cleanup()


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for item in sockets:
        item.bind(("127.0.0.1", 0))
    ports = [item.getsockname()[1] for item in sockets]
    for item in sockets:
        item.close()
    return ports


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
    ]


def measure(scenario: Scenario) -> dict[str, Any]:
    """One run of a scenario on a fresh switch."""
    server = Server()
    try:
        listeners = Listeners(
            server.console, server.data, reading=scenario.reading, silent=scenario.silent
        )
        cpu = server.cpu_seconds()
        steady = SteadyTime(scenario, server)
        command = load_command(scenario, server.sip, server.callee, *free_ports(1))
        load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        peak = 0.0
        while load.poll() is None:
            peak = max(peak, server.memory_mb())
            steady.look()
            time.sleep(0.05)
        assert load.stdout is not None
        result: dict[str, Any] = json.loads(load.stdout.read())
        spent = server.cpu_seconds() - cpu
        result["events"] = listeners.finish() | {"cpu_s": spent}
        if scenario.refused:
            result["answered"] = result["refused"].get(scenario.refused, 0)
        result["cpu_s"] = spent
        result["start_s"] = server.start_seconds
        result["idle_mb"] = server.idle_mb
        result["peak_mb"] = peak
        result["kb_per_call"] = (peak - server.idle_mb) * 1024 / max(result["most_at_once"], 1)
        result["cpu_ms_per_call"] = spent * 1000 / max(result["answered"], 1)
        result["cpu_ms_per_call_second"] = steady.cpu_ms_per_call_second()
        if scenario.relays:
            result["floor"] = measure_floor(scenario.calls)
        return result
    finally:
        server.stop()


class SteadyTime:
    """What the calls cost while all are up: neither their set-up nor their end."""

    def __init__(self, scenario: Scenario, server: Server) -> None:
        self._scenario = scenario
        self._server = server
        self._began = time.monotonic()
        self._first: tuple[float, float] | None = None
        self._last: tuple[float, float] | None = None

    def look(self) -> None:
        """Take note of the time and of the processor time so far; to be called often."""
        now = time.monotonic() - self._began
        start, end = self._scenario.window
        if start <= now <= end:
            self._last = now, self._server.cpu_seconds()
            self._first = self._first or self._last

    def cpu_ms_per_call_second(self) -> float | None:
        """None if the calls were not all up at once for a while."""
        if not self._first or not self._last or self._first == self._last:
            return None
        span, cpu = (last - first for first, last in zip(self._first, self._last, strict=True))
        return cpu * 1000 / (span * self._scenario.calls)


def measure_floor(calls: int) -> dict[str, Any]:
    """The same packets over a bare epoll loop with two sockets for each call."""
    arguments = ["--floor", "1", "--calls", str(calls), "--hold", str(FLOOR_SECONDS)]
    done = subprocess.run([LOADGEN, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    floor: dict[str, Any] = json.loads(done.stdout)
    return floor


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


def row(scenario: Scenario, runs: list[dict[str, Any]]) -> list[str]:
    """One line of the table."""
    sent, returned = median(runs, "rtp", "sent") or 0, median(runs, "rtp", "returned") or 0
    foreign = median(runs, "rtp", "foreign") or 0
    lost = f"{(sent - returned - foreign) / sent * 100:.3f} %" if sent else "-"
    delay = median(runs, "rtp", "delay_ms", "p99")
    failed = (median(runs, "placed") or 0) - (median(runs, "answered") or 0)
    per = "cpu_ms_per_call_second" if scenario.media else "cpu_ms_per_call"
    unit = "ms/call-second" if scenario.media else "ms/call"
    if scenario.registers:
        unit = "ms/registration"
    cpu = f"{median(runs, per):.2f} {unit}"
    if scenario.reading:
        read, spent = median(runs, "events", "read") or 0, median(runs, "events", "cpu_s") or 1
        cpu += f", {read / spent:,.0f} events/CPU-s"
    floor = floor_delay = "-"
    if scenario.relays:
        floor = f"{median(runs, 'floor', 'cpu_ms_per_call_second'):.2f}"
        floor_delay = f"{median(runs, 'floor', 'rtp', 'delay_ms', 'p99'):.2f}"
    return [
        scenario.name,
        f"{scenario.calls} at {scenario.rate:g}/s, {scenario.hold:g} s",
        cpu,
        floor,
        setup_times(runs),
        f"{failed:g}",
        lost,
        f"{delay:.2f}" if delay is not None else "-",
        floor_delay,
        f"{median(runs, 'idle_mb'):.0f} / {median(runs, 'peak_mb'):.0f}",
        f"{median(runs, 'kb_per_call'):.0f}" if scenario.held else "-",
        scenario.goal,
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
    "set-up p50 / p99 ms",
    "failed",
    "lost",
    "delay p99 ms",
    "p99 of the floor",
    "memory idle / peak MB",
    "kB a call",
    "goal",
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    groups = sorted({scenario.group for scenario in SCENARIOS.values()})
    known = ", ".join([*groups, *SCENARIOS])
    parser.add_argument("scenarios", nargs="*", help=f"any of {known}; all if none")
    parser.add_argument("--runs", type=int, default=3, help="runs of each scenario (3)")
    parser.add_argument("--json", action="store_true", help="all figures, for programs")
    parser.add_argument("--markdown", action="store_true", help="the table for docs/performance.md")
    options = parser.parse_args()
    unknown = [name for name in options.scenarios if name not in (*groups, *SCENARIOS)]
    if unknown:
        parser.error(f"there is no scenario {unknown[0]}; known: {known}")
    wanted = set(options.scenarios or groups)
    chosen = [it for it in SCENARIOS.values() if wanted & {it.name, it.group}]
    manifest = str(NATIVE / "Cargo.toml")
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "--manifest-path", manifest, "-p", "loadgen"],
        check=True,
    )
    machine = describe_machine()
    console = Console(stderr=True)
    results: dict[str, list[dict[str, Any]]] = {}
    with Progress(console=console) as progress:
        task = progress.add_task("measuring", total=len(chosen) * options.runs)
        for scenario in chosen:
            for number in range(options.runs):
                progress.update(task, description=f"{scenario.name} {number + 1}/{options.runs}")
                results.setdefault(scenario.name, []).append(measure(scenario))
                progress.advance(task)
    rows = [row(scenario, results[scenario.name]) for scenario in chosen]
    if options.json:
        json.dump({"machine": machine, "results": results}, sys.stdout, indent=1)
    elif options.markdown:
        print(markdown(machine, options.runs, rows))
    else:
        table = Table(*HEADINGS, title=machine)
        for cells in rows:
            table.add_row(*cells)
        Console(width=200).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
