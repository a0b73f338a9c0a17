"""What is published in one turn of the loop, joined once for all clients that get the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.modules.event_socket.connection import Connection

Takers = tuple["Connection", ...]
PIECE = 16 * 1024
"""Bytes that are joined at most, but for one large event: a client's queue takes a piece whole."""


class Delivery:
    """Gathers events and hands them to their clients, in order, before the loop turns.

    Events that follow each other to the same clients become one piece, which their queues share.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._takers: Takers = ()
        self._piece: list[bytes] = []
        self._bytes = 0
        self._due = False

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
        elif not self._due:
            self._due = True
            self._loop.call_soon(self._end_of_turn)
        return True

    def _end_of_turn(self) -> None:
        self._due = False
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
