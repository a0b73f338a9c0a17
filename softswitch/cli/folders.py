"""Where the configuration and the data of this installation are, unless an option says else."""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def conf_folder() -> Path:
    """``$SOFTSWITCH_CONF``, ``conf`` of the source tree we run from, or ``/etc/softswitch``."""
    return _folder("SOFTSWITCH_CONF", "conf", "/etc/softswitch")


def data_folder() -> Path:
    """``$SOFTSWITCH_DATA``, ``data`` of the source tree we run from, or ``/var/lib/softswitch``."""
    return _folder("SOFTSWITCH_DATA", "data", "/var/lib/softswitch")


def _folder(variable: str, name: str, installed: str) -> Path:
    if os.environ.get(variable):
        return Path(os.environ[variable])
    if (_ROOT / "pyproject.toml").is_file():
        return _ROOT / name
    return Path(installed)
