"""Log lines for the clients that asked for them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from softswitch.log import CALL, LEVEL_NAMES, LEVELS, NOTICE, mask
from softswitch.modules.event_socket.protocol import frame

NUMBERS = {
    "console": 0,
    "alert": 1,
    "crit": 2,
    "err": 3,
    "error": 3,
    "warning": 4,
    "notice": 5,
    "info": 6,
    "debug": 7,
    **{f"debug{more}": 7 + more for more in range(1, 11)},
}
"""FreeSWITCH's numbers of its level names."""
HIGHEST = 63
"""What FreeSWITCH takes for a number that is higher."""


def level_number(text: str) -> int | None:
    """The number that a level's name or number stands for, none being debug; None for neither.

    A number below all levels counts as the lowest, one above them as 63.
    """
    text = text.strip().lower()
    if not text:
        return NUMBERS["debug"]
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        return min(max(int(text), NUMBERS["console"]), HIGHEST)
    return NUMBERS.get(text)


def number_of(level: int) -> int:
    """FreeSWITCH's number of one of Python's levels."""
    if level >= LEVELS["crit"]:
        return NUMBERS["crit"]
    if level >= LEVELS["err"]:
        return NUMBERS["err"]
    if level >= LEVELS["warning"]:
        return NUMBERS["warning"]
    if level >= NOTICE:
        return NUMBERS["notice"]
    return NUMBERS["info"] if level >= LEVELS["info"] else NUMBERS["debug"]


def level_of(number: int) -> int:
    """Python's level of one of FreeSWITCH's numbers."""
    names = {known: name for name, known in NUMBERS.items() if name in LEVELS}
    return LEVELS[names.get(number, "debug")]


class LogForwarder(logging.Handler):
    """Hands each record, as the frame a client gets, to ``deliver(number, frame)`` on the loop."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, deliver: Callable[[int, bytes], None]
    ) -> None:
        super().__init__()
        self._loop = loop
        self._deliver = deliver

    def emit(self, record: logging.LogRecord) -> None:
        number = number_of(record.levelno)
        data = log_frame(record, number)
        # Records come from worker threads as well.
        self._loop.call_soon_threadsafe(self._deliver, number, data)


def log_frame(record: logging.LogRecord, number: int) -> bytes:
    """A record as ``log/data``: FreeSWITCH's line, and where it comes from."""
    text = record.getMessage()
    if record.exc_info:
        text += "\n" + logging.Formatter().formatException(record.exc_info)
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
    micro = int(record.created % 1 * 1_000_000)
    place = f"{record.filename}:{record.lineno}"
    level = LEVEL_NAMES.get(record.levelname, record.levelname)
    line = f"{moment}.{micro:06d} [{level}] {place} {mask(text)}\n"
    return frame(
        line,
        ("Content-Type", "log/data"),
        ("Log-Level", str(number)),
        ("Text-Channel", "0"),
        ("Log-File", record.filename),
        ("Log-Func", record.funcName or ""),
        ("Log-Line", str(record.lineno)),
        ("User-Data", getattr(record, "uuid", CALL.get())),
    )
