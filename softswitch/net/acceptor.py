"""Accepts the connections of one address, so that who opens many, or says nothing, harms nobody.

Each costs a descriptor, and calls need descriptors too. So a source gets so many, all together no
more than an eighth of what the process may have open, and who has not said anything sensible after
a while is let go; the first of those at once where somebody else wants in.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.net.tcp import TcpLimits

log = logging.getLogger(__name__)

BATCH = 64
"""Connections that are taken before the loop goes on to something else."""
PAUSE = 0.5
"""Seconds until it is tried again where the system gives no more descriptors."""
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_SHARE = 8
_QUIET = 60.0
"""Seconds between two lines of the log about the same trouble."""


class Ticket:
    """One accepted connection. Who serves it says when it is `proven`, and when it is `gone`."""

    __slots__ = ("_acceptor", "host", "since", "sock", "task", "transport")

    def __init__(self, acceptor: Acceptor, sock: socket.socket, host: str, since: float) -> None:
        self._acceptor = acceptor
        self.sock = sock
        self.host = host
        self.since = since
        self.task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport | None = None

    def proven(self) -> None:
        """It has said something that belongs here: it may stay."""
        self._acceptor.settle(self)

    def gone(self) -> None:
        """It is closed; once too often is harmless."""
        self._acceptor.forget(self)

    def abort(self) -> None:
        """End it at once."""
        if self.transport is not None:
            self.transport.abort()
        elif self.task is not None:
            self.task.cancel()

    def __repr__(self) -> str:
        return f"<Ticket {self.host}>"


class Acceptor:
    """The listening socket of one address. Open it by :meth:`open`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        serve: Callable[[Ticket], asyncio.BaseProtocol],
        limits: TcpLimits,
        context: ssl.SSLContext | None,
    ) -> None:
        self._loop = loop
        self._serve = serve
        self._context = context
        self.limits = affordable(limits)
        self.waiting: dict[Ticket, None] = {}
        """Who has not said anything yet, the oldest first."""
        self.refused = 0
        """Connections that were closed because there were too many."""
        self._hosts: Counter[str] = Counter()
        self._quiet: Counter[str] = Counter()
        self._tickets: set[Ticket] = set()
        self._sock: socket.socket | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._warned = 0.0

    @classmethod
    def open(
        cls,
        loop: asyncio.AbstractEventLoop,
        address: tuple[str, int],
        serve: Callable[[Ticket], asyncio.BaseProtocol],
        limits: TcpLimits,
        context: ssl.SSLContext | None = None,
    ) -> tuple[Acceptor, tuple[str, int]]:
        """Listen, for TLS with a context; ``serve`` makes the protocol of each connection.

        Gives the address that is bound; port 0 takes a free one. Raises OSError.
        """
        acceptor = cls(loop, serve, limits, context)
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind(address)
            sock.listen(512)
        except BaseException:
            sock.close()
            raise
        acceptor._sock = sock
        loop.add_reader(sock, acceptor._accept)
        acceptor._sweep()
        bound = sock.getsockname()
        return acceptor, (bound[0], bound[1])

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._sock is not None

    def __len__(self) -> int:
        """How many connections there are, those of unfinished handshakes included."""
        return len(self._tickets)

    def _accept(self) -> None:
        for _ in range(BATCH):
            if self._sock is None:
                return
            try:
                sock, remote = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._warn("no connection can be taken: %s", error.strerror)
                    self._pause()
                return
            host = str(remote[0])
            if not self._has_room(host):
                self.refused += 1
                sock.close()
                continue
            sock.setblocking(False)
            self._begin(Ticket(self, sock, host, self._loop.time()))

    def _has_room(self, host: str) -> bool:
        """Whether one more may be taken; who waited longest in silence may have to go for it."""
        limits = self.limits
        if self._hosts[host] >= limits.per_host or self._quiet[host] >= limits.silent_per_host:
            self._warn("%s has too many connections; no more are taken from there", host)
            return False
        if len(self._tickets) < limits.connections:
            return True
        self._warn("there are %d connections, the most there may be", len(self._tickets))
        oldest = next(iter(self.waiting), None)
        if oldest is None:
            return False
        self.forget(oldest)
        oldest.abort()
        return True

    def _begin(self, ticket: Ticket) -> None:
        self._tickets.add(ticket)
        self._hosts[ticket.host] += 1
        self._quiet[ticket.host] += 1
        self.waiting[ticket] = None
        ticket.task = self._loop.create_task(self._connect(ticket))

    async def _connect(self, ticket: Ticket) -> None:
        try:
            transport, _ = await self._loop.connect_accepted_socket(
                lambda: self._serve(ticket),
                ticket.sock,
                ssl=self._context,
                ssl_handshake_timeout=self.limits.handshake if self._context else None,
            )
        except (OSError, TimeoutError, asyncio.CancelledError) as error:
            log.debug("no connection from %s: %s", ticket.host, error or type(error).__name__)
            ticket.sock.close()
            self.forget(ticket)
        else:
            ticket.transport = transport

    def settle(self, ticket: Ticket) -> None:
        """A connection is not among the silent ones any more."""
        if ticket in self.waiting:
            del self.waiting[ticket]
            _count_down(self._quiet, ticket.host)

    def forget(self, ticket: Ticket) -> None:
        """A connection is closed, or is about to be."""
        self.settle(ticket)
        if ticket in self._tickets:
            self._tickets.discard(ticket)
            _count_down(self._hosts, ticket.host)

    def _pause(self) -> None:
        assert self._sock is not None
        self._loop.remove_reader(self._sock)
        self._loop.call_later(PAUSE, self._go_on)

    def _go_on(self) -> None:
        if self._sock is not None:
            self._loop.add_reader(self._sock, self._accept)

    def _sweep(self) -> None:
        """Let go who has said nothing for too long."""
        now, patience = self._loop.time(), self.limits.silence
        for ticket in list(self.waiting):
            if now - ticket.since < patience:
                break
            self.settle(ticket)
            ticket.abort()
        self._sweeper = self._loop.call_later(patience / 4, self._sweep)

    def _warn(self, text: str, *details: object) -> None:
        now = self._loop.time()
        if now - self._warned > _QUIET or not self._warned:
            self._warned = now
            log.warning(text, *details)

    def close(self) -> None:
        """Listen no more; connections that stand are not touched."""
        if self._sock is not None:
            self._loop.remove_reader(self._sock)
            self._sock.close()
            self._sock = None
        if self._sweeper is not None:
            self._sweeper.cancel()
        for ticket in list(self.waiting):
            if ticket.transport is None:
                ticket.abort()

    def __repr__(self) -> str:
        return f"<Acceptor {len(self)} connections, {len(self.waiting)} of them silent>"


def _count_down(counts: Counter[str], host: str) -> None:
    counts[host] -= 1
    if not counts[host]:
        del counts[host]


def affordable(limits: TcpLimits) -> TcpLimits:
    """The limits, with no more connections than the process can afford beside its calls."""
    most = max(resource.getrlimit(resource.RLIMIT_NOFILE)[0] // _SHARE, 16)
    if limits.connections <= most:
        return limits
    each = max(most // 2, 8)
    return replace(
        limits,
        connections=most,
        per_host=min(limits.per_host, each),
        silent_per_host=min(limits.silent_per_host, max(each // 2, 4)),
    )
