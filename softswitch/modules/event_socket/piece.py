"""What waits for clients: events that follow each other, written out once somebody takes them."""

from __future__ import annotations

from softswitch.modules.event_socket.encoding import EventFormat, encode
from softswitch.switch.events import Event

HEADER_SIZE = 32
"""Bytes that a header counts for beside its value: what names take in texts, and what keeping them
takes, is less."""


class Piece:
    """Some events, shared by the queues of all clients that get them in the same format.

    A client that does not read costs no writing: it is done for the first who takes a piece.
    """

    __slots__ = ("_data", "_events", "_form", "count", "size")

    def __init__(self, form: EventFormat, data: bytes | None = None) -> None:
        """Empty; or, with ``data``, what is written already."""
        self._form = form
        self._data = data
        self._events: list[Event] = []
        self.count = 1 if data is not None else 0
        """Events, or one log line."""
        self.size = len(data) if data is not None else 0
        """Bytes that it is taken for while it waits, whether it has been written or not."""

    def add(self, event: Event) -> None:
        """Put an event behind the others; it must not change any more."""
        self._events.append(event)
        self.count += 1
        headers = event.headers
        self.size += HEADER_SIZE * len(headers) + sum(map(len, headers.values()))
        self.size += len(event.body or "")

    def written(self) -> bytes:
        """What a client gets."""
        data = self._data
        if data is None:
            form = self._form
            data = self._data = b"".join([encode(event, form) for event in self._events])
            self._events.clear()
        return data
