"""What is told of registrations: attempts with credentials, failures, which binding is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip.reach import contact_text

if TYPE_CHECKING:
    from softswitch.endpoints.sip.location import Binding
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.endpoints.sip.registrar import Register

UNKNOWN = "unknown"
"""What FreeSWITCH writes where nothing was said."""


def binding_headers(binding: Binding) -> dict[str, str]:
    """The event headers that tell which binding is meant."""
    return {
        "profile-name": binding.profile,
        "contact": contact_text(binding),
        "call-id": binding.call_id,
        "network-ip": binding.network_ip,
        "network-port": str(binding.network_port),
        "username": binding.username,
        "realm": binding.auth_realm,
        "user-agent": binding.agent,
        "user": binding.user,
        "host": binding.realm,
    }


def tell_attempt(profile: Profile, register: Register) -> None:
    """Publish what came of credentials, and that a request will be asked for (better) ones."""
    verdict = register.verdict
    if not profile.switch.bus.wants("CUSTOM"):
        return
    told = _headers(profile, register)
    agent = {"user-agent": register.request.headers.get("User-Agent") or UNKNOWN}
    if "Authorization" in register.request.headers:
        result = "SUCCESS" if verdict.allowed else "STALE" if verdict.challenges else "FORBIDDEN"
        who = {"username": verdict.username or UNKNOWN, "realm": verdict.realm or register.realm}
        attempt = told | who | agent | {"auth-result": result}
        profile.switch.publish("CUSTOM", attempt, subclass="sofia::register_attempt")
    if verdict.challenges:
        profile.switch.publish("CUSTOM", told | agent, subclass="sofia::pre_register")


def _headers(profile: Profile, register: Register) -> dict[str, str]:
    """Who wants to be registered where, as all events of a request begin."""
    request = register.request
    headers = {"profile-name": profile.name}
    headers |= {"from-user": register.user, "from-host": register.realm}
    if register.contacts:
        headers["contact"] = str(register.contacts[0])
    headers |= {
        "call-id": request.call_id,
        "rpid": UNKNOWN,
        "status": f"Registered({register.flow.transport.upper()})",
        "to-user": request.from_.uri.user or "",
        "to-host": request.from_.uri.host,
        "network-ip": register.flow.remote[0],
        "network-port": str(register.flow.remote[1]),
    }
    return headers


def tell_failure(profile: Profile, register: Register) -> None:
    """Publish that somebody may not register."""
    profile.switch.publish(
        "CUSTOM",
        {
            "profile-name": profile.name,
            "to-user": register.user,
            "to-host": register.realm,
            "network-ip": register.flow.remote[0],
            "user-agent": register.request.headers.get("User-Agent") or UNKNOWN,
            "network-port": str(register.flow.remote[1]),
            "registration-type": "REGISTER",
        },
        subclass="sofia::register_failure",
    )
