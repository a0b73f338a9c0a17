"""Runs one SIP stack: sockets and the loop's clock on one side, its user on the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from softswitch.net.journal import Entry, Journal
from softswitch.net.listening import listening
from softswitch.net.tcp import TcpLimits, TcpListener, TcpUser
from softswitch.net.tls import Tls
from softswitch.net.udp import UdpListener
from softswitch.net.websocket import WsListener
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import Event, InviteReceived, OfferReceived, RequestReceived
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.stack import Stack

logger = logging.getLogger(__name__)

GRAIN = 0.02
"""Seconds that a timer of the stack may be late, so that those of many calls fire together."""

Listener = UdpListener | TcpListener | WsListener


@dataclass(slots=True)
class DriverCounts:
    """What a driver has done since it began."""

    received: int = 0
    dropped: int = 0
    """Requests of those received that were not looked at."""
    sent: int = 0
    unsendable: int = 0
    """Messages that no listener could send."""
    handler_errors: int = 0
    stack_errors: int = 0


class SipDriver:
    """Gives the stack what its listeners receive, and carries out what it wants.

    All of it happens in callbacks of the loop: no task for a message. After each call into the
    stack or a usage from elsewhere call :meth:`pump`.
    """

    def __init__(
        self,
        stack: Stack,
        loop: asyncio.AbstractEventLoop,
        handler: Callable[[Event], None],
    ) -> None:
        """``handler`` is called for each event. What it raises is logged, and the request that
        waits for an answer gets 500.
        """
        self.stack = stack
        self.counts = DriverCounts()
        self._loop = loop
        self._handler = handler
        self._listeners: dict[tuple[str, tuple[str, int]], Listener] = {}
        self._by_transport: dict[str, Listener] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._serves = 0.0
        """The deadline that ``_timer`` is for."""
        self.trace = False
        """Log every message in full."""
        self.trace_level = logging.INFO
        """At which level of the log."""
        self._pumping = False
        self._idle: asyncio.Future[None] | None = None
        self._closed = False
        self.screens: Callable[[Flow, bytes], bool] = lambda flow, data: True
        """Whether a request, of which these are the first octets at least, is looked at."""
        self.journal: Journal | None = None
        """Where messages are kept for a while."""
        self.capture: Callable[[Entry], None] | None = None
        """Who gets a copy of each message."""
        self.flow_closed: Callable[[Flow], None] | None = None
        """Called when a connection is gone."""

    @property
    def now(self) -> float:
        """The time all calls into the stack are to be given."""
        return self._loop.time()

    @property
    def waiting(self) -> int:
        """About how many messages have arrived by UDP that were not read yet."""
        return sum(one.waiting for one in self._listeners.values() if isinstance(one, UdpListener))

    async def listen_udp(self, address: tuple[str, int]) -> tuple[str, int]:
        """Serve a UDP address; gives the one bound. Raises ListenError."""
        with listening("udp", address):
            listener = await UdpListener.open(self._loop, address, self._receive_datagram)
        return self._add("udp", listener)

    async def listen_tcp(
        self, address: tuple[str, int], limits: TcpLimits | None = None
    ) -> tuple[str, int]:
        """Serve a TCP address; gives the one bound. Raises ListenError."""
        with listening("tcp", address):
            listener = await TcpListener.open(self._loop, address, self._stream_user(), limits)
        return self._add("tcp", listener)

    async def listen_tls(
        self, address: tuple[str, int], tls: Tls, limits: TcpLimits | None = None
    ) -> tuple[str, int]:
        """Serve a TLS address; gives the one bound. Raises ListenError."""
        with listening("tls", address):
            listener = await TcpListener.open(self._loop, address, self._stream_user(), limits, tls)
        return self._add("tls", listener)

    async def listen_ws(
        self, address: tuple[str, int], tls: Tls | None = None, limits: TcpLimits | None = None
    ) -> tuple[str, int]:
        """Serve WebSockets, in TLS if contexts are given; gives the address bound.

        Raises ListenError.
        """
        user = self._stream_user()
        with listening("ws" if tls is None else "wss", address):
            listener = await WsListener.open(self._loop, address, user, limits, tls)
        return self._add(listener.transport, listener)

    def _stream_user(self) -> TcpUser:
        return TcpUser(self._receive_message, self._receive_malformed, self._lose_flow)

    def _add(self, transport: str, listener: Listener) -> tuple[str, int]:
        self._listeners[transport, listener.local] = listener
        self._by_transport.setdefault(transport, listener)
        return listener.local

    def unlisten(self, transport: str, address: tuple[str, int]) -> None:
        """Give an address back that was not used yet."""
        listener = self._listeners.pop((transport, address))
        if self._by_transport.get(transport) is listener:
            del self._by_transport[transport]
        listener.close()

    def flow_to(self, transport: str, host: str, port: int, name: str = "") -> Flow | None:
        """A flow to an address from our first listener of that transport; None without one.

        ``name`` is what the address was found by; the certificate of a TLS peer is to have it.
        """
        listener = self._by_transport.get(transport)
        if listener is None:
            return None
        if name and isinstance(listener, TcpListener) and transport == "tls":
            listener.name((host, port), name)
        return Flow(transport, listener.local, (host, port))

    # In

    def _receive_datagram(self, data: bytes, flow: Flow) -> None:
        self.counts.received += 1
        if data[:4] != b"SIP/" and not self.screens(flow, data):
            self.counts.dropped += 1
            return
        if self.journal is not None:
            self._keep(False, data, flow)
        if self.trace:
            self._trace("recv", data, flow)
        try:
            self.stack.receive(data, flow, self._loop.time())
        except Exception:
            self._log_stack_error("%d octets from %s", len(data), flow)
        self.pump()

    def _receive_message(self, message: Request | Response, flow: Flow) -> None:
        self.counts.received += 1
        if isinstance(message, Request) and not self.screens(flow, _agent_of(message)):
            self.counts.dropped += 1
            listener = self._listeners.get((flow.transport, flow.local))
            if isinstance(listener, (TcpListener, WsListener)):
                listener.drop(flow)
            return
        if self.journal is not None:
            self._keep(False, message, flow)
        if self.trace:
            self._trace("recv", message.encode(), flow)
        try:
            self.stack.receive_message(message, flow, self._loop.time())
        except Exception:
            self._log_stack_error("%r from %s", message, flow)
        self.pump()

    def _receive_malformed(self, error: RemoteProtocolError, flow: Flow) -> None:
        self.counts.received += 1
        try:
            self.stack.receive_error(error, flow, self._loop.time())
        except Exception:
            self._log_stack_error("%s from %s", error, flow)
        self.pump()

    def _lose_flow(self, flow: Flow) -> None:
        try:
            self.stack.transport_failed(flow, self._loop.time())
        except Exception:
            self._log_stack_error("the loss of %s", flow)
        if flow.serial and self.flow_closed is not None:
            self.flow_closed(flow)
        self.pump()

    def _handle_timeout(self) -> None:
        self._timer = None
        try:
            self.stack.handle_timeout(self._loop.time())
        except Exception:
            self._log_stack_error("a timer")
        self.pump()

    def _log_stack_error(self, what: str, *details: object) -> None:
        self.counts.stack_errors += 1
        logger.exception(f"the SIP stack failed on {what}", *details)

    # Out

    def pump(self) -> None:
        """Send what is to be sent, tell what happened, until neither is left; arm the timer.

        Within the handler this does nothing: the pump that called it goes on.
        """
        if self._pumping or self._closed:
            return
        self._pumping = True
        stack = self.stack
        try:
            while not stack.quiet:
                events = stack.events()
                if stack.in_vain:
                    self._watch_silent()
                for data, flow in stack.transmits():
                    self._send(data, flow)
                for event in events:
                    self._handle(event)
        finally:
            self._pumping = False
        self._arm()
        if self._idle is not None and not self._idle.done() and not stack.busy:
            self._idle.set_result(None)

    def _watch_silent(self) -> None:
        """Find out at once where requests that are repeated will never be answered."""
        silent, self.stack.in_vain = self.stack.in_vain, set()
        for flow in silent:
            listener = self._listeners.get((flow.transport, flow.local))
            if isinstance(listener, UdpListener):
                listener.watch(flow, self._refused)

    def _refused(self, flow: Flow) -> None:
        logger.info("nobody listens at %s", flow)
        self._lose_flow(flow)

    def _send(self, data: bytes, flow: Flow) -> None:
        listener = self._listeners.get((flow.transport, flow.local))
        if listener is None:
            listener = self._by_transport.get(flow.transport)
        if self.journal is not None:
            self._keep(True, data, flow)
        if self.trace:
            self._trace("send", data, flow)
        if listener is not None and listener.send(data, flow):
            self.counts.sent += 1
            return
        self.counts.unsendable += 1
        logger.info("nothing can be sent on %s", flow)
        self._lose_flow(flow)

    def _keep(self, sent: bool, message: bytes | Request | Response, flow: Flow) -> None:
        assert self.journal is not None
        entry = self.journal.add(sent, message, flow)
        if self.capture is not None:
            try:
                self.capture(entry)
            except Exception:
                logger.exception("no copy of a message on %s", flow)

    def _trace(self, verb: str, data: bytes, flow: Flow) -> None:
        text = data.decode("utf-8", "replace").replace("\r", "")
        logger.log(self.trace_level, "%s %d bytes %s\n%s", verb, len(data), flow, text)

    def _handle(self, event: Event) -> None:
        try:
            self._handler(event)
        except Exception:
            self._answer_failure(event)

    def resume(self, event: Event, step: Callable[[], None]) -> None:
        """Go on with an event whose handler had to wait for something, as the handler would."""
        try:
            step()
        except Exception:
            self._answer_failure(event)
        self.pump()

    def _answer_failure(self, event: Event) -> None:
        self.counts.handler_errors += 1
        logger.exception("handling of %r failed", event)
        now = self._loop.time()
        try:
            match event:
                case InviteReceived(usage=usage):
                    usage.reject(500, now=now)
                case OfferReceived(usage=usage):
                    usage.reject_reinvite(500, now=now)
                case RequestReceived(transaction=transaction):
                    self.stack.reply(transaction, 500, now=now)
        except Exception:
            # The handler had answered before it failed.
            logger.debug("no 500 for %r", event, exc_info=True)

    def _arm(self) -> None:
        """Have the loop call back in time. Too early is harmless, so a timer is only brought
        forward, never put off.
        """
        if self._timer is not None and self._serves <= self.stack.timers.soonest:
            return
        deadline = self.stack.next_timeout()
        if deadline is None:
            return
        if self._timer is not None:
            if self._serves <= deadline:
                return
            self._timer.cancel()
        self._serves = deadline
        self._timer = self._loop.call_at(deadline + GRAIN, self._handle_timeout)

    async def close(self, grace: float = 2.0) -> None:
        """Stop. Waits up to ``grace`` seconds for calls to end and requests to be answered."""
        if self._closed:
            return
        self.pump()
        if self.stack.busy:
            self._idle = self._loop.create_future()
            try:
                async with asyncio.timeout(grace):
                    await self._idle
            except TimeoutError:
                logger.info("closed before all was answered: %r", self.stack)
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for listener in self._listeners.values():
            listener.close()
        # Sockets that are told to close are closed in the next rounds of the loop.
        for _ in range(3):
            await asyncio.sleep(0)

    def __repr__(self) -> str:
        return f"<SipDriver {list(self._listeners.values())} {self.counts}>"


def _agent_of(request: Request) -> bytes:
    """The lines of a parsed request that tell who sent it."""
    headers = request.headers
    return f"\nUser-Agent: {headers.get('User-Agent')}\nFrom: {headers.get('From')}".encode()
