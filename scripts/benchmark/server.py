"""A switch that runs beside the load, and what it has taken so far."""

from __future__ import annotations

import array
import math
import os
import socket
import subprocess
import tempfile
import time
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


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
        return cpu_seconds(self.process.pid)

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


def cpu_seconds(pid: int) -> float:
    """User and system time that all threads of a process have taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
