"""Session descriptions: parse what phones send, write what we say (RFC 8866).

What could mislead us (ports, addresses, sizes, lines that are none) is refused; missing lines and
unknown ones are forgiven, and the unknown survive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from softswitch.sdp.media import (
    Attributes,
    Connection,
    Direction,
    MediaDescription,
    attribute_lines,
    direction_attribute,
    first_attribute,
    network_address,
)

MAX_SIZE = 65536
_USUAL_SIZE = 4096
"""Of longer descriptions nothing is remembered."""
MAX_LINES = 2000
MAX_MEDIA = 64
MAX_FORMATS = 128

_ORDER = "vosiuepcbtrzka"
"""The order of the session's lines; lines of other types go last."""
_LINE_BREAKS = str.maketrans("\r\n\0", "   ")
_GAP = re.compile(r"[\s\0]+")
_ADDRESS = re.compile(r"[0-9A-Za-z.:\-]{1,255}")
_CONNECTION = re.compile(r"IN +IP[46] +([^ /]+)((?:/[0-9]{1,10}){0,2})", re.IGNORECASE)
_ORIGIN = re.compile(r"([^ ]+) +([0-9]{1,20}) +([0-9]{1,20}) +IN +IP[46] +([^ ]+)", re.IGNORECASE)
_MEDIA = re.compile(r"([!-~]+) +([0-9]{1,5})(?:/([0-9]{1,3}))? +([!-~]+)((?: +[!-~]+)*)")


class SdpError(Exception):
    """A description cannot be used; the message is a sentence."""


@dataclass(slots=True)
class Origin:
    """Who made the session, and its version (§5.2)."""

    username: str
    session_id: int
    version: int
    address: str

    def __str__(self) -> str:
        # Spaces separate the fields (§5.2).
        username = _GAP.sub("_", self.username) or "-"
        return f"{username} {self.session_id} {self.version} IN {network_address(self.address)}"


@dataclass(slots=True)
class SessionDescription:
    """A whole description. ``others`` are the session's lines of types not named here."""

    origin: Origin | None = None
    name: str = "-"
    connection: Connection | None = None
    bandwidth: list[str] = field(default_factory=list)
    attributes: Attributes = field(default_factory=list)
    media: list[MediaDescription] = field(default_factory=list)
    times: list[str] = field(default_factory=lambda: ["0 0"])
    others: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def parse(cls, data: str | bytes) -> SessionDescription:
        """Read a description; lines may end in CRLF, LF or CR. Raises SdpError."""
        description = cls(times=[])
        section: SessionDescription | MediaDescription = description
        attribute = _known_attribute if len(data) <= _USUAL_SIZE else _attribute
        for number, line in enumerate(_lines(data), 1):
            if line[:2] == "a=":
                section.attributes.append(attribute(line))
                continue
            kind, value = line[:1], line[2:].strip()
            if line[1:2] != "=":
                if not line.strip():
                    continue
                raise SdpError(f"Line {number} is not of the form type=value")
            if kind == "m":
                section = _parse_media(number, value)
                description.media.append(section)
                if len(description.media) > MAX_MEDIA:
                    raise SdpError(f"There are more than {MAX_MEDIA} media lines")
            elif kind == "c":
                section.connection = _parse_connection(number, value)
            elif kind == "b":
                section.bandwidth.append(value)
            elif section is not description or kind not in "vost":
                section.others.append((kind, value))
            else:
                description._take_session_line(number, kind, value)
        description.times = description.times or ["0 0"]
        return description

    def _take_session_line(self, number: int, kind: str, value: str) -> None:
        if kind == "v":
            if value != "0":
                raise SdpError(f"Line {number} names an unknown version of SDP")
        elif kind == "o":
            self.origin = _parse_origin(value)
        elif kind == "s":
            self.name = value or "-"
        else:
            self.times.append(value)

    def attribute(self, name: str) -> str | None:
        """The value of the session's first attribute of that name; empty for one without value."""
        return first_attribute(self.attributes, name)

    def connection_of(self, media: MediaDescription) -> Connection | None:
        """Where a media line's packets go: its own connection, or the session's."""
        return media.connection or self.connection

    def direction_of(self, media: MediaDescription) -> Direction:
        """A media line's direction: its own, the session's, or sendrecv."""
        return media.direction or direction_attribute(self.attributes) or Direction.SENDRECV

    def __str__(self) -> str:
        session = [("v", "0")]
        if self.origin is not None:
            session.append(("o", str(self.origin)))
        session.append(("s", self.name or "-"))
        if self.connection is not None:
            session.append(("c", str(self.connection)))
        session += [("b", value) for value in self.bandwidth]
        session += [("t", value) for value in self.times]
        if self.others:
            session += self.others
            session.sort(key=lambda line: _ORDER.find(line[0]) % (len(_ORDER) + 1))
        lines = [f"{kind}={value}" for kind, value in session]
        if self.attributes:
            lines += attribute_lines(self.attributes)
        for media in self.media:
            lines += media.lines()
        text = "\r\n".join(lines)
        breaks = len(lines) - 1
        if text.count("\n") != breaks or text.count("\r") != breaks or "\0" in text:
            # No value may add a line.
            text = "\r\n".join([line.translate(_LINE_BREAKS) for line in lines])
        return text + "\r\n"


def _attribute(line: str) -> tuple[str, str | None]:
    name, colon, text = line[2:].strip().partition(":")
    return name.strip(), text if colon else None


_known_attribute = lru_cache(maxsize=512)(_attribute)
"""All phones of a kind say the same."""


def _lines(data: str | bytes) -> list[str]:
    if len(data) > MAX_SIZE:
        raise SdpError(f"The description is longer than {MAX_SIZE} octets")
    text = data if isinstance(data, str) else _decode(data)
    if "\0" in text:
        raise SdpError("The description contains a NUL")
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = text.replace("\r", "\n")
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise SdpError(f"The description has more than {MAX_LINES} lines")
    if text[:2] != "v=" and not any(line.startswith(("v=", "m=")) for line in lines):
        raise SdpError("This is not a session description")
    return lines


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parse_origin(value: str) -> Origin | None:
    """None for one we cannot read: nothing we do depends on it."""
    found = _ORIGIN.fullmatch(value)
    if found is None or _ADDRESS.fullmatch(found[4]) is None:
        return None
    return Origin(found[1], int(found[2]), int(found[3]), found[4])


def _parse_connection(number: int, value: str) -> Connection:
    found = _CONNECTION.fullmatch(value)
    if found is None or _ADDRESS.fullmatch(found[1]) is None:
        raise SdpError(f"Line {number} is not a valid connection line")
    return Connection(found[1], found[2])


def _parse_media(number: int, value: str) -> MediaDescription:
    found = _MEDIA.fullmatch(value)
    if found is None:
        raise SdpError(f"Line {number} is not a valid media line")
    kind, port, count, protocol, rest = found.groups()
    formats = rest.split()
    if int(port) > 65535:
        raise SdpError(f"Line {number} has a port above 65535")
    if len(formats) > MAX_FORMATS:
        raise SdpError(f"Line {number} has more than {MAX_FORMATS} formats")
    return MediaDescription(kind.lower(), int(port), protocol, formats, int(count or 1))
