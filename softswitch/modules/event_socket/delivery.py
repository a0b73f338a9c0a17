"""What is published at almost one time, joined once for all clients that get the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.modules.event_socket.connection import Connection

Takers = tuple["Connection", ...]
PIECE = 16 * 1024
"""Bytes that are joined at most, but for one large event: a client's queue takes a piece whole."""


GATHER_SECONDS = 0.005
"""An event that comes so soon after those before it waits until this time is over."""


class Delivery:
    """Gathers events and hands them to their clients in order: a lone one before the loop turns,
    many at most every `GATHER_SECONDS`, because a write costs more than an event.

    Events that follow each other to the same clients become one piece, which their queues share.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._takers: Takers = ()
        self._piece: list[bytes] = []
        self._bytes = 0
        self._due: asyncio.Handle | None = None
        self._busy_until = 0.0

    def add(self, takers: Takers, encode: Callable[[], bytes]) -> bool:
        """Give an event to clients; False if all of them are full: it is not even encoded."""
        if takers[0].listener.full and all(one.listener.full for one in takers):
            # Nobody waits for what clients that do not read would get.
            for connection in takers:
                connection.listener.lose()
            return False
        if takers is not self._takers:
            self.flush()
            self._takers = takers
        data = encode()
        self._piece.append(data)
        self._bytes += len(data)
        if self._bytes >= PIECE:
            self.flush()
        elif self._due is None:
            wait = self._busy_until - self._loop.time()
            if wait > 0:
                self._due = self._loop.call_later(wait, self._on_time)
            else:
                self._due = self._loop.call_soon(self._on_time)
        return True

    def _on_time(self) -> None:
        self._due = None
        self._busy_until = self._loop.time() + GATHER_SECONDS
        self.flush()

    def stop(self) -> None:
        """Hand over what there is, and gather no more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self.flush()

    def flush(self) -> None:
        """Hand over what has been gathered."""
        if not self._piece:
            return
        events, data = len(self._piece), b"".join(self._piece)
        self._piece.clear()
        self._bytes = 0
        for connection in self._takers:
            connection.put(data, events)
