"""Media descriptions: one media line of a session and what follows it (RFC 8866 §5.14, RFC 3551).

Attributes and lines we do not know survive and are written again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from ipaddress import IPv6Address
from typing import NamedTuple

_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}")
_PAYLOAD_TYPE = re.compile(r"[0-9]{1,3}")
_RTPMAP = re.compile(r"([0-9]{1,3}) +([^ /]{1,64})/([0-9]{1,7})(?:/([0-9]{1,2}))? *")
_RTCP = re.compile(r"([0-9]{1,5})(?: +IN +IP[46] +([^ ]+))? *", re.IGNORECASE)

_FORMAT_ATTRIBUTES = ("rtpmap", "fmtp")
_CACHED_ATTRIBUTES = 64

STATIC_PAYLOAD_TYPES = {
    0: ("PCMU", 8000, 1),
    2: ("G726-32", 8000, 1),
    3: ("GSM", 8000, 1),
    4: ("G723", 8000, 1),
    5: ("DVI4", 8000, 1),
    6: ("DVI4", 16000, 1),
    7: ("LPC", 8000, 1),
    8: ("PCMA", 8000, 1),
    9: ("G722", 8000, 1),
    10: ("L16", 44100, 2),
    11: ("L16", 44100, 1),
    12: ("QCELP", 8000, 1),
    13: ("CN", 8000, 1),
    15: ("G728", 8000, 1),
    18: ("G729", 8000, 1),
    26: ("JPEG", 90000, 1),
    31: ("H261", 90000, 1),
    34: ("H263", 90000, 1),
}
"""Payload types that need no rtpmap: name, clock rate, channels (RFC 3551 §6).

Number 2 was withdrawn, and is still what older gateways call G.726 at 32 kbit/s.
"""


class Direction(Enum):
    """Who sends, seen from the one who wrote the description."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        """True when the writer means to send."""
        return self in _SENDING

    @property
    def receives(self) -> bool:
        """True when the writer is willing to receive."""
        return self in _RECEIVING

    @classmethod
    def of(cls, sends: bool, receives: bool) -> Direction:
        """The direction with these two properties."""
        if sends:
            return cls.SENDRECV if receives else cls.SENDONLY
        return cls.RECVONLY if receives else cls.INACTIVE


_SENDING = (Direction.SENDRECV, Direction.SENDONLY)
_RECEIVING = (Direction.SENDRECV, Direction.RECVONLY)
_DIRECTIONS = {direction.value: direction for direction in Direction}


@dataclass(slots=True)
class Connection:
    """An address media is sent to; ``suffix`` is a multicast scope such as ``/127`` (§5.7)."""

    address: str
    suffix: str = ""

    @property
    def held(self) -> bool:
        """True for the zero address, the old way to put on hold (RFC 3264 §8.4)."""
        return self.address in ("0.0.0.0", "::")

    def __str__(self) -> str:
        return f"IN {network_address(self.address)}{self.suffix}"


class Format(NamedTuple):
    """One RTP payload type of a media line with what rtpmap and fmtp say of it.

    ``name`` is empty for a dynamic payload type without rtpmap.
    """

    payload_type: int
    name: str
    clock_rate: int
    channels: int
    fmtp: str = ""

    def __str__(self) -> str:
        if not self.name:
            return f"payload type {self.payload_type}"
        channels = f"/{self.channels}" if self.channels != 1 else ""
        return f"{self.name}/{self.clock_rate}{channels}"


Attributes = list[tuple[str, str | None]]


def first_attribute(attributes: Attributes, name: str) -> str | None:
    """The value of the first attribute of that name; empty for one without value."""
    for found, value in attributes:
        if found == name:
            return value or ""
    return None


def direction_attribute(attributes: Attributes) -> Direction | None:
    """The first direction among the attributes."""
    for name, _ in attributes:
        if name in _DIRECTIONS:
            return _DIRECTIONS[name]
    return None


@dataclass(slots=True)
class MediaDescription:
    """A media line with all that follows it (§5.14); an attribute is a name and a value or None.

    ``formats`` are texts, as T.38 and others do not use numbers; `rtp_formats` reads the numbers.
    ``others`` are lines of types not named here, such as a title.
    """

    kind: str
    port: int
    protocol: str
    formats: list[str]
    port_count: int = 1
    connection: Connection | None = None
    bandwidth: list[str] = field(default_factory=list)
    attributes: Attributes = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)

    def attribute(self, name: str) -> str | None:
        """The value of the first attribute of that name; empty for one without value."""
        return first_attribute(self.attributes, name)

    def all_attributes(self, name: str) -> list[str]:
        """The values of all attributes of that name, for instance ``crypto`` or ``candidate``."""
        return [value or "" for found, value in self.attributes if found == name]

    @property
    def rtp_formats(self) -> list[Format]:
        """The payload types in order of preference; formats that are no payload type are left out.

        An unreadable rtpmap line is ignored; of two for one payload type the first counts.
        """
        described = tuple([pair for pair in self.attributes if pair[0] in _FORMAT_ATTRIBUTES])
        if len(described) > _CACHED_ATTRIBUTES:
            return _read_formats(self.formats, described)
        # All phones of a kind describe their formats alike.
        return list(_known_formats(tuple(self.formats), described))

    @property
    def ptime(self) -> int | None:
        """Milliseconds of audio in a packet the writer likes to receive."""
        return self._milliseconds("ptime")

    @property
    def maxptime(self) -> int | None:
        """Most milliseconds of audio in a packet the writer can take."""
        return self._milliseconds("maxptime")

    def _milliseconds(self, name: str) -> int | None:
        value = first_attribute(self.attributes, name)
        if value is None:
            return None
        value = value.strip()
        return int(value) if value.isascii() and value.isdecimal() and len(value) <= 5 else None

    @property
    def direction(self) -> Direction | None:
        """The direction given on this media line, None if it gives none."""
        return direction_attribute(self.attributes)

    @property
    def rtcp(self) -> tuple[int, str | None] | None:
        """Port and, if given, address of ``a=rtcp`` (RFC 3605); None for an unusable one."""
        value = self.attribute("rtcp")
        found = _RTCP.fullmatch(value) if value else None
        if found is None or not 0 < int(found[1]) < 65536:
            return None
        if found[2] is not None and (
            address_family(found[2]) is None or is_group_address(found[2])
        ):
            return None
        return int(found[1]), found[2]

    @property
    def rtcp_mux(self) -> bool:
        """True when RTP and RTCP may share a port (RFC 5761)."""
        return self.attribute("rtcp-mux") is not None

    @property
    def crypto(self) -> list[str]:
        """The values of the crypto lines (RFC 4568)."""
        return self.all_attributes("crypto")

    @property
    def candidates(self) -> list[str]:
        """The values of the candidate lines (RFC 8839)."""
        return self.all_attributes("candidate")

    def lines(self) -> list[str]:
        """The lines of this part of the description."""
        port = f"{self.port}/{self.port_count}" if self.port_count != 1 else str(self.port)
        lines = [" ".join([f"m={self.kind} {port} {self.protocol}", *self.formats])]
        lines += [f"{kind}={value}" for kind, value in self.others if kind == "i"]
        if self.connection is not None:
            lines.append(f"c={self.connection}")
        lines += [f"b={value}" for value in self.bandwidth]
        lines += [f"{kind}={value}" for kind, value in self.others if kind != "i"]
        lines += attribute_lines(self.attributes)
        return lines


def _read_formats(
    formats: Iterable[str], described: Iterable[tuple[str, str | None]]
) -> list[Format]:
    names: dict[int, tuple[str, int, int]] = {}
    settings: dict[int, str] = {}
    for attribute, value in described:
        if attribute == "rtpmap" and value is not None:
            found = _RTPMAP.fullmatch(value)
            if found is not None and int(found[3]) > 0:
                entry = (found[2], int(found[3]), int(found[4] or 1) or 1)
                names.setdefault(int(found[1]), entry)
        elif attribute == "fmtp" and value is not None:
            item, _, text = value.partition(" ")
            if _PAYLOAD_TYPE.fullmatch(item):
                settings.setdefault(int(item), text.strip())
    result: dict[int, Format] = {}
    for item in formats:
        if _PAYLOAD_TYPE.fullmatch(item) and int(item) < 128:
            number = int(item)
            name, rate, channels = (
                names.get(number) or STATIC_PAYLOAD_TYPES.get(number) or ("", 0, 1)
            )
            fmtp = settings.get(number, "")
            result.setdefault(number, Format(number, name, rate, channels, fmtp))
    return list(result.values())


@lru_cache(maxsize=256)
def _known_formats(
    formats: tuple[str, ...], described: tuple[tuple[str, str | None], ...]
) -> tuple[Format, ...]:
    return tuple(_read_formats(formats, described))


def attribute_lines(attributes: Attributes) -> list[str]:
    """The ``a=`` lines."""
    return [f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes]


def network_address(address: str) -> str:
    """``IP4 192.0.2.1``"""
    return f"{'IP6' if ':' in address else 'IP4'} {address}"


@lru_cache(maxsize=256)
def address_family(address: str) -> int | None:
    """4 or 6 for an IP address, None for a host name or nonsense."""
    if ":" in address:
        try:
            IPv6Address(address)
        except ValueError:
            return None
        return 6
    return 4 if _IPV4.fullmatch(address) else None


def is_group_address(address: str) -> bool:
    """True for a multicast, reserved or broadcast address, which no packet of ours may go to."""
    if ":" in address:
        return address[:2].lower() == "ff"
    return address_family(address) == 4 and int(address.partition(".")[0]) >= 224
