"""The settings of a SIP profile about who is let in."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.config.params import Unit, param


@dataclass(frozen=True)
class SecuritySettings:
    """Passwords, access lists, and what becomes of those who guess."""

    auth_calls: bool = param("auth-calls", False, help="calls need a password")
    auth_calls_acl_only: bool = param(
        "auth-calls-acl-only", False, help="who is in no apply-inbound-acl is refused, not asked"
    )
    auth_require_user: bool = param(
        "auth-require-user",
        False,
        help="480 for a call whose access list or proxy names a user that is not there",
    )
    accept_blind_auth: bool = param("accept-blind-auth", False, help="believe any credentials")
    enforce_blind_auth_result: bool = param(
        "enforce-blind-auth-result",
        False,
        help="accept-blind-auth believes only who says in From that he is a user of ours",
    )
    apply_inbound_acl: tuple[str, ...] = param(
        "apply-inbound-acl", (), help="access list whose members call without password"
    )
    apply_inbound_acl_x_token: str = param(
        "apply-inbound-acl-x-token",
        "",
        help="header in which members of apply-inbound-acl name the user that calls",
    )
    apply_proxy_acl: tuple[str, ...] = param(
        "apply-proxy-acl", (), help="access list of proxies whose X-AUTH-IP and Path are believed"
    )
    apply_proxy_acl_x_token: str = param(
        "apply-proxy-acl-x-token",
        "",
        help="header in which proxies of apply-proxy-acl name the user that calls",
    )
    use_port_for_acl_check: bool = param(
        "use-port-for-acl-check", False, help="ports that access lists name count for callers"
    )
    challenge_realm: str = param("challenge-realm", "auto_to", help="auto_from, auto_to or a text")
    rfc8760_auth_algorithms: tuple[str, ...] = param(
        "rfc8760-auth-algorithms", ("MD5",), separator=",", help="digest algorithms offered"
    )
    nonce_ttl: float = param(
        "nonce-ttl", 60.0, unit=Unit.SECONDS, minimum=1, help="life of a challenge"
    )
    max_auth_validity: int = param(
        "max-auth-validity", 0, minimum=0, help="requests that one challenge is good for; 0 for any"
    )
    blind_auth_reply_403: bool = param(
        "blind-auth-reply-403",
        False,
        help="who enforce-blind-auth-result does not believe is refused, not asked for a password",
    )
    log_auth_failures: bool = param("log-auth-failures", True, help="log refused credentials")
    max_requests_per_second: int = param(
        "max-recv-requests-per-second",
        0,
        minimum=0,
        help="requests a second of one source; more are dropped; 0 unlimited",
    )
    ban_failures: int = param(
        "ban-failures",
        30,
        minimum=0,
        help="failed passwords, less one for each 10 s, after which a source is shut out; 0 never",
    )
    ban_seconds: float = param(
        "ban-seconds", 600.0, unit=Unit.SECONDS, minimum=1, help="how long it is shut out"
    )
    drop_scanners: bool = param(
        "drop-scanners", True, help="shut out programs that call themselves scanners"
    )
