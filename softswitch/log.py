"""Loggers bound to a call, and the one place where secrets are masked.

A line of a call starts with its channel: ``[7f3a1c22 sofia/internal/1000]``.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TextIO

NOTICE = 25
"""FreeSWITCH's level between INFO and WARNING."""
logging.addLevelName(NOTICE, "NOTICE")

LEVELS = {
    "console": logging.CRITICAL,
    "alert": logging.CRITICAL,
    "crit": logging.CRITICAL,
    "err": logging.ERROR,
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "notice": NOTICE,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
"""FreeSWITCH's level names to Python's numbers."""

CALL: ContextVar[str] = ContextVar("CALL", default="")
"""The uuid of the call whose task runs: lines of whoever works for it carry it too."""

CONSOLE = "console"
"""Name of the handler that writes to the terminal."""

LEVEL_NAMES = {"CRITICAL": "CRIT", "ERROR": "ERR"}
"""FreeSWITCH's names of Python's levels, where they differ."""

_SECRET = re.compile(
    r"""(?ix)
    ((?<![^\W_])(?:password|passwd|secret|a1-hash|response)
      (?: ["']? \s* [=:] | ["'] \s+ value \s* = ) \s* ["']? ) ([^"'\s,;<>}]+)
    """
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def mask(text: str) -> str:
    """Hide passwords and digest responses, and make control characters visible."""
    text = _SECRET.sub(r"\1***", text)
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


class MaskingFilter(logging.Filter):
    """Masks the finished message of every record that passes, and gives it its call's uuid."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask(record.getMessage())
        record.args = None
        if not hasattr(record, "uuid"):
            record.uuid = CALL.get()
        return True


class Terminal(logging.StreamHandler[TextIO]):
    """Writes to what standard error is now: a prompt has lines put in front of itself there."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


_logger = lru_cache(logging.getLogger)
"""Each call asks for one of the few there are."""


class CallLogger(logging.LoggerAdapter[logging.Logger]):
    """Prefixes each line with the call it belongs to."""

    def __init__(self, name: str, uuid: str, channel: str) -> None:
        super().__init__(_logger(name), {"uuid": uuid})
        self._prefix = f"[{uuid[:8]} {channel}]"
        self._least: int | None = None

    def set_level(self, name: str) -> bool:
        """Log this call from that level on, whatever its logger's; False for an unknown name."""
        if name.lower() not in LEVELS:
            return False
        self._least = LEVELS[name.lower()]
        return True

    def isEnabledFor(self, level: int) -> bool:
        return super().isEnabledFor(level) if self._least is None else level >= self._least

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        if self.isEnabledFor(level):
            text, extras = self.process(msg, kwargs)
            # The line is of whoever calls us.
            extras["stacklevel"] = extras.get("stacklevel", 1) + 1
            # Past the logger's own level, which this call may go below.
            self.logger._log(level, text, args, **extras)

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        kwargs.setdefault("extra", self.extra)
        return f"{self._prefix} {msg}", kwargs
