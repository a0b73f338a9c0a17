"""Header names, and the grammar of values: lists, parameters, Via, CSeq (RFC 3261 §7.3, §25).

Parameter values are kept as they were received, quotes included, so that they can be written
again unchanged; `unquote` takes the quotes off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from softswitch.sip.errors import LocalProtocolError, RemoteProtocolError
from softswitch.sip.memo import Memo

COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "n": "Identity-Info",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""Compact forms and the long names they stand for."""

# fmt: off
_LONG_NAMES = (
    "Accept", "Accept-Encoding", "Accept-Language", "Alert-Info", "Allow",
    "Authentication-Info", "Authorization", "Call-Info", "Content-Disposition",
    "Content-Language", "CSeq", "Date", "Diversion", "Error-Info", "Expires", "Flow-Timer",
    "History-Info", "In-Reply-To", "Info-Package", "Join", "Max-Breadth", "Max-Forwards",
    "MIME-Version", "Min-Expires", "Min-SE", "Organization", "P-Access-Network-Info",
    "P-Asserted-Identity", "P-Called-Party-ID", "P-Charging-Vector", "P-Preferred-Identity",
    "Path", "Priority", "Privacy", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Require",
    "Publication", "RAck", "Reason", "Record-Route", "Recv-Info", "Remote-Party-ID", "Replaces",
    "Reply-To", "Require", "Resource-Priority", "Retry-After", "Route", "RSeq", "Server",
    "Service-Route", "SIP-ETag", "SIP-If-Match", "Subscription-State", "Target-Dialog",
    "Timestamp", "Unsupported", "User-Agent", "Warning", "WWW-Authenticate",
)
# fmt: on

TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]+"
HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.\-]*)"

_TOKEN = re.compile(TOKEN)
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LIST_PART = re.compile(rf'{_QUOTED}|<[^>]*>|[^,"<]+|,', re.DOTALL)
_PARAMETER_PART = re.compile(rf'{_QUOTED}|[^;"]+|;', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_TO_ESCAPE = re.compile(r'(["\\])')
_VIA = re.compile(
    rf"[sS][iI][pP]\s*/\s*[0-9]\.[0-9]\s*/\s*({TOKEN})\s+({HOST})\s*"
    r"(?::\s*([0-9]{1,5})\s*)?(;.*)?",
    re.DOTALL,
)
_CSEQ = re.compile(rf"([0-9]{{1,20}})\s+({TOKEN})")

LONGEST_PAUSE = 86400
"""Seconds; whoever asks for a longer pause is tried again after a day."""
_CACHE_SIZE = 4096


class _CanonicalNames(dict[str, str]):
    """Any spelling of a header name → the spelling we write; what is no name is our mistake."""

    def __missing__(self, name: str) -> str:
        stripped = name.rstrip(" \t")
        canonical = self.get(stripped.lower())
        if canonical is None:
            if _TOKEN.fullmatch(stripped) is None:
                raise LocalProtocolError(f"{stripped!r} is no header name")
            canonical = stripped
        if len(self) < _CACHE_SIZE and len(name) <= 64:
            self[name] = canonical
        return canonical


class _Keys(dict[str, str]):
    """Any spelling of a header name → one lower-case key for comparing."""

    def __missing__(self, name: str) -> str:
        lower = name.lower()
        key = COMPACT.get(lower, lower).lower()
        if len(self) < _CACHE_SIZE and len(name) <= 64:
            self[name] = key
        return key


WELL_KNOWN = frozenset((*_LONG_NAMES, *COMPACT.values()))
"""The names that have one spelling here, whatever way they are received."""
CANONICAL = _CanonicalNames()
KEYS = _Keys()
for _name in WELL_KNOWN:
    CANONICAL[_name] = CANONICAL[_name.lower()] = _name
for _name, _long in COMPACT.items():
    CANONICAL[_name] = CANONICAL[_name.upper()] = _long


def is_token(text: str) -> bool:
    """True for a non-empty run of token characters (§25.1)."""
    return _TOKEN.fullmatch(text) is not None


def quote(text: str) -> str:
    """``text`` as a quoted-string."""
    if '"' in text or "\\" in text:
        text = _TO_ESCAPE.sub(r"\\\1", text)
    return f'"{text}"'


def unquote(value: str) -> str:
    """The text of a quoted-string; any other value is returned as it is."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    value = value[1:-1]
    return _QUOTED_PAIR.sub(r"\1", value) if "\\" in value else value


def _split(text: str, separator: str, part: re.Pattern[str]) -> list[str]:
    """Cut at separators outside quotes (and brackets); raises RemoteProtocolError(400)."""
    items: list[str] = []
    start = position = 0
    match = part.match
    while position < len(text):
        found = match(text, position)
        if found is None:
            raise RemoteProtocolError(400, "Unbalanced quotes or brackets")
        if text[position] == separator:
            items.append(text[start:position].strip())
            start = position + 1
        position = found.end()
    items.append(text[start:].strip())
    return items


def split_list(text: str) -> list[str]:
    """The elements of a comma-separated list, stripped; empty ones stay empty strings.

    Commas within quotes and angle brackets do not count. Raises RemoteProtocolError(400) when
    those are unbalanced.
    """
    if "," not in text:
        return [text.strip()]
    if '"' not in text and "<" not in text:
        return [item.strip() for item in text.split(",")]
    return _split(text, ",", _LIST_PART)


def parameters(text: str) -> dict[str, str | None]:
    """``a=b;c``, with or without a leading semicolon: names in lower case, None for no value.

    The first of two parameters of one name counts. Raises RemoteProtocolError(400) for an empty
    or malformed one; one trailing semicolon is forgiven.
    """
    items = text.split(";") if '"' not in text else _split(text, ";", _PARAMETER_PART)
    if not items[0] or items[0].isspace():
        del items[0]
    if len(items) > 1 and not items[-1].strip():
        del items[-1]
    spaced = " " in text or "\t" in text
    result: dict[str, str | None] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if spaced:
            name, value = name.strip(), value.strip()
            if " " in name:
                raise RemoteProtocolError(400, "Malformed parameter")
        if not name or '"' in name:
            raise RemoteProtocolError(400, "Malformed parameter")
        name = name.lower()
        if name not in result:
            result[name] = value if equals else None
    return result


def retry_after(text: str | None) -> int | None:
    """The seconds that a Retry-After asks for, a day at most; None where it has no number."""
    # A comment or parameters may follow (§20.33).
    found = re.match(r"[0-9]{1,9}", text or "")
    return None if found is None else min(int(found[0]), LONGEST_PAUSE)


def format_parameters(values: dict[str, str | None]) -> str:
    """``;a=b;c``; empty for no parameters."""
    return "".join(
        [f";{name}" if value is None else f";{name}={value}" for name, value in values.items()]
    )


def host_port(host: str, port: int | None) -> str:
    """``host`` or ``host:port``, a bare IPv6 address in brackets."""
    if ":" in host and host[0] != "[":
        host = f"[{host}]"
    return host if port is None else f"{host}:{port}"


@dataclass(slots=True)
class Via:
    """One hop of a Via header: how and where to send the response (RFC 3261 §20.42, RFC 3581).

    ``transport`` is in upper case; an IPv6 ``host`` has no brackets.
    """

    transport: str
    host: str
    port: int | None
    parameters: dict[str, str | None]

    @classmethod
    def parse(cls, text: str) -> Via:
        """One Via value; raises RemoteProtocolError(400)."""
        found = _VIA.fullmatch(text.strip())
        if found is None:
            raise RemoteProtocolError(400, "Malformed Via header")
        transport, host, port, rest = found.groups()
        if host[0] == "[":
            host = host[1:-1]
        number = int(port) if port else None
        if number is not None and number > 65535:
            raise RemoteProtocolError(400, "Malformed port in Via header")
        return cls(transport.upper(), host, number, parameters(rest) if rest else {})

    @classmethod
    def parse_list(cls, text: str) -> list[Via]:
        """All hops of one header line, topmost first; raises RemoteProtocolError(400)."""
        return [cls.parse(item) for item in split_list(text)]

    @property
    def branch(self) -> str | None:
        """The transaction's identifier."""
        return self.parameters.get("branch")

    @property
    def received(self) -> str | None:
        """The address the message really came from, without brackets."""
        value = self.parameters.get("received")
        return value.strip("[]") if value else None

    @property
    def rport(self) -> int | None:
        """The port the message really came from; None also when rport has no value yet."""
        value = self.parameters.get("rport")
        return int(value) if value and len(value) <= 5 and value.isdecimal() else None

    def __str__(self) -> str:
        where = host_port(self.host, self.port)
        return f"SIP/2.0/{self.transport} {where}{format_parameters(self.parameters)}"


VIAS = Memo(Via.parse)
"""Via values by their text: all responses to a request carry the same."""


class CSeq(NamedTuple):
    """Number and method of a request within its dialog (§20.16)."""

    number: int
    method: str

    @staticmethod
    def parse(text: str) -> CSeq:
        """``1 INVITE``; the number is below 2**32. Raises RemoteProtocolError(400)."""
        found = _CSEQ.fullmatch(text.strip())
        if found is None:
            raise RemoteProtocolError(400, "Malformed CSeq header")
        number = int(found[1])
        if number >= 1 << 32:
            raise RemoteProtocolError(400, "CSeq number too large")
        return CSeq(number, found[2])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


CSEQS = Memo(CSeq.parse)
"""CSeq values by their text."""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else None


NUMBERS = Memo(_number)
"""Unsigned numbers by their text; None for what is none, or has more than twelve digits."""
