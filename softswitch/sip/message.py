"""Requests and responses with their ordered headers (RFC 3261 §7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import (
    CANONICAL,
    CSEQS,
    KEYS,
    NUMBERS,
    VIAS,
    WELL_KNOWN,
    CSeq,
    Via,
    split_list,
)
from softswitch.sip.memo import Memo, forget, lazy
from softswitch.sip.status import reason_phrase
from softswitch.sip.uri import ADDRESSES, URIS, NameAddr, SipUri

_ECHOED = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})
_DIALOG_FORMING = frozenset({"INVITE", "SUBSCRIBE", "REFER", "NOTIFY"})
_LENGTH = "Content-Length"
_LINE_BREAKS = str.maketrans("\r\n\0", "   ")


_MEDIA_TYPES = Memo(lambda text: text.partition(";")[0].strip().lower())


class Headers:
    """Header fields in order; names compare without case and their compact forms equal the long.

    Values are unfolded text as received. A well-known name is kept in its canonical spelling, any
    other in the spelling it came with. Writing a field whose name is no token raises
    LocalProtocolError.
    """

    __slots__ = ("first", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._take([(CANONICAL[name], value) for name, value in pairs])

    @classmethod
    def of_canonical(cls, pairs: list[tuple[str, str]]) -> Headers:
        """Take over a list whose names are canonical already."""
        headers = cls.__new__(cls)
        headers.pairs = pairs
        headers.first = dict(reversed(pairs))
        return headers

    def _take(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs
        """All fields in order; to be read only."""
        self.first: dict[str, str] = dict(reversed(pairs))
        """The first value of each spelling, of a well-known name that of all; to be read only."""

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of the first field of that name."""
        if name in WELL_KNOWN:
            return self.first.get(name, default)
        key = KEYS[name]
        for found, value in self.pairs:
            if KEYS[found] == key:
                return value
        return default

    def required(self, name: str) -> str:
        """The value of the first field of a well-known name.

        Raises RemoteProtocolError(400) where there is none.
        """
        value = self.first.get(name)
        if value is None:
            raise RemoteProtocolError(400, f"Missing {name} header")
        return value

    def all(self, name: str) -> list[str]:
        """The values of all fields of that name, one for each line."""
        if name in WELL_KNOWN:
            if name not in self.first:
                return []
            return [value for found, value in self.pairs if found == name]
        key = KEYS[name]
        return [value for found, value in self.pairs if KEYS[found] == key]

    def joined(self, name: str) -> str:
        """All values of a list header as one; empty where there is none."""
        if name not in self.first:
            return ""
        return ", ".join(self.all(name))

    def values(self, name: str) -> list[str]:
        """The elements of a comma-separated header over all its lines; empty ones are left out.

        Raises RemoteProtocolError(400) for unbalanced quotes or brackets.
        """
        if name in WELL_KNOWN and name not in self.first:
            return []
        return [item for value in self.all(name) for item in split_list(value) if item]

    def add(self, name: str, value: str) -> None:
        """Append a field."""
        name = CANONICAL[name]
        self.pairs.append((name, value))
        if name not in self.first:
            self.first[name] = value

    def prepend(self, name: str, value: str) -> None:
        """Put a field before all others."""
        name = CANONICAL[name]
        self.pairs.insert(0, (name, value))
        self.first[name] = value

    def set(self, name: str, value: str) -> None:
        """Replace all fields of that name by one, in the place of the first."""
        if name in WELL_KNOWN and name not in self.first:
            self.pairs.append((name, value))
            self.first[name] = value
            return
        key = KEYS[name]
        name = CANONICAL[name]
        kept: list[tuple[str, str]] = []
        replaced = False
        for pair in self.pairs:
            if KEYS[pair[0]] != key:
                kept.append(pair)
            elif not replaced:
                kept.append((name, value))
                replaced = True
        if not replaced:
            kept.append((name, value))
        self._take(kept)

    def update(self, fields: Iterable[tuple[str, str]]) -> None:
        """`set` each of some fields."""
        first, pairs = self.first, self.pairs
        for name, value in fields:
            if name in first or name not in WELL_KNOWN:
                self.set(name, value)
                first, pairs = self.first, self.pairs
            else:
                pairs.append((name, value))
                first[name] = value

    def extend(self, fields: list[tuple[str, str]]) -> None:
        """Append fields whose names are canonical."""
        self.pairs += fields
        self.first = {**dict(reversed(fields)), **self.first}

    def remove(self, name: str) -> None:
        """Remove all fields of that name."""
        key = KEYS[name]
        self._take([pair for pair in self.pairs if KEYS[pair[0]] != key])

    def replace_first(self, name: str, value: str) -> None:
        """Change the first field of that name and leave the others; add it when there is none."""
        key = KEYS[name]
        for position, (found, _) in enumerate(self.pairs):
            if KEYS[found] == key:
                self.pairs[position] = (found, value)
                self.first[found] = value
                return
        self.add(name, value)

    def repeated(self, names: Iterable[str]) -> str | None:
        """The first of the canonical ``names`` that occurs more than once."""
        present = [name for name, _ in self.pairs]
        return next((name for name in names if present.count(name) > 1), None)

    def copy(self) -> Headers:
        """An independent copy."""
        return Headers.of_canonical(self.pairs.copy())

    def __contains__(self, name: str) -> bool:
        if name in WELL_KNOWN:
            return name in self.first
        key = KEYS[name]
        return any(KEYS[found] == key for found, _ in self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.pairs == other.pairs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Headers {', '.join(name for name, _ in self.pairs)}>"


class Message:
    """What requests and responses share: headers, a body, and the headers everyone asks for.

    Those are parsed once, when first asked for, and raise RemoteProtocolError(400) when absent or
    malformed; what they give is shared by messages and never to be changed in place. The parser
    gives no request where they would raise, and no response where another than ``contact``,
    ``expires`` and ``max_forwards`` would. Change a header of an existing message by `set_header`,
    which forgets what was parsed.
    """

    def __init__(self, headers: Headers, body: bytes = b"") -> None:
        self.headers = headers
        self.body = body

    def read(self) -> None:
        """Parse what every message must have, that nobody need fear to ask for it."""
        first = self.headers.first
        try:
            self.cseq = CSEQS[first["CSeq"]]
            self.from_ = sender = ADDRESSES[first["From"]]
            self.to = receiver = ADDRESSES[first["To"]]
            self.from_tag = sender.parameters.get("tag") or ""
            self.to_tag = receiver.parameters.get("tag") or ""
            via = first["Via"]
            self.top_via = VIAS[split_list(via)[0] if "," in via else via]
            self.call_id = first["Call-ID"]
        except KeyError as missing:
            raise RemoteProtocolError(400, f"Missing {missing.args[0]} header") from None

    @lazy
    def call_id(self) -> str:
        """The Call-ID."""
        return self.headers.required("Call-ID")

    @lazy
    def cseq(self) -> CSeq:
        """The CSeq."""
        return CSEQS[self.headers.required("CSeq")]

    @lazy
    def from_(self) -> NameAddr:
        """The From address."""
        return ADDRESSES[self.headers.required("From")]

    @lazy
    def to(self) -> NameAddr:
        """The To address."""
        return ADDRESSES[self.headers.required("To")]

    @lazy
    def from_tag(self) -> str:
        """The tag of From; empty where it has none."""
        return self.from_.tag or ""

    @lazy
    def to_tag(self) -> str:
        """The tag of To; empty where it has none."""
        return self.to.tag or ""

    @lazy
    def top_via(self) -> Via:
        """The topmost Via hop."""
        value = self.headers.required("Via")
        return VIAS[split_list(value)[0] if "," in value else value]

    @lazy
    def contact(self) -> NameAddr | None:
        """The first Contact; None when there is none or it is the wildcard ``*``."""
        value = self.headers.first.get("Contact")
        if value is None or value == "*":
            return None
        return NameAddr.parse_list(value)[0] if "," in value else ADDRESSES[value]

    def names_option(self, header: str, option: str) -> bool:
        """Whether a well-known list header such as Supported names an option tag (§19.2)."""
        if header not in self.headers.first:
            return False
        return any(
            option == item.strip().lower()
            for value in self.headers.all(header)
            for item in value.split(",")
        )

    @property
    def content_type(self) -> str | None:
        """The media type of the body in lower case, without parameters."""
        value = self.headers.first.get("Content-Type")
        return None if value is None else _MEDIA_TYPES[value]

    @lazy
    def expires(self) -> int | None:
        """The Expires header in seconds."""
        return self._number("Expires", (1 << 32) - 1)

    @lazy
    def max_forwards(self) -> int | None:
        """The hops this message may still take."""
        return self._number("Max-Forwards", 255)

    def _number(self, name: str, limit: int) -> int | None:
        value = self.headers.first.get(name)
        if value is None:
            return None
        number = NUMBERS[value]
        if number is None or number > limit:
            raise RemoteProtocolError(400, f"Malformed {name} header")
        return number

    def set_header(self, name: str, value: str) -> None:
        """Replace all fields of that name by one."""
        self.headers.set(name, value)
        forget(self)

    def _start_line(self) -> str:
        raise NotImplementedError

    def encode(self) -> bytes:
        """The message as sent. Content-Length is written here, from the body.

        A line break or NUL within the start line or a value becomes a space, so that no value can
        add a header.
        """
        fields = [f"{name}: {value}" for name, value in self.headers.pairs if name != _LENGTH]
        lines = [self._start_line(), *fields, f"{_LENGTH}: {len(self.body)}\r\n\r\n"]
        head = "\r\n".join(lines)
        breaks = len(lines) + 1
        if head.count("\n") != breaks or head.count("\r") != breaks or "\0" in head:
            lines[:-1] = [line.translate(_LINE_BREAKS) for line in lines[:-1]]
            head = "\r\n".join(lines)
        return head.encode("utf-8", "replace") + self.body


class Request(Message):
    """A SIP request."""

    def __init__(self, method: str, uri: str, headers: Headers, body: bytes = b"") -> None:
        self.method = method
        self.uri = uri
        self.headers = headers
        self.body = body

    @property
    def request_uri(self) -> SipUri:
        """The parsed Request-URI; do not change it in place."""
        return URIS[self.uri]

    def _start_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.uri}>"


class Response(Message):
    """A SIP response."""

    def __init__(self, status: int, reason: str, headers: Headers, body: bytes = b"") -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body

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
    pairs = [pair for pair in request.headers.pairs if pair[0] in _ECHOED]
    receiver = request.headers.first.get("To")
    if to_tag is not None and status > 100 and receiver is not None and not _has_tag(request):
        pairs[pairs.index(("To", receiver))] = ("To", f"{receiver};tag={to_tag}")
    copied = None
    if status == 100:
        copied = "Timestamp"
    elif status < 300 and request.method in _DIALOG_FORMING:
        copied = "Record-Route"
    if copied is not None and copied in request.headers.first:
        pairs += [(copied, value) for value in request.headers.all(copied)]
    return Response(
        status, reason_phrase(status) if reason is None else reason, Headers.of_canonical(pairs)
    )


def _has_tag(request: Request) -> bool:
    try:
        return request.to.parameters.get("tag") is not None
    except RemoteProtocolError:
        return False
