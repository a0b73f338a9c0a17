"""Measure a switch on this machine under load: CPU, set-up time, loss, delay and memory.

The load generator plays caller and callee on the loopback address; the switch runs beside it
with ``scripts/bench-conf``. Every figure is the median of several runs. Beside what relays stands
the floor: what the shortest relay there can be takes, measured directly after each run. Goals and
what FreeSWITCH takes are of another machine of two cores, whose floor is 0.19 to 0.27 ms.
"""

from __future__ import annotations

import argparse
import array
import json
import math
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from listeners import Listeners, ask
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
NATIVE = ROOT / "softswitch" / "media" / "native"
REGISTRATIONS = ROOT / "scripts" / "bench_registrations.py"
LOADGEN = NATIVE / "target" / "release" / "loadgen"
MANIFEST = str(NATIVE / "Cargo.toml")
FLOOR_SECONDS = 5
QUICK_CALLS, QUICK_SECONDS, QUICK_FLOOR_SECONDS = 100, 5.0, 1
"""What ``--quick`` makes of each row of media: less than ten seconds."""
BESIDE_RATE = 40.0
"""Calls a second that are placed beside those that are measured."""
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
    freeswitch: str = "-"
    """What FreeSWITCH 1.11 takes for the same."""
    load: tuple[str, ...] = ()
    """What else the load generator is told."""
    beside: int = 0
    """So many bridged calls are up beside these, and not counted."""
    floor_seconds: int = FLOOR_SECONDS
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
    modules: tuple[str, ...] = ()
    """What the switch loads for it."""

    @property
    def arrivals(self) -> bool:
        """Whether it is measured how evenly packets arrive, and how soon after the answer."""
        return "--arrivals" in self.load

    def quick(self) -> Scenario:
        """The same with fewer calls and in less time; only what relays or plays is made less."""
        if not self.media or self.group == "applications":
            return self
        calls = min(self.calls, QUICK_CALLS)
        return replace(
            self,
            calls=calls,
            rate=float(calls),
            hold=QUICK_SECONDS,
            beside=min(self.beside, QUICK_CALLS // 2),
            floor_seconds=QUICK_FLOOR_SECONDS,
        )

    def with_calls(self, calls: int) -> Scenario:
        """The same with so many calls, all up at once for ten seconds."""
        if not self.media:
            return replace(self, calls=calls)
        rate = max(25.0, min(calls / 10, 40.0))
        hold = math.ceil(calls / rate) + 12.0
        return replace(self, calls=calls, rate=rate, hold=hold)

    @property
    def held(self) -> bool:
        """Whether calls stay up so long that memory can be told by the call."""
        return self.hold >= 5

    @property
    def window(self) -> tuple[float, float]:
        """From when on all calls are up, and until when; seconds after the first one is placed."""
        return self.calls / self.rate + 1, self.hold - 0.3


ARRIVALS = ("--arrivals", "1")
LAG = "lag p99 under 20 ms"

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "sip",
            "calls",
            "7000",
            1000,
            100,
            0.2,
            False,
            "4 ms a call, p99 under 25 ms",
            freeswitch="9.3 ms a call",
        ),
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
        Scenario("media", "relay", "7000", 100, 25, 12, True, "0.4 ms", True, "3.4 to 4.1"),
        Scenario("media", "transcode", "7003", 100, 25, 12, True, "0.6 ms", True, "3.7"),
        Scenario("media", "record", "7004", 100, 25, 12, True, "relay + 0.3 ms", True, "4.7"),
        Scenario(
            "media", "srtp", "7005", 100, 25, 12, True, "relay + 0.4 ms", True, load=("--srtp", "1")
        ),
        Scenario("media", "opus", "7006", 100, 25, 12, True, "5 ms", True, load=("--opus", "1")),
        Scenario("media", "echo", "9196", 100, 25, 12, True, "0.3 ms", freeswitch="1.9"),
        Scenario("media", "conference", "3500", 100, 25, 12, True, "0.5 ms", freeswitch="3.3"),
        Scenario("media", "conferences", "36", 300, 50, 14, True, "0.5 ms"),
        Scenario(
            "media",
            "tone",
            "9197",
            100,
            25,
            12,
            True,
            "0.3 ms; 1 ms sd",
            freeswitch="2.5",
            load=ARRIVALS,
        ),
        Scenario("media", "prompt", "9198", 100, 25, 12, True, "0.3 ms; 40 ms", load=ARRIVALS),
        Scenario(
            "media", "pacing", "9198", 50, 25, 12, True, "1 ms sd; 40 ms", load=ARRIVALS, beside=500
        ),
        Scenario(
            *("applications", "ivr", "4000", 200, 40, 14, True, LAG),
            load=("--digits", "1293", "--digits-every", "1500"),
        ),
        Scenario(
            # Skip the greeting, speak, end it, keep it, and it is not urgent.
            *("applications", "voicemail", "4001", 50, 25, 18, True, LAG),
            load=("--digits", "#...#2#", "--digits-every", "1700"),
            modules=("mod_voicemail",),
        ),
        Scenario(
            *("applications", "queue", "4002", 300, 40, 14, True, LAG),
            modules=("mod_fifo",),
        ),
        Scenario(
            "many",
            "thousand",
            "7000",
            1000,
            50,
            30,
            True,
            "0 % lost, 5 ms",
            True,
            "about 300 calls",
        ),
        Scenario(
            "many",
            "two-thousand",
            "7000",
            2000,
            40,
            62,
            True,
            "0.1 %, 10 ms",
            True,
            "about 300 calls",
        ),
        Scenario(
            "many",
            "pacing-many",
            "9198",
            50,
            25,
            12,
            True,
            "1 ms sd; 40 ms",
            load=ARRIVALS,
            beside=1950,
        ),
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
            "SOFTSWITCH_BENCH_PROMPT": str(Path(self._folder.name) / "prompt.wav"),
        }
        write_prompt(Path(self._folder.name) / "prompt.wav")
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


def write_prompt(path: Path) -> None:
    """A minute that is heard from its first moment, at the rate of a telephone."""
    rate = 8000
    samples = (round(8000 * math.sin(2 * math.pi * 440 * at / rate)) for at in range(60 * rate))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(array.array("h", samples).tobytes())


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
        *scenario.load,
    ]


def beside(scenario: Scenario) -> Scenario:
    """The bridged calls that are up while a scenario is measured, and some time before."""
    up = scenario.beside / BESIDE_RATE
    hold = up + 1 + scenario.calls / scenario.rate + scenario.hold + 1
    relay = SCENARIOS["relay"]
    return replace(relay, calls=scenario.beside, rate=BESIDE_RATE, hold=hold)


class Background:
    """Calls that are up while others are measured."""

    def __init__(self, scenario: Scenario, server: Server) -> None:
        self._load: subprocess.Popen[str] | None = None
        if scenario.beside:
            calls = beside(scenario)
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


def measure(scenario: Scenario) -> dict[str, Any]:
    """One run of a scenario on a fresh switch."""
    server = Server()
    try:
        for module in scenario.modules:
            answer = ask(server.console, server.data, f"load {module}")
            assert answer.startswith("+OK"), answer
        listeners = Listeners(
            server.console, server.data, reading=scenario.reading, silent=scenario.silent
        )
        background = Background(scenario, server)
        cpu = server.cpu_seconds()
        steady = SteadyTime(scenario, server)
        caller, callee = free_ports(2)
        if not scenario.beside:
            callee = server.callee  # Else the calls beside these have it, and these need none.
        command = load_command(scenario, server.sip, callee, caller)
        load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        peak = 0.0
        while load.poll() is None:
            peak = max(peak, server.memory_mb())
            steady.look()
            time.sleep(0.05)
        assert load.stdout is not None
        result: dict[str, Any] = json.loads(load.stdout.read())
        spent = server.cpu_seconds() - cpu
        result["lag_ms"] = lags(ask(server.console, server.data, "metrics"))
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
        result["beside"] = background.result()
        if scenario.relays:
            result["floor"] = measure_floor(scenario.calls, scenario.floor_seconds)
        return result
    finally:
        server.stop()


def lags(metrics: str) -> dict[str, float]:
    """How late the switch's loop was in the last minute: milliseconds by quantile."""
    return {
        measure["labels"]["quantile"]: measure["value"] * 1000
        for measure in json.loads(metrics)
        if measure["name"] == "loop_lag_seconds"
    }


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
        return cpu * 1000 / (span * (self._scenario.calls + self._scenario.beside))


def measure_floor(calls: int, seconds: int) -> dict[str, Any]:
    """The same packets over a bare epoll loop with two sockets for each call."""
    arguments = ["--floor", "1", "--calls", str(calls), "--hold", str(seconds)]
    done = subprocess.run([LOADGEN, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    floor: dict[str, Any] = json.loads(done.stdout)
    return floor


def measure_engine_memory() -> float:
    """kB that a relayed stream takes in the engine alone, with packets flowing through it."""
    command = ["cargo", "run", "--quiet", "--release", "--manifest-path", MANIFEST, "-p", "engine"]
    command += ["--example", "relay_load", "--", "500", "2", "relay"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return stream_memory(done.stdout)


def stream_memory(output: str) -> float:
    """The figure among those that ``relay_load`` prints."""
    found = re.search(r"^memory ([\d.]+) kB a stream$", output, re.MULTILINE)
    assert found is not None, output
    return float(found[1])


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
    floor = floor_delay = pacing = first_sound = "-"
    if scenario.arrivals:
        pacing = f"{figure(runs, 'sd_ms')} / {figure(runs, 'largest_ms')}"
        times = (figure(runs, "first_sound_ms", name) for name in ("p50", "p99"))
        first_sound = " / ".join(times)
    if scenario.relays:
        floor = f"{median(runs, 'floor', 'cpu_ms_per_call_second'):.2f}"
        floor_delay = f"{median(runs, 'floor', 'rtp', 'delay_ms', 'p99'):.2f}"
    return [
        scenario.name,
        f"{scenario.calls} at {scenario.rate:g}/s, {scenario.hold:g} s"
        + (f", {scenario.beside} bridged beside" if scenario.beside else ""),
        cpu,
        floor,
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    groups = sorted({scenario.group for scenario in SCENARIOS.values()})
    known = ", ".join([*groups, *SCENARIOS])
    parser.add_argument("scenarios", nargs="*", help=f"any of {known}; all if none")
    parser.add_argument("--runs", type=int, default=3, help="runs of each scenario (3)")
    parser.add_argument("--quick", action="store_true", help="each row of media in under 10 s")
    parser.add_argument("--calls", type=int, help="so many calls at once in each scenario")
    parser.add_argument("--json", action="store_true", help="all figures, for programs")
    parser.add_argument("--markdown", action="store_true", help="the table for docs/performance.md")
    options = parser.parse_args()
    unknown = [name for name in options.scenarios if name not in (*groups, *SCENARIOS)]
    if unknown:
        parser.error(f"there is no scenario {unknown[0]}; known: {known}")
    wanted = set(options.scenarios or groups)
    chosen = [it for it in SCENARIOS.values() if wanted & {it.name, it.group}]
    if options.quick:
        chosen = [scenario.quick() for scenario in chosen]
    if options.calls:
        chosen = [scenario.with_calls(options.calls) for scenario in chosen]
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "--manifest-path", MANIFEST, "-p", "loadgen"],
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
    memory = None
    if any(scenario.group == "media" for scenario in chosen):
        memory = measure_engine_memory()
    told = f"memory of the engine: {memory:.1f} kB a relayed stream (goal: 20)" if memory else ""
    if options.json:
        figures = {"machine": machine, "engine_kb_per_stream": memory, "results": results}
        json.dump(figures, sys.stdout, indent=1)
    elif options.markdown:
        print(markdown(machine, options.runs, rows))
        print(told)
    else:
        table = Table(*HEADINGS, title=machine)
        for cells in rows:
            table.add_row(*cells)
        Console(width=240).print(table)
        print(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
