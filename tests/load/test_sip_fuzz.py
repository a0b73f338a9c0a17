"""The long fuzz run, shortened."""

from __future__ import annotations

import subprocess
import sys

from tests.support.process import ROOT


def test_a_short_run_finds_nothing_and_leaves_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.sip_fuzz", "--messages", "2000", "--seed", "9"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2000 messages, seed 9" in done.stdout
    assert "left over nothing" in done.stdout
