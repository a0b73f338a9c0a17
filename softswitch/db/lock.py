"""One switch at a time for a data folder: two would overwrite each other's registrations."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

FILE = "softswitch.lock"


class InUse(OSError):
    """A switch runs on the folder."""


def hold(folder: Path) -> int:
    """Take the folder until the descriptor is closed, or the process gone. Raises `InUse`."""
    descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise InUse(f"a switch runs on {folder} already") from None
    return descriptor
