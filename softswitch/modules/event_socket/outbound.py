"""``socket``: a channel calls a program over TCP, which then controls it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.modules.event_socket.connection import Connection
from softswitch.modules.event_socket.control import Control
from softswitch.modules.event_socket.server import EventSocketServer
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.park import park

if TYPE_CHECKING:
    from softswitch.switch.session import Session

DEFAULT_PORT = 8084
CONNECT_SECONDS = 10.0
"""How long one host may take to accept the connection."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A host to call; the path is for the program to read."""

    host: str
    port: int
    path: str = ""


def destinations(text: str) -> Iterator[Destination]:
    """``<host>[:<port>][/<path>]``, several with ``|``; a port holds for hosts after it too.

    Raises ValueError for a port that is none.
    """
    port = DEFAULT_PORT
    for one in text.split("|"):
        host, _, path = one.strip().partition("/")
        if host.startswith("["):
            host, _, rest = host[1:].partition("]")
            number = rest.removeprefix(":")
        else:
            host, _, number = host.partition(":")
        if number:
            if not (number.isascii() and number.isdigit() and 0 < int(number) < 65536):
                raise ValueError(f"{number!r} is no port")
            port = int(number)
        if host:
            yield Destination(host, port, path)


@application(
    "socket",
    syntax="<host>[:<port>][/<path>][|<host>...] [async] [full]",
    flags=ApplicationFlag.NO_MEDIA,
    module="mod_event_socket",
)
async def socket(session: Session, data: str) -> None:
    """Let a program that listens on a host control the call.

    ``async`` lets applications run while the program goes on, ``full`` gives it all commands.
    Where nobody can be reached, or the program leaves, the dialplan goes on.
    """
    words = data.split()
    try:
        hosts = list(destinations(words[0])) if words else []
    except ValueError as error:
        session.log.error("socket: %s in %r", error, data)
        return
    if not hosts:
        session.log.error("socket: <host>[:<port>] [async] [full] wanted, not %r", data)
        return
    module = session.switch.modules.running.get("mod_event_socket")
    server = getattr(module, "server", None)
    if not isinstance(server, EventSocketServer):
        session.log.error("socket: mod_event_socket is not loaded")
        return
    options = {word.lower() for word in words[1:]}
    control = Control(session, "full" in options, "async" in options)
    connection = Connection(server, control)
    if not await _connect(session, connection, hosts):
        return
    # A channel that is moved elsewhere leaves its program connected until it hangs up.
    if control.asynchronous:
        await park(session, connection.ended)
    else:
        await connection.ended.wait()
    queue = server.messages.get(session.uuid)
    if queue is not None:
        # What programs started last goes on without them; then the dialplan does.
        await queue.idle()


async def _connect(session: Session, connection: Connection, hosts: list[Destination]) -> bool:
    """Reach the first host that answers; False, with a log line for each, if none does."""
    loop = session.switch.loop
    for host in hosts:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                session.set("socket_host", host.host)
                if host.path:
                    session.set("socket_path", host.path)
                await loop.create_connection(lambda: connection, host.host, host.port)
        except (OSError, TimeoutError) as error:
            reason = str(error) or f"no answer within {CONNECT_SECONDS:g} seconds"
            session.log.error("socket: %s port %d: %s", host.host, host.port, reason)
        else:
            return True
    return False
