"""Bytes to messages: whole datagrams, and streams cut by Content-Length (RFC 3261 §7, §18.3).

Every input gives messages or RemoteProtocolError, in time linear in its size.
"""

from __future__ import annotations

import re
from enum import Enum

from softswitch.sip.errors import LocalProtocolError, RemoteProtocolError
from softswitch.sip.headers import CANONICAL, NUMBERS, Via, is_token
from softswitch.sip.memo import Memo
from softswitch.sip.message import Headers, Message, Request, Response

MAX_DATAGRAM = 65536
MAX_HEADERS = 256
MAX_LINE = 16384

_FOLD = re.compile(r"\r\n[ \t]+")
_BREAK = re.compile(r"\r\n|\r|\n")
_STRAY = re.compile(r"\r(?!\n)|(?<!\r)\n|\r\n\Z")
_SINGLE = (
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Content-Length",
    "Content-Type",
    "Max-Forwards",
)


class Keepalive(Enum):
    """Line breaks between the messages of a stream (RFC 5626 §3.5.1)."""

    PING = "ping"
    """CRLF CRLF: to be answered by one CRLF."""
    PONG = "pong"
    """A single CRLF."""


def parse_message(data: bytes) -> Request | Response:
    """Parse one datagram; raises RemoteProtocolError.

    Octets beyond Content-Length are dropped; without one the body is the rest (§18.3).
    """
    if len(data) > MAX_DATAGRAM:
        raise RemoteProtocolError(413, "Message too large")
    if data[:1] in (b"\r", b"\n"):
        data = data.lstrip(b"\r\n")
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank and not head.endswith(b"\r\n"):
        raise _parse_incomplete(head, "Message ends within its headers")
    message, length = _parse_head(head if blank else head[:-2])
    if length is None:
        message.body = body
    elif length > len(body):
        raise _refuse(message, 400, "Content-Length larger than the message")
    else:
        message.body = body[:length]
    return message


def _parse_incomplete(head: bytes, reason: str) -> RemoteProtocolError:
    """The error for a message cut short, with as much of the request as there is."""
    try:
        message, _ = _parse_head(head)
    except RemoteProtocolError as error:
        return error
    return _refuse(message, 400, reason)


def _refuse(message: Message, status: int, reason: str) -> RemoteProtocolError:
    """The error to raise for a message whose headers are known."""
    partial = message if isinstance(message, Request) and _answerable(message) else None
    return RemoteProtocolError(status, reason, partial)


def _answerable(request: Request) -> bool:
    """True when a response has somewhere to go; what else is missing, it lacks as well."""
    try:
        return isinstance(request.top_via, Via)
    except RemoteProtocolError:
        return False


def _parse_head(data: bytes) -> tuple[Request | Response, int | None]:
    """Start line and headers, without the blank line, and the Content-Length."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        # Old phones write display names in Latin-1; every octet is a character there.
        text = data.decode("latin-1")
    start, _, rest = text.partition("\r\n")
    lines = rest.split("\r\n") if rest else []
    try:
        pairs = [_FIELDS[line] for line in lines]
    except RemoteProtocolError:
        # Folded, or malformed.
        return _parse_carefully(text)
    if len(lines) > MAX_HEADERS or "\r" in start or "\n" in start:
        return _parse_carefully(text)
    message = _parse_start(start, Headers.of_canonical(pairs))
    try:
        return message, _check(message)
    except RemoteProtocolError as error:
        raise _refuse(message, error.status, error.reason) from None


def _parse_carefully(text: str) -> tuple[Request | Response, int | None]:
    """Head of a message that is folded or malformed, with its first fault."""
    malformed = None
    if _STRAY.search(text):
        malformed = RemoteProtocolError(400, "Stray line break")
        # Whoever ends lines otherwise is told so by what he meant (§7: CRLF alone ends a line).
        text = _BREAK.sub("\r\n", text).partition("\r\n\r\n")[0]
    start, _, rest = text.partition("\r\n")
    lines = rest.split("\r\n") if rest else []
    if "\r\n " in rest or "\r\n\t" in rest:
        lines = _FOLD.sub(" ", rest).split("\r\n")
    if len(lines) > MAX_HEADERS:
        raise RemoteProtocolError(400, "Too many headers")
    pairs: list[tuple[str, str]] = []
    for line in lines:
        try:
            pairs.append(_parse_field(line))
        except RemoteProtocolError as error:
            malformed = malformed or error
    message = _parse_start(start, Headers.of_canonical(pairs))
    try:
        if malformed is not None:
            raise malformed
        if lines and max(map(len, lines)) > MAX_LINE:
            raise RemoteProtocolError(400, "Header line too long")
        return message, _check(message)
    except RemoteProtocolError as error:
        raise _refuse(message, error.status, error.reason) from None


def _parse_field(line: str) -> tuple[str, str]:
    """Name and value of a header line."""
    name, colon, value = line.partition(":")
    if not colon:
        raise RemoteProtocolError(400, "Header line without a colon")
    try:
        return CANONICAL[name], value.strip(" \t")
    except LocalProtocolError:
        raise RemoteProtocolError(400, "Malformed header name") from None


def _parse_plain_field(line: str) -> tuple[str, str]:
    """Name and value of a header line that is all of one field."""
    if "\r" in line or "\n" in line or line[:1] in (" ", "\t") or len(line) > MAX_LINE:
        raise RemoteProtocolError(400, "Not a plain header line")
    return _parse_field(line)


_FIELDS = Memo(_parse_plain_field)
"""Most lines are the same in all messages of a call, or of an element."""


def _parse_start(line: str, headers: Headers) -> Request | Response:
    if line[:4].upper() == "SIP/":
        status, reason = _STATUS_LINES[line]
        return Response(status, reason, headers)
    parts = line.split(" ")
    if len(parts) != 3:
        raise _refuse(Request(parts[0], line, headers), 400, "Malformed request line")
    method, uri, version = parts
    request = Request(method, uri, headers)
    if version != "SIP/2.0" and version.upper() != "SIP/2.0":
        if version[:4].upper() == "SIP/":
            raise _refuse(request, 505, "Version Not Supported")
        raise _refuse(request, 400, "Malformed request line")
    if not _METHODS[method]:
        raise _refuse(request, 400, "Malformed method")
    return request


_METHODS = Memo(is_token)
"""Whether a text can be a method."""


def _parse_status_line(line: str) -> tuple[int, str]:
    """Status and reason."""
    status, reason = line[8:11], line[12:]
    if (
        line[:8].upper() != "SIP/2.0 "
        or not (status.isascii() and status.isdecimal() and "100" <= status <= "699")
        or line[11:12] not in (" ", "")
    ):
        raise RemoteProtocolError(400, "Malformed status line")
    return int(status), reason


_STATUS_LINES = Memo(_parse_status_line)
"""There are few reasons: the same lines come again and again."""


def _check(message: Request | Response) -> int | None:
    """Validate what every message needs (§8.1.1); return the Content-Length."""
    headers = message.headers
    first = headers.first
    if len(first) != len(headers.pairs):
        repeated = headers.repeated(_SINGLE)
        if repeated is not None:
            raise RemoteProtocolError(400, f"More than one {repeated} header")
    message.read()
    if not message.call_id:
        raise RemoteProtocolError(400, "Empty Call-ID")
    if isinstance(message, Request):
        if message.cseq.method != message.method:
            raise RemoteProtocolError(400, "CSeq method differs from the request's")
        # Whoever handles the request may then ask for these without fear. A response is not lost
        # for a bad Contact: nobody could be told.
        _ = message.request_uri, message.contact
        if "Expires" in first:
            _ = message.expires
        if "Max-Forwards" in first:
            _ = message.max_forwards
    value = first.get("Content-Length")
    if value is None:
        return None
    length = NUMBERS[value]
    if length is None:
        raise RemoteProtocolError(400, "Malformed Content-Length")
    return length


class StreamParser:
    """Cuts a byte stream into messages; after an error it is dead, as the framing is lost.

    ``max_size`` bounds headers and body of one message together, in octets.
    """

    def __init__(self, max_size: int = MAX_DATAGRAM) -> None:
        self.max_size = max_size
        self._buffer = bytearray()
        self._scanned = 0
        self._message: Request | Response | None = None
        self._length = 0
        self._error: RemoteProtocolError | None = None

    def feed(self, data: bytes) -> list[Request | Response | Keepalive]:
        """What ``data`` completes, in order.

        Raises RemoteProtocolError, again at each later call. When good messages come before the
        bad one in the same data they are returned, and the error is raised by the next call, which
        may be ``feed(b"")``.
        """
        items: list[Request | Response | Keepalive] = []
        if self._error is None:
            self._buffer += data
            try:
                while self._next(items):
                    pass
            except RemoteProtocolError as error:
                self._error = error
                self._buffer.clear()
        if self._error is not None and not items:
            raise self._error
        return items

    @property
    def incomplete(self) -> bool:
        """True while a message has begun and not ended."""
        return self._message is not None or bool(self._buffer)

    def _next(self, items: list[Request | Response | Keepalive]) -> bool:
        """Take one thing off the buffer; False when more octets are needed."""
        buffer = self._buffer
        if self._message is None:
            if buffer.startswith(b"\r\n"):
                ping = buffer.startswith(b"\r\n\r\n")
                items.append(Keepalive.PING if ping else Keepalive.PONG)
                del buffer[: 4 if ping else 2]
                return True
            end = buffer.find(b"\r\n\r\n", self._scanned)
            if end < 0:
                self._scanned = max(0, len(buffer) - 3)
                if len(buffer) > self.max_size:
                    raise RemoteProtocolError(413, "Message too large")
                return False
            if end > self.max_size:
                raise RemoteProtocolError(413, "Message too large")
            message, length = _parse_head(bytes(buffer[:end]))
            if length is None:
                raise _refuse(message, 400, "Missing Content-Length")
            if end + 4 + length > self.max_size:
                raise _refuse(message, 413, "Message too large")
            del buffer[: end + 4]
            self._scanned = 0
            self._message, self._length = message, length
        if len(buffer) < self._length:
            return False
        self._message.body = bytes(buffer[: self._length])
        del buffer[: self._length]
        items.append(self._message)
        self._message = None
        return True

    def __repr__(self) -> str:
        state = "dead" if self._error else "body" if self._message else "headers"
        return f"<StreamParser {state}, {len(self._buffer)} octets waiting>"
