"""One client of the event socket: its transport, its log-in and its turn to be written to."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from typing import TYPE_CHECKING, cast

from softswitch.modules.event_socket import dispatch
from softswitch.modules.event_socket.answer import Answer, begins
from softswitch.modules.event_socket.control import Control
from softswitch.modules.event_socket.listener import Listener, Overflow
from softswitch.modules.event_socket.login import login
from softswitch.modules.event_socket.piece import Piece
from softswitch.modules.event_socket.protocol import (
    AUTH_REQUEST,
    ProtocolError,
    Request,
    RequestReader,
    disconnect_notice,
    linger_notice,
    rejection,
)
from softswitch.modules.event_socket.rights import UNLIMITED, Rights

if TYPE_CHECKING:
    from softswitch.modules.event_socket.server import EventSocketServer
    from softswitch.switch.session import Session

log = logging.getLogger(__name__)

LOGIN_SECONDS = 25.0
"""How long a client may take to log in."""
LOGIN_COMMANDS = 5
"""How many commands a client may send before it has logged in."""
MOST_REQUESTS = 64
"""Commands that wait before no more is read from a client."""
CHUNK = 128 * 1024
"""Bytes of events handed to the transport at once; more waits in the bounded queue."""


class Connection(asyncio.Protocol):
    """Answers commands one after the other; events are written between them, never inside.

    A client that does not read stops being written to, and its bounded queue fills.
    """

    def __init__(self, server: EventSocketServer, control: Control | None = None) -> None:
        """A client that connected to us; or, with ``control``, one that a channel called."""
        self.server = server
        self.control = control
        self.switch = server.switch
        self.listener = Listener(
            limit=server.settings.queue_bytes, overflow=Overflow(server.settings.overflow)
        )
        self.peer = ""
        self.authenticated = False
        self.log_level: int | None = None
        """Log lines up to this number of FreeSWITCH's are sent; None sends none."""
        self.rights = UNLIMITED
        self.session: Session | None = None
        """The channel this connection controls, or follows by ``myevents``."""
        self.ended = asyncio.Event()
        """Set once the connection is gone."""
        self.linger: float | None = None
        """Seconds that the connection outlives its channel; infinite for ever."""
        self._reader = RequestReader()
        self._requests: deque[Request] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._login_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._login_commands = 0
        self._writable = True
        self._flush_due = False
        self._closing = False
        self._channel_ended = False
        self._input_ended = False
        self._end_told = False

    def __repr__(self) -> str:
        state = "logged in" if self.authenticated else "not logged in"
        return f"<Connection {self.peer} {state}, {self.listener!r}>"

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)
        host, port = (transport.get_extra_info("peername") or ("", 0))[:2]
        self.peer = f"{host}:{port}"
        self._login_timer = self.switch.loop.call_later(LOGIN_SECONDS, self._login_timeout)
        if self.control is not None:
            self.server.take(self)
            self.follow(self.control.session)
            return
        refusal = self.server.admit(self, host)
        if refusal is not None:
            log.warning("%s is refused: %s", self.peer, refusal)
            self._transport.write(rejection())
            self._transport.close()
            self._closing = True
            self._login_timer.cancel()
            return
        self._transport.write(AUTH_REQUEST)

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        try:
            self._requests.extend(self._reader.feed(data))
        except ProtocolError as error:
            log.warning("%s is disconnected: %s", self.peer, error)
            self.close()
            return
        if self._requests and self._worker is None:
            self._worker = self.switch.loop.create_task(
                self._work(), name=f"event socket {self.peer}"
            )
            self.switch.own(self._worker)
        if len(self._requests) > MOST_REQUESTS and self._transport is not None:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """No more commands come: those that have come are answered, as who pipes them in expects.

        A program that a channel called is gone at once; the channel goes on.
        """
        self._input_ended = True
        if self._worker is None or self.control is not None:
            self.close()
        return True

    def connection_lost(self, _error: Exception | None) -> None:
        self._closing = True
        for timer in (self._login_timer, self._linger_timer):
            if timer is not None:
                timer.cancel()
        if self.session is not None:
            self.session.unwatch(self._watch)
        self.ended.set()
        if self._worker is not None and self._worker is not asyncio.current_task(self.switch.loop):
            self._worker.cancel()
        self._requests.clear()
        self.listener.clear()
        self.server.forget(self)

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        if self._closing:
            self._finish()
        else:
            self.wake()

    # What the dispatcher and the server use

    def logged_in(self, rights: Rights) -> None:
        """The client proved who it is, and may do this much."""
        self.authenticated = True
        self.rights = rights
        self._reader.logged_in()
        if self._login_timer is not None:
            self._login_timer.cancel()

    def follow(self, session: Session) -> None:
        """Belong to a channel from now on, and end with it."""
        self.session = session
        session.watchers.append(self._watch)

    def channel_ended(self) -> None:
        """The channel has hung up: say so behind the command that is being answered, then close
        unless asked to linger."""
        self._channel_ended = True
        if self._worker is None:
            self._tell_end()

    def _tell_end(self) -> None:
        session = self.session
        if session is None or self._end_told:
            return
        self._end_told = True
        if self.linger is None:
            self.close()
            return
        self.server.delivery.flush()
        notice = linger_notice(session.uuid, session.channel.name, self.linger)
        # It stands behind the channel's events, which may wait for a slow client.
        self.listener.append(Piece(self.listener.format, notice))
        self.wake()
        if not math.isinf(self.linger):
            self._linger_timer = self.switch.loop.call_later(self.linger, self.close)

    def _watch(self, session: Session, what: str) -> None:
        if what == "hangup":
            self.channel_ended()

    def write(self, data: bytes) -> None:
        """Send an answer at once."""
        if self._transport is not None and not self._closing:
            self._transport.write(data)

    def put(self, piece: Piece) -> None:
        """Send events or a log line when it is their turn."""
        self.listener.put(piece)
        if not self._flush_due:
            self.wake()

    def wake(self) -> None:
        """See that what waits in the queue is written soon."""
        if not self._flush_due and not self._closing:
            self._flush_due = True
            self.switch.loop.call_soon(self._flush)

    def close(self) -> None:
        """Say goodbye and close once everything is written, as fast as the client reads."""
        if self._closing or self._transport is None:
            return
        self.server.delivery.flush()
        self._closing = True
        self.server.forget(self)
        self._finish()

    def _finish(self) -> None:
        transport, listener = self._transport, self.listener
        if transport is None or transport.is_closing():
            return
        while self.authenticated and listener.waiting:
            if not self._writable:
                return
            transport.write(listener.take(CHUNK))
        transport.write(disconnect_notice(self.session.uuid if self.session is not None else ""))
        transport.close()

    def abort(self) -> None:
        """Close at once, whatever has not been written."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    # Turns

    async def _work(self) -> None:
        """Answer what has been asked, in order."""
        try:
            while self._requests and not self._closing:
                request = self._requests.popleft()
                if len(self._requests) <= MOST_REQUESTS and self._transport is not None:
                    self._transport.resume_reading()
                await self._answer(request)
                if not self._requests and not self._closing:
                    self._requests.extend(self._reader.go_on())
        except ProtocolError as error:
            log.warning("%s is disconnected: %s", self.peer, error)
            self.close()
        finally:
            self._worker = None
        if self._channel_ended:
            self._tell_end()
        if self._input_ended:
            self.close()
        self.wake()

    async def _answer(self, request: Request) -> None:
        if self.control is not None and not self.authenticated:
            # A client that does not begin with ``connect`` gets no answer to its first command.
            self.logged_in(UNLIMITED)
            answer = await dispatch.answer(self, request)
            if not begins(request.line, "connect"):
                answer = Answer(b"", answer.close)
        elif self.authenticated:
            answer = await dispatch.answer(self, request)
        else:
            self._login_commands += 1
            answer = await login(self, request)
        self.write(answer.data)
        if answer.close or (not self.authenticated and self._login_commands >= LOGIN_COMMANDS):
            self.close()

    def _flush(self) -> None:
        self._flush_due = False
        listener = self.listener
        if listener.overflowed:
            log.warning("%s reads too slowly and is disconnected", self.peer)
            self.abort()
            return
        # Events never come between a command and its answer.
        if self._closing or not self._writable or self._worker or self._reader.partial:
            return
        was_full = listener.full
        data = listener.take(CHUNK)
        if was_full and not listener.full:
            self.server.reads_again()
        if data and self._transport is not None:
            self._transport.write(data)
        if listener.waiting and self._writable:
            self.wake()

    def _login_timeout(self) -> None:
        did_not = "log in" if self.control is None else "send a command"
        log.warning("%s did not %s within %g seconds", self.peer, did_not, LOGIN_SECONDS)
        self.close()
