"""Digest authentication of requests against the directory (RFC 3261 §22, RFC 8760)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.directory.user import User
from softswitch.endpoints.sip.guard import shown
from softswitch.sip.auth import Credentials
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import RequestReceived
from softswitch.sip.nonces import AuthResult

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.events import InviteReceived
    from softswitch.sip.flow import Flow
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer

log = logging.getLogger(__name__)


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
    unknown: bool = False
    """Whether there is no such user: for logs alone, the far end is not told."""


def source_of(profile: Profile, request: Request, flow: Flow) -> tuple[str, int]:
    """Where a request comes from, as access lists see it.

    A proxy of ``apply-proxy-acl`` says in ``X-AUTH-IP`` whom it speaks for; nobody else is
    believed that.
    """
    proxies = profile.settings.apply_proxy_acl
    told = request.headers.get("X-AUTH-IP") if proxies else None
    if not told or not profile.allowed(proxies, flow.remote):
        return flow.remote
    port = request.headers.get("X-AUTH-PORT") or ""
    return told.strip(), int(port) if port.isdecimal() and len(port) < 6 else flow.remote[1]


def notechallenge(profile: Profile, request: Request, flow: Flow) -> None:
    """Log that credentials were asked for, which every good phone sees once in a while."""
    if log.isEnabledFor(logging.DEBUG):
        log.debug(_line(profile, request, flow, "challenge"))


def note_failure(profile: Profile, request: Request, flow: Flow, verdict: Verdict) -> None:
    """Log refused credentials in FreeSWITCH's words, and count them against their source."""
    host = flow.remote[0]
    if profile.settings.log_auth_failures:
        if verdict.unknown:
            who = f"{shown(verdict.username)}@{shown(verdict.realm)}"
            log.warning("Can't find user [%s] from %s", who, host)
        else:
            log.warning(_line(profile, request, flow, "failure"))
        log.info("refused: %s", verdict.reason)
    settings = profile.settings
    if not profile.trusts(flow):
        profile.guard.failed(
            host,
            verdict.username,
            profile.now(),
            known=not verdict.unknown,
            most=settings.ban_failures,
            seconds=settings.ban_seconds,
        )


def _line(profile: Profile, request: Request, flow: Flow, what: str) -> str:
    address = request.to.uri if request.method == "REGISTER" else request.from_.uri
    who = f"{shown(address.user or '')}@{shown(address.host)}"
    return (
        f"SIP auth {what} ({request.method}) on sofia profile '{profile.name}'"
        f" for [{who}] from ip {flow.remote[0]}"
    )


def judge(
    profile: Profile,
    transaction: NonInviteServer,
    request: Request,
    then: Callable[[Verdict], None],
    *,
    asks: bool = True,
) -> None:
    """Find out who sends a request outside calls, then call ``then``.

    Whom ``apply-inbound-acl`` knows passes; others need a password, if one is asked for.
    """
    flow = transaction.flow
    if not asks:
        then(Verdict(True, reason="open"))
    elif profile.allowed(profile.settings.apply_inbound_acl, source_of(profile, request, flow)):
        then(Verdict(True, reason="acl"))
    else:
        authenticate(profile, RequestReceived(transaction, request, None), flow, then)


def refuse(
    profile: Profile, transaction: NonInviteServer, request: Request, verdict: Verdict
) -> None:
    """Challenge a request outside calls, or refuse it and log that."""
    if verdict.challenges:
        headers = [("Proxy-Authenticate", value) for value in verdict.challenges]
        profile.respond(transaction, request, 407, headers=headers)
        return
    note_failure(profile, request, transaction.flow, verdict)
    profile.respond(transaction, request, 403)


def authenticate(
    profile: Profile,
    event: InviteReceived | RequestReceived,
    flow: Flow,
    then: Callable[[Verdict], None],
) -> None:
    """Check the credentials of a request, then call ``then``: at once, if nobody must be asked.

    An unknown user is challenged and refused exactly as a wrong password is, so that nobody
    learns which users exist; the log tells them apart.
    """
    request = event.request
    header = "Authorization" if request.method == "REGISTER" else "Proxy-Authorization"
    value = request.headers.get(header)
    if value is None:
        notechallenge(profile, request, flow)
        then(challenge(profile, realm_of(profile, request), flow))
        return
    try:
        credentials = Credentials.parse(value)
    except RemoteProtocolError:
        then(Verdict(False, reason="malformed credentials"))
        return
    domain = profile.settings.force_register_domain or credentials.realm
    if not profile.nonces.issued(credentials, flow.remote[0]):
        # Nobody is asked, and nobody blamed, because of what was never challenged: an address
        # can be forged, but not what was sent there be known.
        then(challenge(profile, realm_of(profile, request), flow))
        return
    identify(
        profile,
        event,
        (credentials.username, domain),
        lambda: _told(profile, request, flow, credentials),
        lambda user: then(_judge(profile, request, flow, credentials, domain, user)),
    )


def identify(
    profile: Profile,
    event: InviteReceived | RequestReceived,
    address: tuple[str, str],
    told: Callable[[], dict[str, str]],
    then: Callable[[User | None], None],
) -> None:
    """Find a user of a domain, then call ``then``: at once, if nobody must be asked.

    ``told`` makes what bindings are told of the request, ``then`` runs as part of its handler.
    """
    switch = profile.switch
    if not switch.lookups.bound("directory"):
        then(switch.generation.directory.user(*address))
        return
    params = told()

    async def ask() -> None:
        user = await switch.lookups.user(*address, action="sip_auth", params=params)
        profile.driver.resume(event, lambda: then(user))

    # Meanwhile the transaction absorbs repetitions of the request.
    switch.own(switch.loop.create_task(ask(), name=f"look up {'@'.join(address)}"))


def _judge(
    profile: Profile,
    request: Request,
    flow: Flow,
    credentials: Credentials,
    domain: str,
    user: User | None,
) -> Verdict:
    username, realm = credentials.username, credentials.realm
    password = (user.password if user else "") or None
    a1_hash = (user.a1_hash if user else "") or None
    result = profile.nonces.judge(
        credentials,
        method=request.method,
        body=request.body,
        password=password,
        a1_hash=None if password else a1_hash,
        now=profile.now(),
        peer=flow.remote[0],
    )
    if result is AuthResult.OK and user is not None:
        return _admit(profile, request, flow, Verdict(True, username, realm, user))
    if result in (AuthResult.STALE, AuthResult.UNKNOWN_NONCE, AuthResult.REPLAYED):
        realm = realm or realm_of(profile, request)
        return challenge(profile, realm, flow, stale=result is AuthResult.STALE)
    if user is None:
        reason = f"unknown user {username}@{domain}"
        return Verdict(False, username, domain, reason=reason, unknown=True)
    if not password and not a1_hash:
        reason = f"user {username}@{domain} has no password"
    else:
        reason = f"wrong password for {username}@{domain}"
    return Verdict(False, username, realm, reason=reason)


def _admit(profile: Profile, request: Request, flow: Flow, verdict: Verdict) -> Verdict:
    """The password is right; the user's own access list (``auth-acl``) may still say no."""
    assert verdict.user is not None
    own = verdict.user.param("auth-acl")
    if own and not profile.allowed((own,), source_of(profile, request, flow)):
        log.warning("IP %s Rejected by user acl [%s] of %s", flow.remote[0], own, verdict.user)
        return Verdict(False, verdict.username, verdict.realm, reason=f"outside of {own}")
    profile.guard.succeeded(flow.remote[0], profile.now())
    return verdict


def _told(
    profile: Profile, request: Request, flow: Flow, credentials: Credentials
) -> dict[str, str]:
    """What whoever is asked for the user learns of the request."""
    contact, target = request.contact, request.request_uri
    to, origin = request.to.uri, request.from_.uri
    told = {
        "sip_profile": profile.name,
        "sip_user_agent": request.headers.get("User-Agent") or "",
        "sip_auth_username": credentials.username,
        "sip_auth_realm": credentials.realm,
        "sip_auth_nonce": credentials.nonce,
        "sip_auth_uri": credentials.uri,
        "sip_contact_user": (contact.uri.user or "") if contact is not None else "",
        "sip_contact_host": contact.uri.host if contact is not None else "",
        "sip_to_user": to.user or "",
        "sip_to_host": to.host,
        "sip_from_user": origin.user or "",
        "sip_from_host": origin.host,
        "sip_via_protocol": flow.transport,
        "sip_call_id": request.call_id,
        "sip_request_user": target.user or "",
        "sip_request_host": target.host,
        "sip_request_port": str(target.port or ""),
        "sip_auth_qop": credentials.qop or "",
        "sip_auth_cnonce": credentials.cnonce or "",
        "sip_auth_nc": f"{credentials.nonce_count:08x}" if credentials.nonce_count else "",
        "sip_auth_response": credentials.response,
        "sip_auth_method": request.method,
        "client_port": str(flow.remote[1]),
        "ip": flow.remote[0],
    }
    return {name: value for name, value in told.items() if value}


def realm_of(profile: Profile, request: Request) -> str:
    """The realm to challenge with: ``auto_from``, ``auto_to`` or the profile's own text."""
    wish = profile.settings.challenge_realm
    if wish == "auto_from":
        return request.from_.uri.host
    if wish in ("auto_to", ""):
        return request.to.uri.host
    return wish


def answers_challenge(profile: Profile, request: Request, flow: Flow) -> bool:
    """Whether a request bears credentials for a challenge of ours, right or wrong."""
    value = request.headers.get("Proxy-Authorization")
    if value is None:
        return False
    try:
        return profile.nonces.issued(Credentials.parse(value), flow.remote[0])
    except RemoteProtocolError:
        return False


def challenge(profile: Profile, realm: str, flow: Flow, *, stale: bool = False) -> Verdict:
    """Ask for credentials of a realm."""
    challenges = profile.nonces.challenge(
        profile.now(),
        realm,
        stale=stale,
        algorithms=profile.settings.rfc8760_auth_algorithms,
        peer=flow.remote[0],
    )
    return Verdict(False, realm=realm, challenges=challenges, reason="challenged")
