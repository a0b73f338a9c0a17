from __future__ import annotations

import signal
import stat
import subprocess
import sys
from pathlib import Path

CRASH = """
import os, signal, sys
from pathlib import Path
from softswitch.switch.crash_report import watch
print(watch(Path(sys.argv[1])))
def deep_in_a_call():
    os.kill(os.getpid(), int(sys.argv[2]))
if sys.argv[2] != "0":
    deep_in_a_call()
"""


def run(folder: Path, number: int) -> tuple[int, str]:
    command = [sys.executable, "-c", CRASH, str(folder), str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


def test_a_fault_tells_where_it_happened_and_the_next_start_of_it(tmp_path: Path) -> None:
    assert run(tmp_path, signal.SIGSEGV)[0] == -signal.SIGSEGV
    report = tmp_path / "crash.txt"
    assert "Segmentation fault" in report.read_text()
    assert "deep_in_a_call" in report.read_text()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    status, kept = run(tmp_path, 0)
    assert status == 0
    assert "deep_in_a_call" in Path(kept).read_text()
    assert run(tmp_path, 0) == (0, "None")


def test_a_kill_leaves_no_report(tmp_path: Path) -> None:
    run(tmp_path, signal.SIGKILL)
    assert run(tmp_path, 0) == (0, "None")
