"""SIP over TCP and TLS: a listener and its connections, ours reused by address (RFC 3261 §18)."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from softswitch.net.acceptor import Acceptor, Ticket
from softswitch.net.connection_table import ConnectionTable
from softswitch.net.tls import Tls
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.parser import Keepalive, StreamParser

logger = logging.getLogger(__name__)

_WILDCARDS = ("0.0.0.0", "::")
_NAMES = 4096


@dataclass(frozen=True, slots=True)
class TcpLimits:
    """What one listener grants."""

    connections: int = 4096
    """At most so many at once; more are refused."""
    per_host: int = 1024
    """At most so many at once from one address."""
    silent_per_host: int = 256
    """At most so many of those that have said nothing yet."""
    silence: float = 30.0
    """Seconds until who connected must have said something."""
    message_size: int = 262144
    """Octets of one message."""
    write_buffer: int = 1 << 20
    """Octets a peer may leave unread before its connection is closed."""
    idle: float = 3600.0
    """Seconds without a whole message or keep-alive until a connection is closed."""
    partial: float = 30.0
    """Seconds a message may take from its first octet to its last."""
    connect: float = 4.0
    """Seconds until an attempt of ours to connect counts as failed: time to ask three times, for
    kernels ask again after 1 s and 3 s (RFC 6298 §2).
    """
    handshake: float = 10.0
    """Seconds that the TLS handshake may take, for either side."""
    ping: float = 0.0
    """Seconds of silence until we send a keep-alive (RFC 5626 §3.5.1); 0 for never."""
    pong: float = 0.0
    """Seconds a keep-alive of ours may stay unanswered; 0 for ever."""
    socket_keepalive: int = 0
    """Seconds of silence until the kernel asks whether the peer is there; 0 for its own way."""


class TcpUser:
    """What a listener tells: the callbacks of its owner."""

    __slots__ = ("closed", "malformed", "received")

    def __init__(
        self,
        received: Callable[[Request | Response, Flow], None],
        malformed: Callable[[RemoteProtocolError, Flow], None],
        closed: Callable[[Flow], None],
    ) -> None:
        self.received = received
        self.malformed = malformed
        self.closed = closed
        """Nothing can be sent on the flow any more, or could be from the start."""


class TcpConnection(asyncio.Protocol):
    """One connection, accepted or opened by us; what is sent before it stands waits."""

    def __init__(
        self, listener: TcpListener, flow: Flow | None = None, ticket: Ticket | None = None
    ) -> None:
        self._listener = listener
        self._ticket = ticket
        self._parser = StreamParser(listener.limits.message_size)
        self._transport: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self.flow = flow or Flow(listener.transport, listener.local, ("", 0))
        self.aliases: set[Flow] = set()
        """Flows without a serial that were led here."""
        self.last_whole = listener.loop.time()
        """When the latest whole message or keep-alive came."""
        self.partial_since: float | None = None
        """When a message began that is not complete yet."""
        self.pinged: float | None = None
        """When the latest keep-alive was sent that is not answered yet."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        accepted = not self.flow.remote[0]
        if accepted:
            remote = transport.get_extra_info("peername")[:2]
            self.flow = self._listener.new_flow((remote[0], remote[1]))
        self._listener.admit(self)
        if accepted and not self._welcome():
            self._transport.abort()
            return
        self._listener.tune(self._transport)
        for data in self._waiting:
            self._transport.write(data)
        self._waiting.clear()

    def _welcome(self) -> bool:
        """Whether the certificate of a client names somebody who may be here."""
        assert self._transport is not None
        tls = self._listener.tls
        if tls is None or tls.welcome(self._transport.get_extra_info("peercert")):
            return True
        logger.warning("%s: its certificate names nobody of tls-verify-in-subjects", self.flow)
        return False

    def data_received(self, data: bytes) -> None:
        listener = self._listener
        try:
            items = self._parser.feed(data)
        except RemoteProtocolError as error:
            listener.user.malformed(error, self.flow)
            self.close()
            return
        now = listener.loop.time()
        if items:
            self.last_whole = now
            self.pinged = None
            if self._ticket is not None:
                self._ticket.proven()
        if not self._parser.incomplete:
            self.partial_since = None
        elif items or self.partial_since is None:
            self.partial_since = now
        for item in items:
            if item is Keepalive.PING:
                self.send(b"\r\n")
            elif isinstance(item, (Request, Response)):
                listener.user.received(item, self.flow)

    def ping(self, now: float) -> None:
        """Send a keep-alive, which is to be answered."""
        if self._transport is not None and self.send(b"\r\n\r\n"):
            self.pinged = now

    def send(self, data: bytes) -> bool:
        """Send, or keep until the connection stands; False if the peer does not read."""
        limit = self._listener.limits.write_buffer
        transport = self._transport
        if transport is None:
            self._waiting_size += len(data)
            self._waiting.append(data)
            return self._waiting_size <= limit
        if transport.is_closing():
            return False
        if transport.get_write_buffer_size() + len(data) > limit:
            logger.warning("%s does not read; closing its connection", self.flow)
            transport.abort()
            return False
        transport.write(data)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self._ticket is not None:
            self._ticket.gone()
        self._listener.forget(self)

    def close(self) -> None:
        """Close when all is sent."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def __repr__(self) -> str:
        return f"<TcpConnection {self.flow}>"


class TcpListener:
    """All TCP or TLS connections of one local address. Open it by :meth:`open`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        user: TcpUser,
        limits: TcpLimits,
        tls: Tls | None = None,
    ) -> None:
        self.loop = loop
        self.user = user
        self.limits = limits
        self.tls = tls
        self.transport = "tcp" if tls is None else "tls"
        self.local: tuple[str, int] = ("", 0)
        """The address it listens on; also in the flows of connections we opened."""
        self._acceptor: Acceptor | None = None
        self._connections: ConnectionTable[TcpConnection] = ConnectionTable()
        self._names: dict[tuple[str, int], str] = {}
        """What we know the addresses by that we may connect to: TLS asks for a name."""
        self._connecting: set[asyncio.Task[None]] = set()
        self._serial = 0
        self._sweeper: asyncio.TimerHandle | None = None

    @classmethod
    async def open(
        cls,
        loop: asyncio.AbstractEventLoop,
        address: tuple[str, int],
        user: TcpUser,
        limits: TcpLimits | None = None,
        tls: Tls | None = None,
    ) -> TcpListener:
        """Listen, for TLS if contexts are given; port 0 takes a free one. Raises OSError."""
        listener = cls(loop, user, limits or TcpLimits(), tls)
        listener._acceptor, listener.local = Acceptor.open(
            loop,
            address,
            lambda ticket: TcpConnection(listener, ticket=ticket),
            listener.limits,
            None if tls is None else tls.server,
        )
        listener._sweep()
        return listener

    def new_flow(self, remote: tuple[str, int]) -> Flow:
        """The flow of a new connection."""
        self._serial += 1
        return Flow(self.transport, self.local, remote, self._serial)

    def name(self, remote: tuple[str, int], name: str) -> None:
        """Remember the name that an address was found by: its certificate is to have it."""
        if len(self._names) >= _NAMES:
            self._names.clear()
        self._names[remote] = name

    def tune(self, transport: asyncio.Transport) -> None:
        """Set what the kernel does for a connection."""
        seconds = self.limits.socket_keepalive
        sock = transport.get_extra_info("socket")
        if seconds and sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if hasattr(socket, "TCP_KEEPIDLE"):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, seconds)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, seconds)

    def admit(self, connection: TcpConnection) -> None:
        """Take a connection that stands."""
        self._connections.add(connection)

    def forget(self, connection: TcpConnection) -> None:
        """A connection is gone: tell of every flow that led there."""
        for flow in self._connections.remove(connection):
            self.user.closed(flow)

    def send(self, data: bytes, flow: Flow) -> bool:
        """Send on a connection; one without a serial is opened if there is none to its address.

        False if that cannot be; a failure later is told by ``closed``.
        """
        if self._acceptor is None and not flow.serial:
            return False
        connection = self._connections.find(flow)
        if connection is None and not flow.serial:
            connection = self._connect(flow)
        return connection is not None and connection.send(data)

    def drop(self, flow: Flow) -> None:
        """End a connection at once."""
        self._connections.drop(flow)

    def _connect(self, flow: Flow) -> TcpConnection | None:
        """Open a connection to where a flow without a serial leads; None where none may be."""
        if len(self._connections) >= self.limits.connections:
            return None
        connection = TcpConnection(self, self.new_flow(flow.remote))
        connection.aliases.add(flow)
        self._connections.add(connection)
        task = self.loop.create_task(self._open_connection(connection))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return connection

    async def _open_connection(self, connection: TcpConnection) -> None:
        host, port = connection.flow.remote
        local = None if self.local[0] in _WILDCARDS else (self.local[0], 0)
        tls = self.tls
        patience = self.limits.connect + (self.limits.handshake if tls is not None else 0.0)
        try:
            async with asyncio.timeout(patience):
                await self.loop.create_connection(
                    lambda: connection,
                    host,
                    port,
                    local_addr=local,
                    ssl=None if tls is None else tls.client,
                    server_hostname=self._names.get((host, port), host) if tls else None,
                )
        except (OSError, TimeoutError) as error:
            # A certificate that is refused is worth more than a line nobody reads.
            level = logging.WARNING if isinstance(error, ssl.SSLError) else logging.INFO
            logger.log(level, "no connection to %s: %s", connection.flow, error or "timed out")
            self.forget(connection)

    def _sweep(self) -> None:
        """Close what is idle, or takes too long over a message; one timer for all connections."""
        now = self.loop.time()
        limits = self.limits
        for connection in self._connections:
            began, pinged = connection.partial_since, connection.pinged
            slow = began is not None and now - began > limits.partial
            silent = pinged is not None and now - pinged > limits.pong > 0
            if slow or silent or now - connection.last_whole > limits.idle:
                connection.abort()
                continue
            waits_for_pong = pinged is not None and limits.pong
            quiet = now - max(connection.last_whole, pinged or 0.0)
            if limits.ping and quiet >= limits.ping and not waits_for_pong:
                connection.ping(now)
        waits = (limits.partial, limits.idle, limits.ping, limits.pong)
        interval = min(wait for wait in waits if wait) / 2
        self._sweeper = self.loop.call_later(interval, self._sweep)

    def __len__(self) -> int:
        """How many connections there are, opening ones included."""
        return len(self._connections)

    def close(self) -> None:
        """Close the listener and all connections."""
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
        if self._sweeper is not None:
            self._sweeper.cancel()
        for task in list(self._connecting):
            task.cancel()
        for connection in self._connections:
            connection.close()

    def __repr__(self) -> str:
        host, port = self.local
        return f"<TcpListener {self.transport} {host}:{port} {len(self)} connections>"
