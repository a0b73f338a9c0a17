"""Digest challenges and credentials, read and written (RFC 7616, RFC 8760, RFC 2069)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import quote, unquote

if TYPE_CHECKING:
    from softswitch.sip.message import Request, Response

CHALLENGES = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}
"""Responses that ask for credentials: the header that asks, and the one that answers."""
_HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
"""Supported algorithms, the strongest first."""
_SESSION = "-SESS"
_FIELD = re.compile(
    r"""[ \t]*(?:([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^",\s]*)[ \t]*)?(?:,|\Z)""",
    re.ASCII,
)


def _hash(algorithm: str, data: bytes) -> str:
    return _HASHES[algorithm](data, usedforsecurity=False).hexdigest()


def _base(algorithm: str) -> str | None:
    """The hash below an algorithm's name, None for one we do not support."""
    name = algorithm.upper().removesuffix(_SESSION)
    return name if name in _HASHES else None


def _parse_scheme(value: str) -> dict[str, str]:
    """The parameters of a Digest challenge or of credentials, without their quotes."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise RemoteProtocolError(400, "Authentication scheme is not Digest")
    result: dict[str, str] = {}
    position = 0
    for found in _FIELD.finditer(rest):
        start, end = found.span()
        if start != position:
            raise RemoteProtocolError(400, "Malformed authentication header")
        position = end
        name, text = found.groups()
        if name is None:
            continue  # An empty item, which lists may have (§7.3.1).
        name = name.lower()
        if name in result:
            raise RemoteProtocolError(400, "Malformed authentication header")
        result[name] = unquote(text) if text[:1] == '"' else text
    return result


def a1_hash(username: str, realm: str, password: str, algorithm: str = "MD5") -> str:
    """HA1, the hash that may be stored in place of a password (FreeSWITCH's ``a1-hash``)."""
    base = _base(algorithm)
    if base is None:
        raise ValueError(f"unsupported digest algorithm {algorithm!r}")
    return _hash(base, f"{username}:{realm}:{password}".encode())


@dataclass(slots=True, frozen=True)
class Challenge:
    """The value of a WWW-Authenticate or Proxy-Authenticate header."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False
    domain: str | None = None

    @classmethod
    def parse(cls, value: str) -> Challenge:
        """Raises RemoteProtocolError(400), also for another scheme than Digest."""
        fields = _parse_scheme(value)
        if "realm" not in fields or "nonce" not in fields:
            raise RemoteProtocolError(400, "Challenge without realm or nonce")
        qop = fields.get("qop", "")
        return cls(
            fields["realm"],
            fields["nonce"],
            fields.get("algorithm", "MD5"),
            tuple(item.strip().lower() for item in qop.split(",") if item.strip()),
            fields.get("opaque"),
            fields.get("stale", "").lower() == "true",
            fields.get("domain"),
        )

    def __str__(self) -> str:
        parts = [f"realm={quote(self.realm)}"]
        if self.domain is not None:
            parts.append(f"domain={quote(self.domain)}")
        parts.append(f"nonce={quote(self.nonce)}")
        if self.opaque is not None:
            parts.append(f"opaque={quote(self.opaque)}")
        if self.stale:
            parts.append("stale=true")
        parts.append(f"algorithm={self.algorithm}")
        if self.qop:
            parts.append(f"qop={quote(','.join(self.qop))}")
        return "Digest " + ", ".join(parts)


@dataclass(slots=True, frozen=True)
class Credentials:
    """The value of an Authorization or Proxy-Authorization header.

    ``nonce_count`` is None, and ``qop`` and ``cnonce`` too, in the old form without qop.
    """

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    qop: str | None = None
    cnonce: str | None = None
    nonce_count: int | None = None
    opaque: str | None = None

    @classmethod
    def parse(cls, value: str) -> Credentials:
        """Raises RemoteProtocolError(400), also for another scheme than Digest."""
        fields = _parse_scheme(value)
        try:
            username, realm, nonce, uri, response = (
                fields[name] for name in ("username", "realm", "nonce", "uri", "response")
            )
        except KeyError as missing:
            raise RemoteProtocolError(400, f"Credentials without {missing.args[0]}") from None
        qop = fields.get("qop")
        count = None
        if qop is not None:
            if "cnonce" not in fields:
                raise RemoteProtocolError(400, "Credentials without cnonce")
            count = _nonce_count(fields.get("nc", ""))
        return cls(
            username,
            realm,
            nonce,
            uri,
            response,
            fields.get("algorithm", "MD5"),
            None if qop is None else qop.lower(),
            fields.get("cnonce"),
            count,
            fields.get("opaque"),
        )

    def expected(
        self, *, method: str, password: str | None = None, ha1: str | None = None, body: bytes = b""
    ) -> str | None:
        """The right response for these credentials, from the password or HA1.

        None when it cannot be known: algorithm or qop unsupported, or HA1 of another algorithm.
        """
        base = _base(self.algorithm)
        if base is None or self.qop not in (None, "auth", "auth-int"):
            return None
        if ha1 is None:
            ha1 = a1_hash(self.username, self.realm, password or "", base)
        elif len(ha1) != _HASHES[base]().digest_size * 2:
            return None
        secret = ha1.lower()
        if self.algorithm.upper().endswith(_SESSION):
            secret = _hash(base, f"{secret}:{self.nonce}:{self.cnonce or ''}".encode())
        a2 = f"{method}:{self.uri}"
        if self.qop == "auth-int":
            a2 += ":" + _hash(base, body)
        middle = self.nonce
        if self.qop is not None:
            middle += f":{self.nonce_count or 0:08x}:{self.cnonce}:{self.qop}"
        return _hash(base, f"{secret}:{middle}:{_hash(base, a2.encode())}".encode())

    def __str__(self) -> str:
        parts = [
            f"username={quote(self.username)}",
            f"realm={quote(self.realm)}",
            f"nonce={quote(self.nonce)}",
            f"uri={quote(self.uri)}",
            f'response="{self.response}"',
            f"algorithm={self.algorithm}",
        ]
        if self.cnonce is not None:
            parts.append(f"cnonce={quote(self.cnonce)}")
        if self.qop is not None:
            parts.append(f"qop={self.qop}, nc={self.nonce_count or 0:08x}")
        if self.opaque is not None:
            parts.append(f"opaque={quote(self.opaque)}")
        return "Digest " + ", ".join(parts)

    def __repr__(self) -> str:
        return f"<Credentials {self.username}@{self.realm} {self.algorithm}>"


def _nonce_count(text: str) -> int:
    try:
        if len(text) != 8 or not text.isalnum():
            raise ValueError
        return int(text, 16)
    except ValueError:
        raise RemoteProtocolError(400, "Malformed nonce count") from None


def answer(
    challenge_headers: Sequence[str],
    *,
    method: str,
    uri: str,
    username: str,
    password: str | None = None,
    ha1: str | None = None,
    body: bytes = b"",
    cnonce: str,
    nonce_count: int = 1,
) -> str:
    """The Authorization value for the strongest challenge that we support.

    SHA-256 goes before MD5, qop ``auth`` before ``auth-int``; with ``ha1`` only the algorithm it
    was made with can be answered. ``nonce_count`` counts the requests sent with that nonce, from 1.
    Raises RemoteProtocolError(400) when no challenge can be answered.
    """
    best: tuple[int, str] | None = None
    for value in challenge_headers:
        try:
            challenge = Challenge.parse(value)
        except RemoteProtocolError:
            continue
        qop = next((name for name in ("auth", "auth-int") if name in challenge.qop), None)
        base = _base(challenge.algorithm)
        if base is None or (challenge.qop and qop is None):
            continue
        session = challenge.algorithm.upper().endswith(_SESSION)
        draft = Credentials(
            username,
            challenge.realm,
            challenge.nonce,
            uri,
            "",
            challenge.algorithm,
            qop,
            cnonce if qop is not None or session else None,
            nonce_count if qop is not None else None,
            challenge.opaque,
        )
        response = draft.expected(method=method, password=password, ha1=ha1, body=body)
        rank = list(_HASHES).index(base)
        if response is not None and (best is None or rank < best[0]):
            best = rank, str(replace(draft, response=response))
    if best is None:
        raise RemoteProtocolError(400, "No challenge that can be answered")
    return best[1]


def authorization(
    request: Request, response: Response, *, username: str, password: str, cnonce: str
) -> tuple[str, str] | None:
    """The header with which a request that met a 401 or 407 is sent again.

    None where no challenge of the response can be answered.
    """
    asked, answered = CHALLENGES[response.status]
    try:
        value = answer(
            response.headers.all(asked),
            method=request.method,
            uri=request.uri,
            username=username,
            password=password,
            body=request.body,
            cnonce=cnonce,
        )
    except RemoteProtocolError:
        return None
    return answered, value


def is_refused(request: Request, response: Response) -> bool:
    """Whether a 401 or 407 refuses the credentials that the request had."""
    return CHALLENGES[response.status][1] in request.headers and not is_stale(response)


def is_stale(response: Response) -> bool:
    """Whether a 401 or 407 refuses nothing but the age of the nonce (RFC 7616 §3.3)."""
    for value in response.headers.all(CHALLENGES[response.status][0]):
        try:
            if Challenge.parse(value).stale:
                return True
        except RemoteProtocolError:
            continue
    return False
