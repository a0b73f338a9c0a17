"""Crypto lines: the keys of SRTP within SDP (RFC 4568, RFC 6188, RFC 7714)."""

from __future__ import annotations

import base64
import binascii
import re
from enum import Enum
from typing import NamedTuple

SUITES = {
    "AEAD_AES_256_GCM": 44,
    "AEAD_AES_128_GCM": 28,
    "AES_256_CM_HMAC_SHA1_80": 46,
    "AES_192_CM_HMAC_SHA1_80": 38,
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_256_CM_HMAC_SHA1_32": 46,
    "AES_192_CM_HMAC_SHA1_32": 38,
    "AES_CM_128_HMAC_SHA1_32": 30,
}
"""What we can do, the strongest first, and the octets of key and salt together."""

_ALIASES = {
    f"AES_CM_{bits}_HMAC_SHA1_{tag}": f"AES_{bits}_CM_HMAC_SHA1_{tag}"
    for bits in (192, 256)
    for tag in (80, 32)
}
"""Names from before RFC 6188, which FreeSWITCH and its friends still write."""
_LINE = re.compile(
    r"([0-9]{1,9}) +([A-Za-z0-9_]{1,64}) +inline:([A-Za-z0-9+/]{16,128}={0,2})(\S*)(.*)"
)
_MORE = re.compile(r"(?:\|(?:2\^([0-9]{1,2})|([0-9]{1,15})))?(?:\|([0-9]{1,39}):([0-9]{1,3}))?")
"""What may stand behind a key: its lifetime, its name and the octets of that (§6.1)."""
_LONGEST_MKI = 128


class Secure(Enum):
    """Whether a stream is to be protected."""

    FORBIDDEN = "forbidden"
    OPTIONAL = "optional"
    MANDATORY = "mandatory"


class Crypto(NamedTuple):
    """One crypto line: the key its writer protects with."""

    tag: int
    suite: str
    key: bytes
    """Master key and salt."""
    spelling: str = ""
    """The suite's name as the far end writes it."""
    mki: bytes = b""
    """The key's name, which all packets carry (RFC 3711 §3.1); empty for none."""
    lifetime: int = 0
    """Packets the key is to protect; 0 where that is not said."""

    def __str__(self) -> str:
        """The line's value."""
        text = base64.b64encode(self.key).decode("ascii")
        line = f"{self.tag} {self.spelling or self.suite} inline:{text}"
        if self.lifetime:
            line += f"|{self.lifetime}"
        if self.mki:
            line += f"|{int.from_bytes(self.mki)}:{len(self.mki)}"
        return line

    def __repr__(self) -> str:
        return f"<Crypto {self.tag} {self.suite}>"


class Protection(NamedTuple):
    """What was agreed: the suite, our key and the far end's."""

    suite: str
    send: bytes
    receive: bytes
    send_mki: bytes = b""
    receive_mki: bytes = b""
    """The names of the keys in packets; empty for none."""
    lifetime: int = 0
    """Packets our key is to protect; 0 for the usual number."""

    def __repr__(self) -> str:
        return f"<Protection {self.suite}>"


def suite_name(text: str) -> str | None:
    """A suite by its name or an older one, None for one we cannot do."""
    name = _ALIASES.get(text.upper(), text.upper())
    return name if name in SUITES else None


def parse_crypto(value: str) -> Crypto | None:
    """A line that we can make use of; None for others.

    Several keys and session parameters change what packets look like: such lines are left to those
    who can do them (§6.3.2).
    """
    found = _LINE.fullmatch(value.strip())
    if found is None:
        return None
    tag, spelling, text, more, parameters = found.groups()
    suite, behind = suite_name(spelling), _MORE.fullmatch(more)
    if suite is None or parameters.strip() or behind is None:
        return None
    power, count, name, size = behind.groups()
    lifetime = 1 << int(power) if power else int(count or 0)
    if lifetime > 1 << 48 or int(size or 1) > _LONGEST_MKI:
        return None
    try:
        mki = int(name).to_bytes(int(size)) if name else b""
    except OverflowError:
        return None
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None
    if len(key) != SUITES[suite]:
        return None
    return Crypto(int(tag), suite, key, spelling, mki, lifetime)


def usable(values: list[str]) -> list[Crypto]:
    """The crypto lines of a media line that we can make use of, in their order."""
    return [line for line in map(parse_crypto, values) if line is not None]
