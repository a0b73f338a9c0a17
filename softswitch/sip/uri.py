"""SIP URIs and name-addr: parse, compare, escape (RFC 3261 §19.1, §20.10; tel: RFC 3966)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import (
    HOST,
    format_parameters,
    is_token,
    parameters,
    quote,
    split_list,
    unquote,
)
from softswitch.sip.memo import Memo

_BAD = r'\x00-\x20"<>\x7f'
_SIP = re.compile(
    rf"([sS][iI][pP][sS]?):(?:([^@:{_BAD}]*)(?::([^@{_BAD}]*))?@)?"
    rf"({HOST})(?::([0-9]{{1,5}}))?(;[^@?{_BAD}]*)?(?:\?([^{_BAD}]*))?"
)
_OTHER = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):([!#-;=?-~]+)")
_NAME_ADDR = re.compile(r'(?:"([^"\\]*(?:\\.[^"\\]*)*)"\s*|([^"<]*))<([^<>]*)>\s*(;.*)?', re.DOTALL)
_USER_UNSAFE = re.compile(r"[^A-Za-z0-9\-_.!~*'()&=+$,;?/]")
_PASSWORD_UNSAFE = re.compile(r"[^A-Za-z0-9\-_.!~*'()&=+$,]")
_PARAMETER_UNSAFE = re.compile(r"[^A-Za-z0-9\-_.!~*'()\[\]/:&+$]")
_HEADERS_UNSAFE = re.compile(r"[^A-Za-z0-9\-_.!~*'()\[\]/?:+$&=%]")
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_TEL_UNSAFE = re.compile(r"[^A-Za-z0-9\-_.!~*'()+#]")

_DISTINGUISHING = ("user", "ttl", "method", "maddr", "transport")
"""Parameters that tell URIs apart even when only one of them has it (§19.1.4)."""


def unescape(text: str) -> str:
    """Undo ``%`` escapes once; what is not an escape stays. UTF-8, else Latin-1."""
    if "%" not in text:
        return text
    raw = unquote_to_bytes(text)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _percent(found: re.Match[str]) -> str:
    return "".join([f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")])


def _uri_parameters(text: str) -> dict[str, str | None]:
    values = parameters(text)
    if "%" not in text:
        return values
    return {
        unescape(name).lower(): value if value is None else unescape(value)
        for name, value in values.items()
    }


def escaped_user(user: str) -> str:
    """The user part of a URI as it is written (§25.1)."""
    plain = user.isalnum() and user.isascii()
    return user if plain else _USER_UNSAFE.sub(_percent, user)


@dataclass(slots=True)
class SipUri:
    """A ``sip:``, ``sips:`` or ``tel:`` URI; of any other scheme, ``user`` holds the rest verbatim.

    ``user``, ``password`` and ``parameters`` are unescaped here and escaped again by ``str``;
    an IPv6 ``host`` has no brackets here and gets them there. ``headers`` is the escaped text after
    the question mark. A tel: URI has its number in ``user`` and an empty ``host``.
    """

    scheme: str = "sip"
    user: str | None = None
    password: str | None = None
    host: str = ""
    port: int | None = None
    parameters: dict[str, str | None] = field(default_factory=dict)
    headers: str = ""

    @classmethod
    def parse(cls, text: str) -> SipUri:
        """Raises RemoteProtocolError(400) for what is no URI, or no good one of these schemes."""
        found = _SIP.fullmatch(text)
        if found is None:
            return cls._parse_unusual(text)
        scheme, user, password, host, port, tail, headers = found.groups()
        if user and "%" in user:
            user = unescape(user)
        if password is not None:
            password = unescape(password)
        if host[0] == "[":
            host = host[1:-1]
        number = None if port is None else int(port)
        if number is not None and number > 65535:
            raise RemoteProtocolError(400, "Malformed port in URI")
        values = _uri_parameters(tail) if tail else {}
        return cls(scheme.lower(), user, password, host, number, values, headers or "")

    @classmethod
    def _parse_unusual(cls, text: str) -> SipUri:
        stripped = text.strip()
        if stripped != text:
            return cls.parse(stripped)
        found = _OTHER.fullmatch(text)
        if found is None or found[1].lower() in ("sip", "sips"):
            raise RemoteProtocolError(400, "Malformed URI")
        scheme, rest = found[1].lower(), found[2]
        if scheme != "tel":
            return cls(scheme, rest)
        number, _, tail = rest.partition(";")
        return cls("tel", unescape(number), parameters=_uri_parameters(tail) if tail else {})

    @property
    def transport(self) -> str | None:
        """The transport parameter in lower case."""
        value = self.parameters.get("transport")
        return value.lower() if value else None

    def replace(self, **changes: object) -> SipUri:
        """A copy with some fields changed; parameters are copied too."""
        copy = SipUri(
            self.scheme,
            self.user,
            self.password,
            self.host,
            self.port,
            self.parameters.copy(),
            self.headers,
        )
        for name, value in changes.items():
            setattr(copy, name, value)
        return copy

    def equivalent(self, other: SipUri) -> bool:
        """True when both name the same resource by the rules of §19.1.4."""
        if (
            self.scheme != other.scheme
            or self.user != other.user
            or self.password != other.password
            or self.host.lower() != other.host.lower()
            or self.port != other.port
        ):
            return False
        mine, theirs = self.parameters, other.parameters
        for name in _DISTINGUISHING:
            if (name in mine) != (name in theirs):
                return False
        for name, value in mine.items():
            if name in theirs and (value or "").lower() != (theirs[name] or "").lower():
                return False
        return self._comparable_headers() == other._comparable_headers()

    def _comparable_headers(self) -> list[tuple[str, str]]:
        pairs = [item.partition("=") for item in self.headers.split("&") if item]
        return sorted((unescape(name).lower(), unescape(value)) for name, _, value in pairs)

    def __str__(self) -> str:
        if self.scheme in ("sip", "sips"):
            text = f"{self.scheme}:"
            if self.user is not None:
                text += escaped_user(self.user)
                if self.password is not None:
                    text += ":" + _PASSWORD_UNSAFE.sub(_percent, self.password)
                text += "@"
            text += f"[{self.host}]" if ":" in self.host else self.host
            if self.port is not None:
                text += f":{self.port}"
        elif self.scheme == "tel":
            text = "tel:" + _TEL_UNSAFE.sub(_percent, self.user or "")
        else:
            return f"{self.scheme}:{self.user or ''}"
        if self.parameters:
            for name, value in self.parameters.items():
                text += ";" + _PARAMETER_UNSAFE.sub(_percent, name)
                if value is not None:
                    text += "=" + _PARAMETER_UNSAFE.sub(_percent, value)
        if self.headers:
            text += "?" + _HEADERS_UNSAFE.sub(_percent, self.headers)
        return text


URIS = Memo(SipUri.parse)
"""URIs by their text."""


@dataclass(slots=True)
class NameAddr:
    """A URI with a display name and header parameters: From, To, Contact, Route … (§20.10).

    ``display`` is unquoted; ``parameters`` are as received (`softswitch.sip.headers`).
    """

    display: str
    uri: SipUri
    parameters: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        """One name-addr or addr-spec with its parameters; raises RemoteProtocolError(400)."""
        known = ADDRESSES[text]
        return cls(known.display, known.uri.replace(), known.parameters.copy())

    @classmethod
    def _read(cls, text: str) -> NameAddr:
        text = text.strip()
        found = _NAME_ADDR.fullmatch(text)
        if found is not None:
            quoted, plain, address, tail = found.groups()
            if quoted is None:
                display = plain.strip()
            else:
                display = _QUOTED_PAIR.sub(r"\1", quoted) if "\\" in quoted else quoted
            return cls(display, URIS[address], parameters(tail) if tail else {})
        if "<" in text:
            raise RemoteProtocolError(400, "Unbalanced quotes or brackets in address")
        # Without brackets every parameter belongs to the header (§20).
        address, semicolon, tail = text.partition(";")
        return cls("", URIS[address], parameters(tail) if semicolon else {})

    @classmethod
    def parse_list(cls, text: str) -> list[NameAddr]:
        """All addresses of one header line; raises RemoteProtocolError(400)."""
        return [cls.parse(item) for item in split_list(text)]

    @property
    def tag(self) -> str | None:
        """The tag parameter of a From or To."""
        return self.parameters.get("tag")

    def parameter(self, name: str) -> str | None:
        """A header parameter without its quotes; None when absent or without a value."""
        value = self.parameters.get(name.lower())
        return None if value is None else unquote(value)

    def __str__(self) -> str:
        display = self.display
        if display:
            display = f"{display} " if is_token(display) else f"{quote(display)} "
        return f"{display}<{self.uri}>{format_parameters(self.parameters)}"


ADDRESSES = Memo(NameAddr._read)
"""Addresses by their text: every message of a dialog carries the same From and To."""
