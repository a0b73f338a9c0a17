"""A handler that makes nobody wait: records go into a bounded queue, a thread hands them on."""

from __future__ import annotations

import logging
import queue
from logging.handlers import QueueHandler, QueueListener

from softswitch.log import MaskingFilter

MOST_LINES = 100_000
"""Lines that may wait for a slow disk or terminal; more are dropped and counted."""


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


class _Listener(QueueListener):
    def enqueue_sentinel(self) -> None:
        # Ending waits its turn: there may be no room just now.
        self.queue.put(self._sentinel)  # type: ignore[attr-defined]


class Background:
    """Hands what is logged to another handler, in a thread, from here to `close`."""

    def __init__(
        self, target: logging.Handler, level: int, note: logging.Filter | None = None
    ) -> None:
        """``note`` adds to each record what is known only when it is logged."""
        self._target = target
        waiting: queue.Queue[logging.LogRecord] = queue.Queue(MOST_LINES)
        self._handler = _BoundedHandler(waiting)
        self._handler.setLevel(level)
        self._handler.set_name(target.get_name())
        self._handler.addFilter(MaskingFilter())
        if note is not None:
            self._handler.addFilter(note)
        self._listener = _Listener(waiting, target)
        self._listener.start()
        logging.getLogger().addHandler(self._handler)

    def __repr__(self) -> str:
        return f"<Background {self._target!r}, {self.dropped} lines dropped>"

    @property
    def dropped(self) -> int:
        """Lines that found no room."""
        return self._handler.dropped

    def pause(self) -> None:
        """Hand over what waits, and keep what comes until `go_on`."""
        self._listener.stop()

    def go_on(self) -> None:
        """Hand on again."""
        self._listener.start()

    def close(self) -> None:
        """Hand over what waits and close the handler. Idempotent."""
        logging.getLogger().removeHandler(self._handler)
        if self._listener._thread is not None:
            self._listener.stop()
        self._target.close()
