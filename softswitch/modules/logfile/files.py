"""One log file: lines go into a bounded queue, a thread writes them and begins new files."""

from __future__ import annotations

import logging
import queue
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path

from softswitch.config.settings import LogfileSettings
from softswitch.log import LEVELS, MaskingFilter

MOST_LINES = 100_000
"""Lines that may wait for a slow disk; more are dropped and counted."""
MOST_FILES = 1000
"""Old files that are kept where the settings say all."""


class _Formatter(logging.Formatter):
    """FreeSWITCH's order: the call's id, the time to the microsecond, the level, the place."""

    def __init__(self, *, uuid: bool) -> None:
        super().__init__()
        self._uuid = uuid

    def format(self, record: logging.LogRecord) -> str:
        stamp = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        microseconds = int(record.created % 1 * 1_000_000)
        call = getattr(record, "uuid", "") if self._uuid else ""
        place = f"{record.filename}:{record.lineno}"
        line = f"{stamp}.{microseconds:06d} [{record.levelname}] {place} {record.getMessage()}"
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        text = f"{line}\n{record.exc_text}" if record.exc_text else line
        return f"{call} {text}" if call else text


class _BoundedHandler(QueueHandler):
    """Never waits: what finds no room is dropped and counted."""

    dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        # The filter made plain text of the message; the formatter is the writing thread's.
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


class LogFile:
    """A file that takes what is logged from `open` to `close`."""

    def __init__(self, path: Path, settings: LogfileSettings, levels: set[str]) -> None:
        """Open it. Raises OSError where the file cannot be written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = RotatingFileHandler(
            path,
            maxBytes=settings.rollover,
            backupCount=settings.maximum_rotate or MOST_FILES,
            encoding="utf-8",
            errors="backslashreplace",
        )
        self._file.setFormatter(_Formatter(uuid=settings.uuid))
        waiting: queue.Queue[logging.LogRecord] = queue.Queue(MOST_LINES)
        self._handler = _BoundedHandler(waiting)
        self._handler.setLevel(min((LEVELS[name] for name in levels), default=logging.DEBUG))
        self._handler.addFilter(MaskingFilter())
        self._listener = QueueListener(waiting, self._file)
        self._listener.start()
        logging.getLogger().addHandler(self._handler)

    def __repr__(self) -> str:
        return f"<LogFile {self.path}, {self.dropped} lines dropped>"

    @property
    def dropped(self) -> int:
        """Lines that found no room."""
        return self._handler.dropped

    def rotate(self) -> None:
        """Begin a new file; the present one becomes the newest of the old."""
        self._listener.stop()
        self._file.doRollover()
        self._listener.start()

    def close(self) -> None:
        """Write what waits and close. Idempotent."""
        logging.getLogger().removeHandler(self._handler)
        if self._listener._thread is not None:
            self._listener.stop()
        self._file.close()
