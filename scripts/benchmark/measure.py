"""One run of a scenario: the switch, the load, and all figures of it."""

from __future__ import annotations

import json
import re
import subprocess
import time
from typing import Any

from benchmark.listeners import Listeners, ask
from benchmark.load import NATIVE, Background, SteadyTime, load_command, measure_floor
from benchmark.peer import measure_peer
from benchmark.scenarios import Scenario
from benchmark.server import Server, free_ports

MANIFEST = str(NATIVE / "Cargo.toml")


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
        steady = SteadyTime(scenario, server.cpu_seconds)
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
    finally:
        server.stop()
    result["peer"] = measure_peer(scenario) if scenario.peer else None
    return result


def lags(metrics: str) -> dict[str, float]:
    """How late the switch's loop was in the last minute: milliseconds by quantile."""
    return {
        measure["labels"]["quantile"]: measure["value"] * 1000
        for measure in json.loads(metrics)
        if measure["name"] == "loop_lag_seconds"
    }


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
