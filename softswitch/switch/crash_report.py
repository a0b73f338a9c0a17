"""Where the process was when it died of a fault: ``crash.txt`` in the data folder."""

from __future__ import annotations

import faulthandler
import os
import time
from pathlib import Path

FILE = "crash.txt"


def watch(folder: Path) -> Path | None:
    """Have a fault (SIGSEGV, SIGBUS, SIGABRT …) write what each thread did.

    Returns the report that an earlier run left, put aside under the time of its death, or None.
    Raises OSError where the folder cannot be written.
    """
    path, kept = folder / FILE, None
    if path.exists() and path.stat().st_size:
        stamp = time.strftime("%Y-%m-%d-%H-%M-%S", time.localtime(path.stat().st_mtime))
        kept = path.rename(folder / f"crash-{stamp}.txt")
    # It stays open for good: there is no opening files in a signal handler.
    faulthandler.enable(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
    return kept
