"""What is published at almost one time, joined once for all clients that get the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.modules.event_socket.encoding import EventFormat
from softswitch.modules.event_socket.piece import Piece
from softswitch.switch.events import Event

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
        self._piece: Piece | None = None
        self._due: asyncio.Handle | None = None
        self._busy_until = 0.0

    def add(self, takers: Takers, event: Event, form: EventFormat) -> bool:
        """Give an event to clients of one format; False if all of them are full."""
        if takers[0].listener.full and all(one.listener.full for one in takers):
            # Nobody waits for what clients that do not read would get.
            for connection in takers:
                connection.listener.lose()
            return False
        if takers is not self._takers:
            self.flush()
            self._takers = takers
        piece = self._piece
        if piece is None:
            piece = self._piece = Piece(form)
        piece.add(event)
        if piece.size >= PIECE:
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
        piece, self._piece = self._piece, None
        if piece is not None:
            for connection in self._takers:
                connection.put(piece)
