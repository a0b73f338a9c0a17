"""The event socket seen from an interactive console: questions, and what comes by itself."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import cast

from softswitch.console.client import WRONG_PASSWORD, Refused, login
from softswitch.console.frames import Frame, FrameReader


class Remote(asyncio.Protocol):
    """A connection that answers questions in order and hands on all other frames."""

    def __init__(self, on_frame: Callable[[Frame], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_frame = on_frame
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._asked: deque[asyncio.Future[Frame]] = deque()
        self.greeting: asyncio.Future[Frame] = self._loop.create_future()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        """Done when the connection is gone."""

    def __repr__(self) -> str:
        state = "closed" if self.closed.done() else "open"
        return f"<Remote {state}, {len(self._asked)} questions>"

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        for frame in self._reader.feed(data):
            if not self.greeting.done():
                self.greeting.set_result(frame)
            elif frame.is_answer and self._asked:
                answered = self._asked.popleft()
                # Whoever asked may have gone away meanwhile.
                if not answered.done():
                    answered.set_result(frame)
            else:
                self._on_frame(frame)

    def connection_lost(self, _error: Exception | None) -> None:
        for future in (self.greeting, *self._asked):
            if not future.done():
                future.set_result(Frame({}, "the switch closed the connection"))
        self._asked.clear()
        self.closed.set_result(None)

    # Questions

    async def ask(self, text: str) -> Frame:
        """Send a command of the event socket; its answer."""
        if self.closed.done() or self._transport is None:
            raise Refused("the switch closed the connection")
        future: asyncio.Future[Frame] = self._loop.create_future()
        self._asked.append(future)
        self._transport.write(text.encode() + b"\n\n")
        return await future

    async def command(self, line: str) -> str:
        """Run a console command; what it printed."""
        return (await self.ask(f"api {line}\nconsole_execute: true")).text

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.close()


async def connect(
    host: str,
    port: int,
    password: str,
    on_frame: Callable[[Frame], None],
    user: str | None = None,
) -> Remote:
    """A connection that has logged in. Raises `Refused`."""
    loop = asyncio.get_running_loop()
    try:
        _, remote = await loop.create_connection(lambda: Remote(on_frame), host, port)
    except OSError as error:
        text = error.strerror or str(error)
        raise Refused(f"there is no switch at {host} port {port} ({text})") from None
    try:
        greeting = await remote.greeting
        if greeting.kind != "auth/request":
            raise Refused(greeting.text.strip())
        if not (await remote.ask(login(password, user))).text.startswith("+OK"):
            raise Refused(WRONG_PASSWORD)
    except BaseException:
        # Also of who waits no longer.
        remote.close()
        raise
    return remote
