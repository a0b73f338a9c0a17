"""Whether a call is to be protected by SRTP, and its keys: ``rtp_secure_media`` and its kin."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from softswitch.dialplan.arguments import is_false, is_true
from softswitch.sdp.crypto import SUITES, Crypto, Secure, suite_name

WISHES = (
    "rtp_secure_media",
    "rtp_secure_media_inbound",
    "rtp_secure_media_outbound",
    "rtp_secure_media_suites",
    "rtp_sdes_suites",
    "rtp_secure_media_mki",
    "rtp_secure_media_lifetime",
)
"""The variables, of a call or of the switch, that say something of SRTP."""
USUAL = (
    "AEAD_AES_256_GCM",
    "AES_256_CM_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32",
)
"""What is offered where nobody names suites. Every phone has one of these; each costs a line."""
_ALL = tuple(SUITES)
LONGEST_LIFETIME = 1 << 31
"""Packets after which a key is replaced in any case: RTCP has no more numbers (RFC 3711 §9.2)."""
_LIFETIME = re.compile(r"2\^([0-9]{1,2})|([0-9]{1,12})")
_SEPARATOR = re.compile(r"[|:,\s]+")


def security(
    wishes: Mapping[str, str], *, inbound: bool
) -> tuple[Secure, tuple[str, ...], tuple[str, ...]]:
    """What those of `WISHES` that are set ask for: whether, which suites, and names of suites we
    lack.

    Callers may use SRTP unless it is forbidden; where we call it is off unless it is asked for.
    """
    # Whatever the far end names we can do; ourselves we do not name everything.
    usual = _ALL if inbound else USUAL
    secure = Secure.OPTIONAL if inbound else Secure.FORBIDDEN
    if not wishes:
        return secure, usual, ()
    get = wishes.get
    value = get("rtp_secure_media_inbound" if inbound else "rtp_secure_media_outbound")
    value = (value or get("rtp_secure_media") or "").strip()
    word, _, suites = value.partition(":")
    suites = suites or get("rtp_secure_media_suites") or get("rtp_sdes_suites") or ""
    if not word and not suites:
        return secure, usual, ()
    if is_true(word) or word.lower() == "mandatory":
        secure = Secure.MANDATORY
    elif word.lower() == "optional":
        secure = Secure.OPTIONAL
    elif is_false(word) or word.lower() == "forbidden":
        secure = Secure.FORBIDDEN
    elif word:
        # A suite alone means that this one must be used.
        secure, suites = Secure.MANDATORY, value
    names = [name for name in _SEPARATOR.split(suites) if name]
    known = tuple(dict.fromkeys(filter(None, map(suite_name, names))))
    lacking = tuple(name for name in names if suite_name(name) is None)
    return secure, known if names else usual, lacking


class KeyRing:
    """The keys one call protects with: they stay the same in later exchanges, until `renew`."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self._generation = 1

    def __repr__(self) -> str:
        return f"<KeyRing {', '.join(self._keys) or 'empty'}>"

    def lines(
        self, suites: tuple[str, ...], *, named: bool = False, lifetime: int = 0
    ) -> tuple[Crypto, ...]:
        """A crypto line for each of the suites; ``named`` keys bear a number in every packet."""
        mki = bytes([self._generation]) if named else b""
        return tuple(
            Crypto(tag, suite, self._key(suite), mki=mki, lifetime=lifetime)
            for tag, suite in enumerate(suites, start=1)
        )

    def renew(self) -> None:
        """Protect with other keys from the next exchange on."""
        self._keys.clear()
        self._generation = self._generation % 255 + 1

    def _key(self, suite: str) -> bytes:
        key = self._keys.get(suite)
        if key is None:
            key = self._keys[suite] = secrets.token_bytes(SUITES[suite])
        return key


def lifetime(text: str | None) -> int:
    """Packets that a key is to protect, written as a number or ``2^n``; 0 for the usual number."""
    found = _LIFETIME.fullmatch((text or "").strip())
    if found is None:
        return 0
    power, count = found.groups()
    return min(1 << int(power) if power else int(count), LONGEST_LIFETIME)
