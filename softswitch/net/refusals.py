"""UDP ports that nobody listens at, as ICMP tells (RFC 3261 §18.4, RFC 1122 §4.1.3.3).

A socket that serves many peers is not told whose port is closed. So while a peer is silent a twin
of that socket, connected to the peer, stands beside it: the kernel gives it that peer's ICMP
errors, and its datagrams too, which are handed on. Nothing is sent by a twin.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

PATIENCE = 1.0
"""Seconds that a refusal is waited for after something was sent again."""
MOST = 64
"""Peers that are watched at a time."""
_LARGEST = 65_536

Address = tuple[str, int]


class Refusals:
    """Watches silent peers of one bound socket."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        received: Callable[[bytes, Address], None],
    ) -> None:
        """``received`` gets the datagrams that come to a twin."""
        self._loop = loop
        self._sock = sock
        self._received = received
        self._twins: dict[Address, tuple[socket.socket, asyncio.TimerHandle]] = {}

    def watch(self, peer: Address, refused: Callable[[], None]) -> None:
        """Call ``refused`` if what is sent to a peer from now on finds its port closed."""
        if peer in self._twins or len(self._twins) >= MOST:
            return
        try:
            twin = self._twin(peer)
        except OSError:
            return  # The transaction times out instead.
        self._loop.add_reader(twin, self._read, peer, twin, refused)
        timer = self._loop.call_later(PATIENCE, self._forget, peer)
        self._twins[peer] = twin, timer

    def close(self) -> None:
        """Watch nobody any more."""
        for peer in list(self._twins):
            self._forget(peer)

    def _twin(self, peer: Address) -> socket.socket:
        own = self._sock
        twin = socket.socket(own.family, socket.SOCK_DGRAM)
        try:
            twin.setblocking(False)
            if own.family == socket.AF_INET6:
                twin.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            twin.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Only for this moment: no other process may have our port.
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                twin.bind(own.getsockname())
            finally:
                own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            twin.connect(peer)
        except BaseException:
            twin.close()
            raise
        return twin

    def _read(self, peer: Address, twin: socket.socket, refused: Callable[[], None]) -> None:
        """Hand on what came; the peer is not silent then."""
        closed = self._drain(twin)
        self._forget(peer)
        if closed:
            refused()

    def _drain(self, twin: socket.socket) -> bool:
        """Hand on all that came; True where the port is closed."""
        while True:
            try:
                data, address = twin.recvfrom(_LARGEST)
            except ConnectionRefusedError:
                return True
            except OSError:
                return False
            self._received(data, address)

    def _forget(self, peer: Address) -> None:
        found = self._twins.pop(peer, None)
        if found is None:
            return
        twin, timer = found
        timer.cancel()
        self._loop.remove_reader(twin)
        self._drain(twin)
        twin.close()

    def __repr__(self) -> str:
        return f"<Refusals of {len(self._twins)} silent peers>"
