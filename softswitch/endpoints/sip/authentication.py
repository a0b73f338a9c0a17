"""Digest authentication of requests against the directory (RFC 3261 §22, RFC 8760)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.directory.user import User
from softswitch.sip.auth import AuthResult, Credentials
from softswitch.sip.errors import RemoteProtocolError

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.flow import Flow
    from softswitch.sip.message import Request


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and as whom; else how to challenge it, or why not."""

    allowed: bool
    username: str = ""
    realm: str = ""
    user: User | None = None
    challenges: list[str] = field(default_factory=list)
    """Values for WWW-Authenticate or Proxy-Authenticate; empty means refuse."""
    reason: str = ""


def authenticate(profile: Profile, request: Request, flow: Flow) -> Verdict:
    """Check the credentials of a request.

    An unknown user is challenged and refused exactly as a wrong password is, so that nobody
    learns which users exist; the log tells them apart.
    """
    header = "Authorization" if request.method == "REGISTER" else "Proxy-Authorization"
    wanted = realm_of(profile, request)
    value = request.headers.get(header)
    if value is None:
        return _challenge(profile, wanted)
    try:
        credentials = Credentials.parse(value)
    except RemoteProtocolError:
        return Verdict(False, reason="malformed credentials")
    username, realm = credentials.username, credentials.realm
    domain = profile.settings.force_register_domain or realm
    user = profile.switch.generation.directory.user(username, domain)
    password = (user.password if user else "") or None
    a1_hash = (user.a1_hash if user else "") or None
    result = profile.nonces.check(
        value,
        method=request.method,
        body=request.body,
        password_for=lambda *_: password,
        a1_hash=None if password else a1_hash,
        now=profile.now(),
    )
    if result is AuthResult.OK and user is not None:
        return Verdict(True, username, realm, user)
    if result in (AuthResult.STALE, AuthResult.UNKNOWN_NONCE, AuthResult.REPLAYED):
        return _challenge(profile, realm or wanted, stale=result is AuthResult.STALE)
    if user is None:
        reason = f"unknown user {username}@{domain}"
    elif not password and not a1_hash:
        reason = f"user {username}@{domain} has no password"
    else:
        reason = f"wrong password for {username}@{domain}"
    return Verdict(False, username, realm, reason=reason)


def realm_of(profile: Profile, request: Request) -> str:
    """The realm to challenge with: ``auto_from``, ``auto_to`` or the profile's own text."""
    wish = profile.settings.challenge_realm
    if wish == "auto_from":
        return request.from_.uri.host
    if wish in ("auto_to", ""):
        return request.to.uri.host
    return wish


def _challenge(profile: Profile, realm: str, *, stale: bool = False) -> Verdict:
    challenges = profile.nonces.challenge(
        profile.now(), realm, stale=stale, algorithms=profile.settings.rfc8760_auth_algorithms
    )
    return Verdict(False, realm=realm, challenges=challenges, reason="challenged")
