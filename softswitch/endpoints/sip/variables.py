"""The channel variables that a SIP leg sets, and the headers it takes from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from softswitch.sip.flow import bracketed

if TYPE_CHECKING:
    from softswitch.endpoints.sip.authentication import Verdict
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Message, Request
    from softswitch.sip.uri import SipUri
    from softswitch.sip.usage_server import ServerUsage
    from softswitch.switch.channel import Variables

_TEXTS = (
    ("sip_user_agent", "User-Agent"),
    ("sip_subject", "Subject"),
    ("sip_allow", "Allow"),
    ("sip_full_route", "Route"),
    ("sip_P-Asserted-Identity", "P-Asserted-Identity"),
    ("sip_Remote-Party-ID", "Remote-Party-ID"),
    ("sip_Privacy", "Privacy"),
    ("sip_call_info", "Call-Info"),
    ("alert_info", "Alert-Info"),
)
"""Header fields that have a variable of their own."""


def of_invite(variables: Variables, profile: Profile, request: Request, usage: ServerUsage) -> None:
    """Set everything an INVITE tells about itself."""
    remote = usage.flow.remote
    via = request.top_via
    put = variables.set
    put("sip_local_network_addr", profile.sip_ip)
    put("sip_network_ip", remote[0])
    put("sip_network_port", str(remote[1]))
    put("sip_received_ip", remote[0])
    put("sip_received_port", str(remote[1]))
    put("sip_via_protocol", usage.flow.transport)
    put("sip_via_host", via.host)
    if via.port:
        put("sip_via_port", str(via.port))
    put("sip_full_via", request.headers.get("Via") or "")
    put("sip_invite_stamp", str(profile.switch.now_us()))
    _uri(variables, "sip_from", request.from_.uri)
    put("sip_from_user_stripped", (request.from_.uri.user or "").lstrip("+"))
    put("sip_from_display", request.from_.display)
    put("sip_from_tag", request.from_.tag or "")
    put("sip_full_from", request.headers.get("From") or "")
    _uri(variables, "sip_to", request.to.uri)
    put("sip_to_tag", usage.local_tag)
    put("sip_full_to", f"{request.headers.get('To')};tag={usage.local_tag}")
    _uri(variables, "sip_req", request.request_uri)
    contact = request.contact
    if contact is not None:
        _uri(variables, "sip_contact", contact.uri)
    put("sip_call_id", request.call_id)
    put("sip_cseq", str(request.cseq.number))
    put("sofia_profile_name", profile.name)
    put("sofia_profile_url", profile.url)
    put("recovery_profile_name", profile.name)
    if via.received is not None and via.received != via.host:
        put("sip_nat_detected", "true")
    for name, header in _TEXTS:
        text = request.headers.get(header)
        if text:
            put(name, text)
    put("max_forwards", str(max((request.max_forwards or 70) - 1, 1)))
    custom_headers(variables, request)
    put("presence_id", f"{request.from_.uri.user or ''}@{request.from_.uri.host}")


def custom_headers(variables: Variables, message: Message, prefix: str = "sip_h_") -> None:
    """Keep the X- and P- headers that have no variable of their own."""
    for name, value in message.headers:
        if name[:2] in ("X-", "x-", "P-") and name not in ("P-Asserted-Identity",):
            variables.set(f"{prefix}{name}", value)


def of_caller(variables: Variables, verdict: Verdict) -> None:
    """Set what authentication told: who it is, and all that the directory says of him."""
    user = verdict.user
    if verdict.reason.startswith("acl "):
        variables.set("sip_authorized", "true")
        variables.set("sip_acl_authed_by", verdict.reason.removeprefix("acl "))
        if user is not None:
            variables.set("sip_acl_token", str(user))
    if user is None:
        return
    if not verdict.reason:
        variables.set("sip_authorized", "true")
        variables.set("sip_auth_username", verdict.username)
        variables.set("sip_auth_realm", verdict.realm)
    variables.set("user_name", user.id)
    variables.set("domain_name", user.domain)
    for name, value in user.variables.items():
        variables.set(name, value)


def _uri(variables: Variables, prefix: str, uri: SipUri) -> None:
    user = uri.user or ""
    host = bracketed(uri.host)
    where = f"{host}:{uri.port}" if uri.port else host
    variables.set(f"{prefix}_user", user)
    if uri.port:
        variables.set(f"{prefix}_port", str(uri.port))
    variables.set(f"{prefix}_uri", f"{user}@{where}" if user else where)
    variables.set(f"{prefix}_host", host)


def headers_from(pairs: Iterable[tuple[str, str]], prefix: str) -> list[tuple[str, str]]:
    """The header fields that ``<prefix><Name>`` variables ask for; bad names are left out."""
    headers = []
    for name, value in pairs:
        header = name[len(prefix) :]
        if header and header.replace("-", "").replace("_", "").isalnum() and header.isascii():
            headers.append((header, value))
    return headers
