"""Why an address cannot be listened at, in words that say which and what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from softswitch.sip.flow import bracketed

_HINTS = {
    errno.EADDRINUSE: "another program or a second switch has it: ss -anp 'sport = :{port}'",
    errno.EADDRNOTAVAIL: "no interface of this machine has that address: ip address",
    errno.EACCES: "ports below 1024 are for root and for who has CAP_NET_BIND_SERVICE",
    errno.EAFNOSUPPORT: "this machine does not speak that version of IP",
}


class ListenError(OSError):
    """An address that cannot be had. Its text names transport and address, and what to look at."""

    def __init__(self, transport: str, address: tuple[str, int], error: OSError) -> None:
        host, port = address
        number = error.errno or 0
        # What asyncio says of it repeats the address; errors of the resolver are below 0.
        reason = os.strerror(number) if number > 0 else str(error.strerror)
        super().__init__(number, reason)
        self._text = f"{transport} {bracketed(host)}:{port}: {reason[:1].lower()}{reason[1:]}"
        if number in _HINTS:
            self._text += f" ({_HINTS[number].format(port=port)})"

    def __str__(self) -> str:
        return self._text


@contextmanager
def listening(transport: str, address: tuple[str, int]) -> Iterator[None]:
    """Make what the block raises as OSError a `ListenError`: it binds that address."""
    try:
        yield
    except OSError as error:
        raise ListenError(transport, address, error) from error
