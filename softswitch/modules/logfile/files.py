"""One log file that begins anew when it is full or is told to; written beside the loop."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from softswitch.config.settings import LogfileSettings
from softswitch.log import LEVELS
from softswitch.modules.logfile.background import Background
from softswitch.modules.logfile.lines import formatter

MOST_FILES = 1000
"""Old files that are kept where the settings say all."""


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
        """Begin a new file; the present one becomes the newest of the old."""
        self._background.pause()
        self._file.doRollover()
        self._background.go_on()

    def close(self) -> None:
        """Write what waits and close. Idempotent."""
        self._background.close()
