"""Nonces of a server, and its judgement of what comes back with them (RFC 7616 §3.3, §5.4)."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Sequence
from enum import Enum

from softswitch.sip.auth import Challenge, Credentials
from softswitch.sip.errors import RemoteProtocolError


class AuthResult(Enum):
    """What a server found in an Authorization header."""

    OK = "ok"
    NO_CREDENTIALS = "no credentials"
    """None, or of another scheme: challenge."""
    STALE = "stale nonce"
    """Right password, old nonce: challenge with ``stale``."""
    WRONG_PASSWORD = "wrong password"
    UNKNOWN_NONCE = "unknown nonce"
    """Right password, but the nonce is not ours for this realm and algorithm."""
    REPLAYED = "replayed"
    """Right password, but that nonce count was used before."""
    MALFORMED = "malformed credentials"


class NonceKeeper:
    """Issues nonces and verifies what comes back with them.

    A nonce carries its time and is signed with ``secret``, so that challenging costs no memory;
    only a nonce that was used with the right password is remembered, for its highest count. Of
    those at most ``memory`` are kept: nonces as old as the oldest forgotten one become stale.
    ``lifetime`` is in seconds; ``now`` must come from one clock that does not go back. A nonce is
    good for ``uses`` requests; 0 for any number.
    """

    def __init__(
        self,
        secret: bytes,
        token: Callable[[], str],
        lifetime: float = 60,
        memory: int = 65536,
        uses: int = 0,
    ) -> None:
        self.lifetime = lifetime
        self.uses = uses
        self.memory = memory
        self._key = hashlib.blake2b(secret).digest()
        self._token = token
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._horizon = float("-inf")

    def challenge(
        self,
        now: float,
        realm: str,
        stale: bool = False,
        algorithms: Sequence[str] = ("SHA-256", "MD5"),
        qop: Sequence[str] = ("auth",),
        peer: str = "",
    ) -> list[str]:
        """One header value for each algorithm, in the given order (RFC 8760 §2.2: best first).

        The nonce is good for ``peer`` alone, such as the address that it is sent to.
        """
        stamp = f"{round(now * 1000):x}.{self._token()}"
        return [
            str(
                Challenge(
                    realm,
                    f"{stamp}.{self._signature(stamp, realm, algorithm, peer)}",
                    algorithm,
                    tuple(qop),
                    stale=stale,
                )
            )
            for algorithm in algorithms
        ]

    def check(
        self,
        header_value: str | None,
        *,
        method: str,
        now: float,
        password_for: Callable[[str, str], str | None] | None = None,
        a1_hash: str | None = None,
        body: bytes = b"",
        peer: str = "",
    ) -> AuthResult:
        """Judge an Authorization value; give ``password_for(username, realm)`` or ``a1_hash``.

        The digest is compared first, and in constant time, so that nothing is learned about a
        nonce without the password.
        """
        if header_value is None or header_value.strip()[:7].lower() != "digest ":
            return AuthResult.NO_CREDENTIALS
        try:
            credentials = Credentials.parse(header_value)
        except RemoteProtocolError:
            return AuthResult.MALFORMED
        password = None
        if a1_hash is None and password_for is not None:
            password = password_for(credentials.username, credentials.realm)
        return self.judge(
            credentials,
            method=method,
            now=now,
            password=password,
            a1_hash=a1_hash,
            body=body,
            peer=peer,
        )

    def judge(
        self,
        credentials: Credentials,
        *,
        method: str,
        now: float,
        password: str | None = None,
        a1_hash: str | None = None,
        body: bytes = b"",
        peer: str = "",
    ) -> AuthResult:
        """Like `check`, for credentials that were read already and a password that is known."""
        expected = credentials.expected(method=method, password=password, ha1=a1_hash, body=body)
        known = expected is not None and (a1_hash is not None or password is not None)
        response = credentials.response.lower().encode()
        if not hmac.compare_digest((expected or "").encode(), response) or not known:
            return AuthResult.WRONG_PASSWORD
        return self._check_nonce(credentials, now, peer)

    def issued(self, credentials: Credentials, peer: str = "") -> bool:
        """Whether the nonce is one of ours, for this peer, realm and algorithm, however old."""
        stamp, _, signature = credentials.nonce.rpartition(".")
        right = self._signature(stamp, credentials.realm, credentials.algorithm, peer)
        return hmac.compare_digest(right.encode(), signature.encode())

    def _check_nonce(self, credentials: Credentials, now: float, peer: str) -> AuthResult:
        nonce = credentials.nonce
        if not self.issued(credentials, peer):
            return AuthResult.UNKNOWN_NONCE
        stamp = nonce.rpartition(".")[0]
        issued = int(stamp.partition(".")[0], 16) / 1000
        if now - issued > self.lifetime or issued <= self._horizon:
            return AuthResult.STALE
        # Without qop there is no count: the nonce is good for one request.
        count = 1 if credentials.nonce_count is None else credentials.nonce_count
        if count <= self._counts.get(nonce, (0.0, 0))[1]:
            return AuthResult.REPLAYED
        if 0 < self.uses < count:
            return AuthResult.STALE
        self._remember(nonce, issued, count, now)
        return AuthResult.OK

    def _remember(self, nonce: str, issued: float, count: int, now: float) -> None:
        self._counts[nonce] = issued, count
        while self._counts:
            first, (oldest, _) = next(iter(self._counts.items()))
            if now - oldest <= self.lifetime and len(self._counts) <= self.memory:
                break
            self._horizon = max(self._horizon, oldest)
            del self._counts[first]

    def _signature(self, stamp: str, realm: str, algorithm: str, peer: str) -> str:
        text = f"{stamp}:{algorithm.upper()}:{peer}:{realm}".encode()
        return hashlib.blake2b(text, key=self._key, digest_size=16).hexdigest()

    def __repr__(self) -> str:
        return f"<NonceKeeper {len(self._counts)} nonces in use, lifetime {self.lifetime:g} s>"
