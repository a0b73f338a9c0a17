"""SIP over WebSockets, plain or in TLS: a listener and the clients that came to it (RFC 7118)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from aiohttp import WSMsgType, web

from softswitch.net.acceptor import Acceptor, Ticket
from softswitch.net.connection_table import ConnectionTable
from softswitch.net.tcp import TcpLimits, TcpUser
from softswitch.net.tls import Tls
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import Flow
from softswitch.sip.parser import parse_message

logger = logging.getLogger(__name__)

HEARTBEAT = 60.0
"""Seconds between two pings: a browser that went away closes nothing."""
_PING, _PONG = b"\r\n\r\n", b"\r\n"


class WsConnection:
    """One client. What is sent waits in a queue that a task of its own empties in order."""

    def __init__(
        self,
        flow: Flow,
        ws: web.WebSocketResponse,
        limit: int,
        transport: asyncio.Transport | None,
    ) -> None:
        self.flow = flow
        self._transport = transport
        self.aliases: set[Flow] = set()
        """Flows without a serial that were led here."""
        self._ws = ws
        self._limit = limit
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._wake = asyncio.Event()

    def send(self, data: bytes) -> bool:
        """Send when those before are sent; False if the client does not read."""
        if self._ws.closed or self._size + len(data) > self._limit:
            return False
        self._queue.append(data)
        self._size += len(data)
        self._wake.set()
        return True

    def abort(self) -> None:
        """End the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    async def write(self) -> None:
        """Send what is in the queue, until cancelled or the connection is gone."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    data = self._queue.popleft()
                    self._size -= len(data)
                    # Browsers tell text from octets: bodies that are no text go as those.
                    try:
                        text = data.decode()
                    except UnicodeDecodeError:
                        await self._ws.send_bytes(data)
                    else:
                        await self._ws.send_str(text)
        except ConnectionError:
            pass

    def __repr__(self) -> str:
        return f"<WsConnection {self.flow}>"


class _Web(web.Server):
    """The HTTP side; it tells the acceptor who became a WebSocket, and who is gone."""

    def __init__(self, serve: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> None:
        super().__init__(serve, access_log=None)
        self._tickets: dict[web.RequestHandler, Ticket] = {}

    def welcome(self, ticket: Ticket) -> web.RequestHandler:
        """Make the protocol of a connection."""
        handler = self()
        self._tickets[handler] = ticket
        return handler

    def proven(self, handler: web.RequestHandler) -> None:
        """It speaks WebSocket."""
        if (ticket := self._tickets.get(handler)) is not None:
            ticket.proven()

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        super().connection_lost(handler, exc)
        if (ticket := self._tickets.pop(handler, None)) is not None:
            ticket.gone()


class WsListener:
    """All WebSockets of one local address. Open it by :meth:`open`.

    Nobody can be connected to by WebSocket: what is sent goes to clients that are here.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, user: TcpUser, limits: TcpLimits, tls: Tls | None
    ) -> None:
        self.loop = loop
        self.user = user
        self.limits = limits
        self.tls = tls
        self.transport = "ws" if tls is None else "wss"
        self.local: tuple[str, int] = ("", 0)
        """The address it listens on."""
        self._web = _Web(self._serve)
        self._acceptor: Acceptor | None = None
        self._connections: ConnectionTable[WsConnection] = ConnectionTable()
        self._tasks: set[asyncio.Task[None]] = set()
        self._serial = 0

    @classmethod
    async def open(
        cls,
        loop: asyncio.AbstractEventLoop,
        address: tuple[str, int],
        user: TcpUser,
        limits: TcpLimits | None = None,
        tls: Tls | None = None,
    ) -> WsListener:
        """Listen, for TLS if contexts are given; port 0 takes a free one. Raises OSError."""
        listener = cls(loop, user, limits or TcpLimits(), tls)
        listener._acceptor, listener.local = Acceptor.open(
            loop,
            address,
            listener._web.welcome,
            listener.limits,
            None if tls is None else tls.server,
        )
        return listener

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        limits = self.limits
        ws = web.WebSocketResponse(
            protocols=("sip",),
            heartbeat=HEARTBEAT,
            max_msg_size=limits.message_size,
            compress=False,
            timeout=limits.connect,
        )
        asked = request.headers.get("Sec-WebSocket-Protocol", "")
        if "sip" not in [word.strip() for word in asked.split(",")] or not ws.can_prepare(request):
            text = "SIP is spoken here: a WebSocket with the subprotocol sip (RFC 7118)\n"
            return web.Response(status=400, text=text)
        peer = request.transport.get_extra_info("peername") if request.transport else None
        if peer is None:
            raise ConnectionResetError
        remote = (str(peer[0]), int(peer[1]))
        await ws.prepare(request)
        self._web.proven(request.protocol)
        self._serial += 1
        flow = Flow(self.transport, self.local, remote, self._serial)
        connection = WsConnection(flow, ws, limits.write_buffer, request.transport)
        self._connections.add(connection)
        writer = self.loop.create_task(connection.write(), name=f"write to {flow}")
        self._tasks.add(writer)
        writer.add_done_callback(self._tasks.discard)
        try:
            await self._read(connection, ws)
        finally:
            writer.cancel()
            for gone in self._connections.remove(connection):
                self.user.closed(gone)
        return ws

    async def _read(self, connection: WsConnection, ws: web.WebSocketResponse) -> None:
        """Tell of all that comes until the client goes."""
        flow = connection.flow
        while True:
            frame = await ws.receive()
            if frame.type is WSMsgType.TEXT:
                data = frame.data.encode()
            elif frame.type is WSMsgType.BINARY:
                data = frame.data
            else:
                return
            if data == _PING:
                connection.send(_PONG)
            elif data.strip(b"\r\n"):
                try:
                    message = parse_message(data)
                except RemoteProtocolError as error:
                    self.user.malformed(error, flow)
                else:
                    self.user.received(message, flow)

    def send(self, data: bytes, flow: Flow) -> bool:
        """Send to a client; a flow without a serial means the one of that address. False if it is
        not here.
        """
        connection = self._connections.find(flow)
        return connection is not None and connection.send(data)

    def drop(self, flow: Flow) -> None:
        """End a connection at once."""
        self._connections.drop(flow)

    def __len__(self) -> int:
        """How many clients there are."""
        return len(self._connections)

    def close(self) -> None:
        """Close the listener and all connections."""
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
            task = self.loop.create_task(self._web.shutdown(1.0), name="close WebSockets")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def __repr__(self) -> str:
        return f"<WsListener {self.transport} {self.local[0]}:{self.local[1]} {len(self)} clients>"
