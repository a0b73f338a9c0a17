"""SIP over UDP: one socket for each local address (RFC 3261 §18)."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import cast

from softswitch.net.refusals import Refusals
from softswitch.sip.flow import Flow
from softswitch.webrtc.stun import binding_success, is_binding_request

RECEIVE_BUFFER = 4 << 20
"""Octets the kernel is asked to keep for us while the loop is busy."""

_REMEMBERED_FLOWS = 4096
"""Flows are values: forgetting them costs only making them anew."""

_SO_RCVBUFFORCE = 33
"""Linux: sets the buffer beyond the system's limit, where we may; Python has no name for it."""

_SO_MEMINFO = 55
"""Linux: what a socket's buffers hold; Python has no name for it."""
_BOOKED = 2304
"""Octets the kernel books for a SIP message of usual size."""

Received = Callable[[bytes, Flow], None]


class UdpListener(asyncio.DatagramProtocol):
    """Gives each datagram to ``received`` with its flow. Open it by :meth:`open`."""

    def __init__(self, received: Received) -> None:
        self._received = received
        self._transport: asyncio.DatagramTransport | None = None
        self._flows: dict[tuple[str, int], Flow] = {}
        self._refusals: Refusals | None = None
        self.local: tuple[str, int] = ("", 0)
        """The address it is bound to."""

    @classmethod
    async def open(
        cls, loop: asyncio.AbstractEventLoop, address: tuple[str, int], received: Received
    ) -> UdpListener:
        """Bind; port 0 takes a free one. Raises OSError."""
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            _enlarge_receive_buffer(sock)
            sock.bind(address)
            _, listener = await loop.create_datagram_endpoint(lambda: cls(received), sock=sock)
        except BaseException:
            sock.close()
            raise
        listener._refusals = Refusals(loop, sock, listener.datagram_received)
        return listener

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is none by inheritance.
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.local = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        flow = self._flows.get(addr)
        if flow is None:
            if len(self._flows) >= _REMEMBERED_FLOWS:
                self._flows.clear()
            flow = self._flows[addr] = Flow("udp", self.local, (addr[0], addr[1]))
        if data[:1] == b"\0" and is_binding_request(data):
            # A phone keeps its NAT open and watches its address (RFC 5626 §4.4.2).
            self.send(binding_success(data, flow.remote), flow)
            return
        self._received(data, flow)

    def error_received(self, exc: Exception) -> None:
        """An ICMP error to something sent; to what is not said: `watch` finds that out."""

    @property
    def waiting(self) -> int:
        """About how many datagrams have arrived that were not read yet."""
        if self._transport is None or sys.platform != "linux":
            return 0
        sock = self._transport.get_extra_info("socket")
        held = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4)
        return int.from_bytes(held, sys.byteorder) // _BOOKED

    def send(self, data: bytes, flow: Flow) -> bool:
        """Send a datagram; False if that cannot be."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        try:
            transport.sendto(data, flow.remote)
        except (OSError, ValueError):
            return False
        return True

    def watch(self, flow: Flow, refused: Callable[[Flow], None]) -> None:
        """Tell if what is sent on a flow from now on finds that nobody listens there."""
        if self._refusals is not None and self._transport is not None:
            self._refusals.watch(flow.remote, partial(refused, flow))

    def close(self) -> None:
        """Close the socket; what was sent before is still sent."""
        if self._refusals is not None:
            self._refusals.close()
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def __repr__(self) -> str:
        state = "closed" if self._transport is None else "open"
        return f"<UdpListener {self.local[0]}:{self.local[1]} {state}>"


def _enlarge_receive_buffer(sock: socket.socket) -> None:
    if sys.platform == "linux":
        try:
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER)
        except PermissionError:
            pass
        else:
            return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
