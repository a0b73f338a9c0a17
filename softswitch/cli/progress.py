"""A bar that tells a person how far something long has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self, TextIO

_PATIENCE = 1.0
"""Seconds before anything is shown: what is done by then needs no bar."""
_WIDTH = 30


class Progress:
    """Shows a bar on a terminal, in one line that is gone afterwards; elsewhere nothing."""

    def __init__(
        self, label: str, stream: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._label = label
        self._stream = stream
        self._clock = clock
        self._start = clock()
        self._shown = False

    def tell(self, share: float) -> None:
        """So much is done, as a share of 1."""
        if not self._stream.isatty() or self._clock() - self._start < _PATIENCE:
            return
        bar = "#" * round(share * _WIDTH)
        self._stream.write(f"\r{self._label} [{bar:<{_WIDTH}}] {share:4.0%}")
        self._stream.flush()
        self._shown = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
