"""The long run through a menu, shortened."""

from __future__ import annotations

import subprocess
import sys

from tests.support.process import ROOT


def test_callers_of_a_menu_leave_nothing_behind() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.ivr_memory", "--calls", "700"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("700 calls: ")
