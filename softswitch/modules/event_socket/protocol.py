"""The event socket's framing, without sockets: bytes to requests, replies to bytes.

A request is a line, headers and, where ``Content-Length`` says so, a body; an empty line ends
the head. Answers have headers, an empty line and a body of ``Content-Length`` bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

HEAD_LIMIT = 10 * 1024 * 1024
BODY_LIMIT = 16 * 1024 * 1024
LOGIN_LIMIT = 4096
"""Bytes of head and of body that a client may send before it has logged in."""
HELD_LIMIT = 512 * 1024
"""Bytes that may wait behind a request of a client that has not logged in."""

GOODBYE = "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
NOTICE = ("Content-Type", "text/disconnect-notice")
AUTH_REQUEST = b"Content-Type: auth/request\n\n"


_NUMBER = re.compile(r"[ \t]*([+-]?[0-9]{1,18})")


def leading_number(text: str) -> int:
    """The number a text begins with, as C's ``atoi`` reads it; 0 without one."""
    found = _NUMBER.match(text)
    return int(found[1]) if found else 0


class ProtocolError(Exception):
    """The client broke the framing or its limits; the connection cannot go on."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command of a client."""

    line: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def get(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), None)

    def all(self, name: str) -> list[str]:
        """Every header of that name, in any case."""
        name = name.lower()
        return [value for key, value in self.headers if key.lower() == name]


class RequestReader:
    """Cuts what a client sends into requests.

    Until `logged_in` it gives one at a time, and the next by `go_on`: what is sent together with
    the log-in is judged by the limits that hold behind it.
    """

    def __init__(self) -> None:
        self._known = self._held = False
        self._buffer = bytearray()
        self._searched = 0
        self._head: Request | None = None
        self._body_size = 0
        self.head_limit = LOGIN_LIMIT
        self.body_limit = LOGIN_LIMIT

    def __repr__(self) -> str:
        return f"<RequestReader {len(self._buffer)} bytes waiting>"

    @property
    def partial(self) -> bool:
        """True while a request has begun and not ended; no events may be sent meanwhile."""
        return self._head is not None or bool(self._buffer)

    def logged_in(self) -> None:
        """Lift the limits to those of a client that is known."""
        self._known = True
        self.head_limit = HEAD_LIMIT
        self.body_limit = BODY_LIMIT

    def go_on(self) -> list[Request]:
        """The request before was answered: what `feed` held back. Raises `ProtocolError`."""
        self._held = False
        return self.feed(b"")

    def feed(self, data: bytes) -> list[Request]:
        """Requests that ``data`` completes. Raises `ProtocolError`; the reader is then dead."""
        self._buffer += data
        requests = []
        while not self._held and (request := self._next()) is not None:
            requests.append(request)
            self._held = not self._known
        if self._held and len(self._buffer) > HELD_LIMIT:
            raise ProtocolError(f"{len(self._buffer)} bytes behind a log-in")
        return requests

    def _next(self) -> Request | None:
        if self._head is None:
            head = self._take_head()
            if head is None:
                return None
            self._head = head
            self._body_size = self._length(head)
        if len(self._buffer) < self._body_size:
            return None
        request, self._head = self._head, None
        if self._body_size:
            body = self._buffer[: self._body_size].decode("utf-8", "replace")
            del self._buffer[: self._body_size]
            request = Request(request.line, request.headers, body)
        return request

    def _take_head(self) -> Request | None:
        buffer = self._buffer
        if not self._searched:
            blank = len(buffer) - len(buffer.lstrip(b"\r\n"))
            del buffer[:blank]
        start = max(0, self._searched - 3)
        end = _end_of_head(buffer, start)
        if end is None:
            self._searched = len(buffer)
            if len(buffer) > self.head_limit:
                raise ProtocolError(f"a command of more than {self.head_limit} bytes")
            return None
        stop, after = end
        if stop > self.head_limit:
            raise ProtocolError(f"a command of more than {self.head_limit} bytes")
        text = buffer[:stop].decode("utf-8", "replace")
        del buffer[:after]
        self._searched = 0
        line, *rest = re.split("[\r\n]+", text)
        headers = []
        for written in rest:
            name, colon, value = written.partition(":")
            if colon:
                headers.append((name, value.lstrip(" ")))
        return Request(line, tuple(headers))

    def _length(self, head: Request) -> int:
        size = leading_number(head.get("Content-Length") or "")
        if size < 0 or size > self.body_limit:
            raise ProtocolError(f"a body of {size} bytes; {self.body_limit} are the most")
        return size


def _end_of_head(buffer: bytearray, start: int) -> tuple[int, int] | None:
    """Where the head ends and what follows it begins; carriage returns are tolerated."""
    while (newline := buffer.find(b"\n", start)) >= 0:
        after = newline + 1
        if buffer[after : after + 1] == b"\n":
            return newline, after + 1
        if buffer[after : after + 2] == b"\r\n":
            return newline, after + 2
        start = after
    return None


def reply(text: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """The answer to a command; an empty one becomes the answer to an unknown command."""
    lines = ["Content-Type: command/reply", f"Reply-Text: {text or '-ERR command not found'}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\n".join(_one_line(line) for line in lines) + "\n\n").encode()


def api_response(text: str) -> bytes:
    """What a console command printed."""
    return frame(text or "-ERR no reply\n", ("Content-Type", "api/response"))


def frame(body: str, *headers: tuple[str, str]) -> bytes:
    """Headers, the body's length after the first of them, and the body."""
    data = body.encode()
    lines = [f"{name}: {_one_line(value)}" for name, value in headers]
    lines.insert(1, f"Content-Length: {len(data)}")
    return ("\n".join(lines) + "\n\n").encode() + data


def disconnect_notice(controlled: str = "") -> bytes:
    """The last thing a client gets; ``controlled`` is the channel that had called it."""
    if not controlled:
        return frame(GOODBYE, NOTICE)
    lines = [*_of(controlled, "disconnect"), f"Content-Length: {len(GOODBYE)}"]
    return ("\n".join(lines) + "\n\n" + GOODBYE).encode()


def linger_notice(controlled: str, name: str, seconds: float) -> bytes:
    """Tells that the channel is gone and that the connection stays, for ever if infinite."""
    time = -1 if math.isinf(seconds) else int(seconds)
    lines = [*_of(controlled, "linger"), f"Channel-Name: {_one_line(name)}"]
    lines += [f"Linger-Time: {time}", "Content-Length: 0"]
    return ("\n".join(lines) + "\n\n").encode()


def _of(controlled: str, disposition: str) -> list[str]:
    return [
        ": ".join(NOTICE),
        f"Controlled-Session-UUID: {controlled}",
        f"Content-Disposition: {disposition}",
    ]


def rejection() -> bytes:
    """What a client gets whose address is not allowed."""
    return frame("Access Denied, go away.\n", ("Content-Type", "text/rude-rejection"))


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")
