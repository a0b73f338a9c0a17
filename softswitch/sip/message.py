"""Requests and responses with their ordered headers (RFC 3261 §7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import CANONICAL, KEYS, WELL_KNOWN, CSeq, Via, split_list
from softswitch.sip.status import reason_phrase
from softswitch.sip.uri import NameAddr, SipUri

_ECHOED = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})
_DIALOG_FORMING = frozenset({"INVITE", "SUBSCRIBE", "REFER", "NOTIFY"})
_LINE_BREAKS = str.maketrans("\r\n\0", "   ")


class Headers:
    """Header fields in order; names compare without case and their compact forms equal the long.

    Values are unfolded text as received. A well-known name is kept in its canonical spelling, any
    other in the spelling it came with. Writing a field whose name is no token raises
    LocalProtocolError.
    """

    __slots__ = ("_first", "_pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs: list[tuple[str, str]] = [(CANONICAL[name], value) for name, value in pairs]
        self._first: dict[str, str] | None = None

    @classmethod
    def of_canonical(cls, pairs: list[tuple[str, str]]) -> Headers:
        """Take over a list whose names are canonical already."""
        headers = cls.__new__(cls)
        headers._pairs = pairs
        headers._first = None
        return headers

    def _index(self) -> dict[str, str]:
        """The first value of each spelling; of a well-known name there is one alone."""
        first = self._first = dict(reversed(self._pairs))
        return first

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of the first field of that name."""
        if name in WELL_KNOWN:
            return (self._first or self._index()).get(name, default)
        key = KEYS[name]
        return next((value for found, value in self._pairs if KEYS[found] == key), default)

    def required(self, name: str) -> str:
        """The value of the first field of a well-known name.

        Raises RemoteProtocolError(400) where there is none.
        """
        value = (self._first or self._index()).get(name)
        if value is None:
            raise RemoteProtocolError(400, f"Missing {name} header")
        return value

    def all(self, name: str) -> list[str]:
        """The values of all fields of that name, one for each line."""
        if name in WELL_KNOWN:
            if name not in (self._first or self._index()):
                return []
            return [value for found, value in self._pairs if found == name]
        key = KEYS[name]
        return [value for found, value in self._pairs if KEYS[found] == key]

    def values(self, name: str) -> list[str]:
        """The elements of a comma-separated header over all its lines; empty ones are left out.

        Raises RemoteProtocolError(400) for unbalanced quotes or brackets.
        """
        return [item for value in self.all(name) for item in split_list(value) if item]

    def add(self, name: str, value: str) -> None:
        """Append a field."""
        name = CANONICAL[name]
        self._pairs.append((name, value))
        if self._first is not None:
            self._first.setdefault(name, value)

    def prepend(self, name: str, value: str) -> None:
        """Put a field before all others."""
        name = CANONICAL[name]
        self._pairs.insert(0, (name, value))
        if self._first is not None:
            self._first[name] = value

    def set(self, name: str, value: str) -> None:
        """Replace all fields of that name by one, in the place of the first."""
        if name in WELL_KNOWN and name not in (self._first or self._index()):
            self.add(name, value)
            return
        key = KEYS[name]
        pairs = self._pairs
        for position, (found, _) in enumerate(pairs):
            if KEYS[found] == key:
                pairs[position + 1 :] = [
                    pair for pair in pairs[position + 1 :] if KEYS[pair[0]] != key
                ]
                pairs[position] = (CANONICAL[name], value)
                break
        else:
            pairs.append((CANONICAL[name], value))
        self._first = None

    def remove(self, name: str) -> None:
        """Remove all fields of that name."""
        key = KEYS[name]
        self._pairs = [pair for pair in self._pairs if KEYS[pair[0]] != key]
        self._first = None

    def replace_first(self, name: str, value: str) -> None:
        """Change the first field of that name and leave the others; add it when there is none."""
        key = KEYS[name]
        for position, (found, _) in enumerate(self._pairs):
            if KEYS[found] == key:
                self._pairs[position] = (found, value)
                if self._first is not None:
                    self._first[found] = value
                return
        self.add(name, value)

    def repeated(self, names: Iterable[str]) -> str | None:
        """The first of the canonical ``names`` that occurs more than once."""
        if len(self._first or self._index()) == len(self._pairs):
            return None
        present = [name for name, _ in self._pairs]
        return next((name for name in names if present.count(name) > 1), None)

    def copy(self) -> Headers:
        """An independent copy."""
        return Headers.of_canonical(self._pairs.copy())

    def __contains__(self, name: str) -> bool:
        if name in WELL_KNOWN:
            return name in (self._first or self._index())
        key = KEYS[name]
        return any(KEYS[found] == key for found, _ in self._pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._pairs == other._pairs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Headers {', '.join(name for name, _ in self._pairs)}>"


class Message:
    """What requests and responses share: headers, a body, and the headers everyone asks for.

    Those are parsed once, when first asked for, and raise RemoteProtocolError(400) when absent or
    malformed. The parser gives no request where they would, and no response where another than
    ``contact``, ``expires`` and ``max_forwards`` would. Change a header of an existing message by
    `set_header`, which forgets what was parsed.
    """

    __slots__ = ("_contact", "_cseq", "_from", "_to", "_top_via", "body", "headers")

    def __init__(self, headers: Headers, body: bytes = b"") -> None:
        self.headers = headers
        self.body = body
        self._from: NameAddr | None = None
        self._to: NameAddr | None = None
        self._contact: NameAddr | None = None
        self._top_via: Via | None = None
        self._cseq: CSeq | None = None

    def read(self) -> None:
        """Parse From, To, CSeq and the topmost Via, that nobody need fear to ask for them."""
        required = self.headers.required
        self._cseq = CSeq.parse(required("CSeq"))
        self._from = NameAddr.shared(required("From"))
        self._to = NameAddr.shared(required("To"))
        value = required("Via")
        self._top_via = Via.shared(split_list(value)[0] if "," in value else value)

    @property
    def call_id(self) -> str:
        """The Call-ID."""
        return self.headers.required("Call-ID")

    @property
    def cseq(self) -> CSeq:
        """The CSeq."""
        parsed = self._cseq
        if parsed is None:
            parsed = self._cseq = CSeq.parse(self.headers.required("CSeq"))
        return parsed

    @property
    def from_(self) -> NameAddr:
        """The From address; do not change it in place."""
        parsed = self._from
        if parsed is None:
            parsed = self._from = NameAddr.shared(self.headers.required("From"))
        return parsed

    @property
    def to(self) -> NameAddr:
        """The To address; do not change it in place."""
        parsed = self._to
        if parsed is None:
            parsed = self._to = NameAddr.shared(self.headers.required("To"))
        return parsed

    @property
    def top_via(self) -> Via:
        """The topmost Via hop; do not change it in place."""
        parsed = self._top_via
        if parsed is None:
            value = self.headers.required("Via")
            parsed = self._top_via = Via.shared(split_list(value)[0] if "," in value else value)
        return parsed

    @property
    def contact(self) -> NameAddr | None:
        """The first Contact; do not change it in place.

        None when there is none or it is the wildcard ``*``.
        """
        parsed = self._contact
        if parsed is None:
            value = self.headers.get("Contact")
            if value is None or value == "*":
                return None
            first = NameAddr.parse_list(value)[0] if "," in value else NameAddr.shared(value)
            parsed = self._contact = first
        return parsed

    def names_option(self, header: str, option: str) -> bool:
        """Whether a list header such as Supported names an option tag (§19.2)."""
        if header not in self.headers:
            return False
        return any(
            option == item.strip().lower()
            for value in self.headers.all(header)
            for item in value.split(",")
        )

    @property
    def content_type(self) -> str | None:
        """The media type of the body in lower case, without parameters."""
        value = self.headers.get("Content-Type")
        return None if value is None else value.partition(";")[0].strip().lower()

    @property
    def expires(self) -> int | None:
        """The Expires header in seconds."""
        return self._number("Expires", (1 << 32) - 1)

    @property
    def max_forwards(self) -> int | None:
        """The hops this message may still take."""
        return self._number("Max-Forwards", 255)

    def _number(self, name: str, limit: int) -> int | None:
        value = self.headers.get(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdecimal() and len(value) <= 12) or int(value) > limit:
            raise RemoteProtocolError(400, f"Malformed {name} header")
        return int(value)

    def set_header(self, name: str, value: str) -> None:
        """Replace all fields of that name by one."""
        self.headers.set(name, value)
        self._from = self._to = self._contact = self._top_via = self._cseq = None

    def _start_line(self) -> str:
        raise NotImplementedError

    def encode(self) -> bytes:
        """The message as sent. Content-Length is written here, from the body.

        A line break or NUL within the start line or a value becomes a space, so that no value can
        add a header.
        """
        lines = [self._start_line()]
        lines += [f"{name}: {value}" for name, value in self.headers if name != "Content-Length"]
        breaks = len(lines) + 2
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        head = "\r\n".join(lines)
        if head.count("\n") != breaks or head.count("\r") != breaks or "\0" in head:
            lines[:-1] = [line.translate(_LINE_BREAKS) for line in lines[:-1]]
            head = "\r\n".join(lines)
        return head.encode("utf-8", "replace") + self.body


class Request(Message):
    """A SIP request."""

    __slots__ = ("_parsed_text", "_request_uri", "method", "uri")

    def __init__(self, method: str, uri: str, headers: Headers, body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri
        self._request_uri: SipUri | None = None
        self._parsed_text = ""

    @property
    def request_uri(self) -> SipUri:
        """The parsed Request-URI; do not change it in place."""
        parsed = self._request_uri
        if parsed is None or self._parsed_text is not self.uri:
            parsed = self._request_uri = SipUri.shared(self.uri)
            self._parsed_text = self.uri
        return parsed

    def _start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri}>"


class Response(Message):
    """A SIP response."""

    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str, headers: Headers, body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = reason

    def _start_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"

    def __repr__(self) -> str:
        return f"<Response {self.status} {self.reason} to {self.headers.get('CSeq')}>"


def make_response(
    request: Request, status: int, reason: str | None = None, *, to_tag: str | None = None
) -> Response:
    """A response with what every response copies from its request (§8.2.6).

    ``to_tag`` is put on To unless it has a tag already or the status is 100. Record-Route is copied
    into responses that may form a dialog, Timestamp into 100.
    """
    pairs = [pair for pair in request.headers if pair[0] in _ECHOED]
    if to_tag is not None and status > 100 and not _has_tag(request):
        for position, (name, value) in enumerate(pairs):
            if name == "To":
                pairs[position] = (name, f"{value};tag={to_tag}")
    copied = None
    if status == 100:
        copied = "Timestamp"
    elif status < 300 and request.method in _DIALOG_FORMING:
        copied = "Record-Route"
    if copied is not None:
        pairs += [(copied, value) for value in request.headers.all(copied)]
    return Response(
        status, reason_phrase(status) if reason is None else reason, Headers.of_canonical(pairs)
    )


def _has_tag(request: Request) -> bool:
    try:
        return request.to.tag is not None
    except RemoteProtocolError:
        return False
