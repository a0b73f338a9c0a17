"""One log file that begins anew when it is full or is told to; written beside the loop."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from softswitch.config.settings import LogfileSettings
from softswitch.log import LEVELS
from softswitch.modules.logfile.background import Background
from softswitch.modules.logfile.lines import formatter

MOST_FILES = 1000
"""Old files that are kept where the settings say all."""


class _File(RotatingFileHandler):
    """Comes back by itself when it can be written again; tells once why it cannot."""

    _told = False
    _failed = False

    def _open(self) -> TextIOWrapper:
        # The folder may have been moved away.
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        self._failed = False
        super().emit(record)
        self._told = self._failed

    def handleError(self, record: logging.LogRecord) -> None:
        self._failed = True
        if not self._told:
            error = sys.exc_info()[1]
            print(f"the log file {self.baseFilename} is not written: {error}", file=sys.stderr)

    def close(self) -> None:
        # What a full disk did not take is lost; it keeps nobody from ending.
        with suppress(OSError):
            super().close()


class LogFile:
    """A file that takes what is logged from `open` to `close`."""

    def __init__(self, path: Path, settings: LogfileSettings, levels: set[str]) -> None:
        """Open it. Raises OSError where the file cannot be written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = _File(
            path,
            maxBytes=settings.rollover,
            backupCount=settings.maximum_rotate or MOST_FILES,
            encoding="utf-8",
            errors="backslashreplace",
        )
        self._file.setFormatter(formatter(settings.format, uuid=settings.uuid))
        level = min((LEVELS[name] for name in levels), default=logging.DEBUG)
        self._background = Background(self._file, level)

    def __repr__(self) -> str:
        return f"<LogFile {self.path}, {self.dropped} lines dropped>"

    @property
    def dropped(self) -> int:
        """Lines that found no room."""
        return self._background.dropped

    def rotate(self) -> None:
        """Begin a new file; the present one becomes the newest of the old.

        Raises OSError where it cannot be begun; it is tried again with the next line.
        """
        self._background.pause()
        try:
            self._file.doRollover()
        finally:
            self._background.go_on()

    def close(self) -> None:
        """Write what waits and close. Idempotent."""
        self._background.close()
