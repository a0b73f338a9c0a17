"""Asking a STUN server what our address looks like from outside."""

from __future__ import annotations

import asyncio
import secrets

from softswitch.webrtc.stun import StunError, binding_request, mapped_address

FIRST_WAIT = 0.5
"""Seconds until the request is repeated; each wait is twice as long (RFC 8489 §6.2.1)."""
ATTEMPTS = 3
DEFAULT_PORT = 3478


class _Client(asyncio.DatagramProtocol):
    def __init__(self, answer: asyncio.Future[tuple[str, int]], transaction: bytes) -> None:
        self._answer = answer
        self._transaction = transaction

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        if self._answer.done():
            return
        try:
            self._answer.set_result(mapped_address(data, self._transaction))
        except StunError as error:
            self._answer.set_exception(error)

    def error_received(self, exc: Exception) -> None:
        if not self._answer.done():
            self._answer.set_exception(exc)


async def ask(server: tuple[str, int], local: tuple[str, int] | None = None) -> tuple[str, int]:
    """Our address and port as ``server`` sees them, asked from ``local`` if that is given.

    Raises OSError where it cannot be reached, TimeoutError where it is silent, `StunError`
    where its answer is no use.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[tuple[str, int]] = loop.create_future()
    transaction = secrets.token_bytes(12)
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Client(answer, transaction), local_addr=local, remote_addr=server
    )
    try:
        for attempt in range(ATTEMPTS):
            transport.sendto(binding_request(transaction))
            done, _ = await asyncio.wait((answer,), timeout=FIRST_WAIT * 2**attempt)
            if done:
                return answer.result()
        raise TimeoutError(f"{server[0]} does not answer")
    finally:
        transport.close()


def server_address(text: str, default: int = DEFAULT_PORT) -> tuple[str, int]:
    """``host``, ``host:port`` or ``[v6]:port``. Raises ValueError for a port that is none."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return text.strip("[]"), default
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{port!r} is no port")
    return host.strip("[]"), int(port)
