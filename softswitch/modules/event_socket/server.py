"""The event socket's server: who may connect, and events to whoever listens."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

from softswitch.modules.event_socket.connection import Connection
from softswitch.modules.event_socket.delivery import Delivery, Takers
from softswitch.modules.event_socket.encoding import EventFormat
from softswitch.modules.event_socket.listener import Listener
from softswitch.modules.event_socket.logs import LogForwarder, level_of
from softswitch.modules.event_socket.messages import MessageQueue
from softswitch.modules.event_socket.names import ALL
from softswitch.modules.event_socket.piece import Piece
from softswitch.modules.event_socket.settings import EventSocketSettings
from softswitch.net.listening import listening
from softswitch.switch.events import Event, Subscription

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

DEFAULT_ACCESS = ("loopback.auto",)
MOST_KINDS = 1000
"""Kinds of events whose takers are remembered."""
Kind = tuple[EventFormat, Takers, tuple[Connection, ...]]
"""The clients of one format that take a kind of event: each one of it, and those they choose."""


class EventSocketServer:
    """Listens, and hands each event to the clients that want it, encoded once per format."""

    def __init__(self, switch: Switch, settings: EventSocketSettings, password: str) -> None:
        self.switch = switch
        self.settings = settings
        self.password = password
        self.connections: set[Connection] = set()
        self.messages: dict[str, MessageQueue] = {}
        """What runs on channels, and waits, for any client: a lock is one for all of them."""
        self._server: asyncio.Server | None = None
        self._subscription: Subscription | None = None
        self._listening: list[Connection] = []
        self._takers: dict[tuple[str, str | None], list[Kind]] = {}
        """Who listens to each kind of event, as long as no client wants something else."""
        self._losers: dict[tuple[str, str | None], list[Listener]] = {}
        """The same, while none of them has room."""
        self._shared: dict[Takers, Takers] = {}
        """Groups of clients, each once, so that they are known by identity."""
        self.delivery = Delivery(switch.loop)
        self._forwarder: LogForwarder | None = None
        self._lowered: tuple[int, int] | None = None
        """The logger's level before a client wanted more, and the one it has for that."""

    def __repr__(self) -> str:
        host, port = self.address if self._server else (self.settings.listen_ip, 0)
        return f"<EventSocketServer {host}:{port} {len(self.connections)} clients>"

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def start(self) -> None:
        """Listen. Raises ListenError where the address cannot be had."""
        host: str | list[str] = self.settings.listen_ip
        if host == "::":
            # Operators who write this mean every address, those of IPv4 too.
            host = ["::", "0.0.0.0"]
        port = self.settings.listen_port
        with listening("tcp", (self.settings.listen_ip, port)):
            self._server = await self.switch.loop.create_server(
                lambda: Connection(self), host, port
            )
        log.info("the event socket listens on %s port %d", *self.address)

    async def stop(self) -> None:
        """Close the listener and say goodbye to every client."""
        if self._server is not None:
            self._server.close()
        self.delivery.stop()
        for connection in list(self.connections):
            connection.close()
        if self._server is not None:
            await self._server.wait_closed()
        self.subscriptions_changed()
        self.logging_changed()

    # Admission

    def admit(self, connection: Connection, host: str) -> str | None:
        """Take a new client; a sentence says why it is refused."""
        clients = sum(one.control is None for one in self.connections)
        if clients >= self.settings.max_clients:
            return f"there are {clients} clients already"
        lists = self.settings.access_lists or DEFAULT_ACCESS
        acl = self.switch.generation.acl
        for name in lists:
            if not acl.check(name, host).allowed:
                return f"the access list {name} does not allow it"
        self.take(connection)
        return None

    def take(self, connection: Connection) -> None:
        """Know a client; `forget` is its end."""
        self.connections.add(connection)

    def is_local(self, peer: str) -> bool:
        """True for an address of this machine's loopback."""
        try:
            address = ip_address(peer.rpartition(":")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return (mapped or address).is_loopback

    def refused(self, connection: Connection) -> None:
        """Note a failed log-in, in words that can be searched for."""
        log.warning("event socket: wrong password from %s", connection.peer)

    def forget(self, connection: Connection) -> None:
        """A client is gone."""
        if connection in self.connections:
            self.connections.discard(connection)
            if connection.listener.diverted and connection.session is not None:
                self.diversion_changed(connection.session)
            self.subscriptions_changed()
            self.logging_changed()

    # Events

    def subscriptions_changed(self) -> None:
        """Subscribe at the bus to what the clients together want."""
        self.reads_again()
        self.delivery.flush()
        self._takers.clear()
        self._shared.clear()
        self._listening = [one for one in self.connections if one.listener.names]
        names: set[str] = set()
        for connection in self._listening:
            names |= connection.listener.names
        wanted = frozenset({ALL} if ALL in names else names)
        if self._subscription is not None:
            if self._subscription.names == wanted:
                return
            self.switch.bus.unsubscribe(self._subscription)
            self._subscription = None
        if wanted:
            self._subscription = self.switch.bus.subscribe(self._on_event, *wanted)

    def reads_again(self) -> None:
        """A client has room for events: they are worth building."""
        self._losers.clear()
        if self._subscription is not None:
            self.switch.bus.hold(self._subscription, None)

    def _on_skipped(self, name: str, subclass: str | None) -> None:
        losers = self._losers.get((name, subclass))
        if losers is None:
            if len(self._losers) >= MOST_KINDS:
                self._losers.clear()
            takers = self._takers_of(Event(name, subclass=subclass))
            losers = [one.listener for _, every, choosy in takers for one in (*every, *choosy)]
            self._losers[name, subclass] = losers
        for listener in losers:
            listener.lost += 1

    def _on_event(self, event: Event) -> None:
        room = False
        for form, every, choosy in self._takers_of(event):
            those = every
            if choosy:
                chosen = [one for one in choosy if self._chooses(one, event)]
                those = self._known((*every, *chosen)) if chosen else every
            if those:
                room = self.delivery.add(those, event, form) or room
        if room or self._subscription is None:
            return
        if all(one.listener.full for one in self._listening):
            self.switch.bus.hold(self._subscription, self._on_skipped)

    @staticmethod
    def _chooses(connection: Connection, event: Event) -> bool:
        listener = connection.listener
        if listener.full:
            # Its filters are not asked what it cannot get anyway.
            listener.lose()
            return False
        return listener.chooses(event)

    def _takers_of(self, event: Event) -> list[Kind]:
        kind = (event.name, event.subclass)
        found = self._takers.get(kind)
        if found is None:
            if len(self._takers) >= MOST_KINDS:
                self._takers.clear()
            found = self._takers[kind] = self._find_takers(event)
        return found

    def _find_takers(self, event: Event) -> list[Kind]:
        found: list[Kind] = []
        for form in EventFormat:
            those = [one for one in self._listening if one.listener.format is form]
            takers = [one for one in those if one.listener.subscribed(event)]
            choosy = tuple(one for one in takers if one.listener.choosy)
            if takers:
                every = tuple(one for one in takers if not one.listener.choosy)
                found.append((form, self._known(every), choosy))
        return found

    def _known(self, takers: Takers) -> Takers:
        if len(self._shared) >= MOST_KINDS:
            self._shared.clear()
        return self._shared.setdefault(takers, takers)

    def divert(self, uuid: str, event: Event) -> None:
        """Give a channel's private event to the clients that control it and asked for those."""
        self.delivery.flush()
        for connection in self.connections:
            session = connection.session
            if connection.listener.diverted and session is not None and session.uuid == uuid:
                headers = {"Event-Name": event.name, **event.headers}
                private = Event(event.name, headers, event.body, event.subclass)
                piece = Piece(connection.listener.format)
                piece.add(private)
                connection.put(piece)

    def diversion_changed(self, session: Session) -> None:
        """Take a channel's keys for the clients that divert them, or no longer."""
        diverted = any(one.listener.diverted and one.session is session for one in self.connections)
        session.divert = partial(self.divert, session.uuid) if diverted else None

    # Messages to channels

    def queue_for(self, session: Session) -> MessageQueue:
        """What clients want to be run on a channel."""
        uuid = session.uuid
        queue = self.messages.get(uuid)
        if queue is None:
            queue = MessageQueue(session, lambda: self.messages.pop(uuid, None))
            self.messages[uuid] = queue
        return queue

    def locked(self, session: Session) -> bool:
        """True while an application runs on a channel that whatever comes after it waits for."""
        queue = self.messages.get(session.uuid)
        return queue is not None and queue.locked

    # Logs

    def logging_changed(self) -> None:
        """Have log records, and as many as the most curious client wants."""
        levels = [one.log_level for one in self.connections if one.log_level is not None]
        logger = logging.getLogger("softswitch")
        if self._lowered is not None:
            # What an operator set meanwhile stays.
            before, ours = self._lowered
            if logger.level == ours:
                logger.setLevel(before)
            self._lowered = None
        if levels and self._forwarder is None:
            self._forwarder = LogForwarder(self.switch.loop, self._on_log)
            logger.addHandler(self._forwarder)
        elif not levels and self._forwarder is not None:
            logger.removeHandler(self._forwarder)
            self._forwarder = None
        if levels and (curious := level_of(max(levels))) < logger.getEffectiveLevel():
            self._lowered = (logger.level, curious)
            logger.setLevel(curious)

    def _on_log(self, number: int, data: bytes) -> None:
        line = Piece(EventFormat.PLAIN, data)
        for connection in self.connections:
            if connection.log_level is not None and number <= connection.log_level:
                connection.put(line)
