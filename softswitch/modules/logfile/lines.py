"""How a record is written: FreeSWITCH's line, or an object of JSON."""

from __future__ import annotations

import json
import logging

from softswitch.log import LEVEL_NAMES


class FreeSwitchLine(logging.Formatter):
    """The call's id, the time to the microsecond, the level, the place and the text.

    Further lines of a text are indented: what callers sent cannot pass for a line of its own.
    """

    def __init__(self, *, uuid: bool = True) -> None:
        super().__init__()
        self._uuid = uuid

    def format(self, record: logging.LogRecord) -> str:
        stamp = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        microseconds = int(record.created % 1 * 1_000_000)
        call = getattr(record, "uuid", "") if self._uuid else ""
        level = LEVEL_NAMES.get(record.levelname, record.levelname)
        place = f"{record.filename}:{record.lineno}"
        line = f"{stamp}.{microseconds:06d} [{level}] {place} {text_of(self, record)}"
        if "\n" in line:
            line = line.replace("\n", "\n    ")
        return f"{call} {line}" if call else line


class JsonLine(logging.Formatter):
    """One object in one line: ``time level file line uuid message`` and ``traceback``."""

    def format(self, record: logging.LogRecord) -> str:
        microseconds = int(record.created % 1 * 1_000_000)
        zone = self.formatTime(record, "%z")
        entry = {
            "time": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{microseconds:06d}{zone}",
            "level": LEVEL_NAMES.get(record.levelname, record.levelname),
            "file": record.filename,
            "line": record.lineno,
            "uuid": getattr(record, "uuid", ""),
            "message": record.getMessage(),
        }
        if not entry["uuid"]:
            del entry["uuid"]
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def text_of(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """The message, and the traceback of an exception below it."""
    if record.exc_info and not record.exc_text:
        record.exc_text = formatter.formatException(record.exc_info)
    message = record.getMessage()
    return f"{message}\n{record.exc_text}" if record.exc_text else message


def formatter(name: str, *, uuid: bool = True) -> logging.Formatter:
    """The formatter for a setting ``format``: ``freeswitch`` or ``json``."""
    return JsonLine() if name == "json" else FreeSwitchLine(uuid=uuid)
