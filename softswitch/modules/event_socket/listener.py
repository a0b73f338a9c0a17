"""What one client listens to, and the bounded queue of what it has not read yet."""

from __future__ import annotations

from collections import deque
from enum import Enum

from softswitch.modules.event_socket.encoding import EventFormat
from softswitch.modules.event_socket.filters import FilterList
from softswitch.modules.event_socket.names import ALL, CUSTOM, NAMES, OF_A_CHANNEL, Wish
from softswitch.modules.event_socket.piece import Piece
from softswitch.switch.events import Event

LOST = "event_socket::lost"
"""Subclass of the event that tells a client how many events it missed."""


class Overflow(Enum):
    """What becomes of a client whose queue is full."""

    DROP = "drop"
    """New events are lost and counted until half of what waits is read; then the client is told."""
    DISCONNECT = "disconnect"
    """The connection is closed."""


class Listener:
    """Decides on each event and keeps what the client must still get.

    ``limit`` bounds the bytes that wait; pieces are shared with other listeners.
    """

    def __init__(self, *, limit: int, overflow: Overflow = Overflow.DROP) -> None:
        self.names: set[str] = set()
        self.subclasses: set[str] = set()
        self.other_subclasses = False
        """True if it takes all subclasses but those in ``unwanted``."""
        self.unwanted: set[str] = set()
        self.filters = FilterList()
        self.format = EventFormat.PLAIN
        self.channel: str | None = None
        """The uuid of ``myevents``: events of other channels are not for us."""
        self.diverted = False
        self.overflowed = False
        """True once the queue was full under the policy `Overflow.DISCONNECT`."""
        self.full = False
        """True from the first loss until half of what waited has been read: all is lost then."""
        self.sent = 0
        self.lost = 0
        """Events and log lines that found no room; whoever knows that they cannot counts here."""
        self._lost_told = 0
        self._limit = limit
        self._overflow = overflow
        self._queue: deque[Piece] = deque()
        self._bytes = 0

    def __repr__(self) -> str:
        return (
            f"<Listener {self.format.value} {len(self.names)} names, {len(self._queue)} waiting,"
            f" {self.sent} sent, {self.lost} lost>"
        )

    # Subscription

    def subscribe(self, wish: Wish) -> None:
        """Add to what is listened to."""
        self.names |= wish.names
        self.subclasses |= wish.subclasses
        self.unwanted -= wish.subclasses

    def unsubscribe(self, wish: Wish) -> None:
        """Take from what is listened to; without CUSTOM its subclasses go as well."""
        if ALL in wish.names:
            self._listen_to_nothing()
            return
        if ALL in self.names:
            self.names = set(NAMES) - {ALL}
            self.other_subclasses = True
        self.unwanted |= wish.subclasses
        self.subclasses -= wish.subclasses
        self.names -= wish.names - ({CUSTOM} if wish.subclasses else set())
        if CUSTOM not in self.names or not (self.subclasses or self.other_subclasses):
            self.subclasses.clear()
            self.other_subclasses = False
            self.names.discard(CUSTOM)

    def _listen_to_nothing(self) -> None:
        self.names.clear()
        self.subclasses.clear()
        self.unwanted.clear()
        self.other_subclasses = False

    def only_channel(self, uuid: str) -> None:
        """Listen to one channel's events (``myevents``)."""
        self.channel = uuid
        self.names |= OF_A_CHANNEL

    def clear(self) -> None:
        """Listen to nothing, and forget what waits."""
        self._listen_to_nothing()
        self._queue.clear()
        self._bytes = 0
        self.full = False

    def subscribed(self, event: Event) -> bool:
        """True if the client listens to events of that kind."""
        if ALL in self.names:
            return True
        if event.name not in self.names:
            return False
        if event.name != CUSTOM or event.subclass in self.subclasses:
            return True
        return self.other_subclasses and event.subclass not in self.unwanted

    @property
    def choosy(self) -> bool:
        """True if it takes some only of the events that it listens to."""
        return self.channel is not None or bool(self.filters)

    def chooses(self, event: Event) -> bool:
        """True if the client is to get an event that it listens to."""
        if self.channel is not None:
            headers = event.headers
            if self.channel not in (headers.get("Unique-ID"), headers.get("Job-Owner-UUID")):
                return False
        return not self.filters or self.filters.pass_(event.headers)

    # Queue

    def put(self, piece: Piece) -> None:
        """Queue events or a log line, unless the queue is full."""
        if self.full or self._bytes + piece.size > self._limit:
            self.lose(piece.count)
        else:
            self.append(piece)

    def append(self, piece: Piece) -> None:
        """Queue what a client must be told, whether there is room or not."""
        if self.lost != self._lost_told:
            self._tell_loss()
        self._append(piece)

    def _append(self, piece: Piece) -> None:
        self._queue.append(piece)
        self._bytes += piece.size

    def lose(self, events: int = 1) -> None:
        """Count events or a log line that find no room: of a client with filters all that it
        listens to, as nobody asks them then."""
        self.full = True
        self.lost += events
        self.overflowed = self._overflow is Overflow.DISCONNECT

    def take(self, most: int) -> bytes:
        """Up to about ``most`` bytes of what waits, or nothing.

        Where events are missing stands an event CUSTOM ``event_socket::lost`` with
        ``Lost-Events``.
        """
        if self.lost != self._lost_told and not self._queue:
            self._tell_loss()
        taken: list[bytes] = []
        size = 0
        while self._queue and size < most:
            piece = self._queue.popleft()
            self._bytes -= piece.size
            self.sent += piece.count
            data = piece.written()
            size += len(data)
            taken.append(data)
        if self.full and self._bytes <= self._limit // 2:
            self.full = False
        return b"".join(taken)

    def _tell_loss(self) -> None:
        headers = {
            "Event-Name": CUSTOM,
            "Event-Subclass": LOST,
            "Lost-Events": str(self.lost - self._lost_told),
            "Lost-Total": str(self.lost),
        }
        self._lost_told = self.lost
        marker = Piece(self.format)
        marker.add(Event(CUSTOM, headers, subclass=LOST))
        self._append(marker)

    @property
    def waiting(self) -> bool:
        """True if `take` would give something."""
        return bool(self._queue) or self.lost != self._lost_told
