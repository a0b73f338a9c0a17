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
_LIFETIME = re.compile(r"\|(?:2\^)?[0-9]{1,15}")


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

    def __str__(self) -> str:
        """The line's value."""
        text = base64.b64encode(self.key).decode("ascii")
        return f"{self.tag} {self.spelling or self.suite} inline:{text}"

    def __repr__(self) -> str:
        return f"<Crypto {self.tag} {self.suite}>"


class Protection(NamedTuple):
    """What was agreed: the suite, our key and the far end's."""

    suite: str
    send: bytes
    receive: bytes

    def __repr__(self) -> str:
        return f"<Protection {self.suite}>"


def suite_name(text: str) -> str | None:
    """A suite by its name or an older one, None for one we cannot do."""
    name = _ALIASES.get(text.upper(), text.upper())
    return name if name in SUITES else None


def parse_crypto(value: str) -> Crypto | None:
    """A line that we can make use of; None for others.

    Key identifiers (MKI), several keys and session parameters change what packets look like: such
    lines are left to those who can do them (§6.3.2).
    """
    found = _LINE.fullmatch(value.strip())
    if found is None:
        return None
    tag, spelling, text, more, parameters = found.groups()
    suite = suite_name(spelling)
    if suite is None or parameters.strip() or (more and not _LIFETIME.fullmatch(more)):
        return None
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None
    if len(key) != SUITES[suite]:
        return None
    return Crypto(int(tag), suite, key, spelling)


def usable(values: list[str]) -> list[Crypto]:
    """The crypto lines of a media line that we can make use of, in their order."""
    return [line for line in map(parse_crypto, values) if line is not None]
