"""The channel variables that a SIP leg sets, and the headers it takes from them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from softswitch.dialplan import arrays
from softswitch.dialplan.expansion import is_harmless
from softswitch.dialplan.pcre import PatternError, compile_expression
from softswitch.endpoints.sip.body import further_parts
from softswitch.endpoints.sip.identity import asserted_as
from softswitch.endpoints.sip.parameters import headers_told, parameters_told, user_parameters
from softswitch.sip.flow import bracketed
from softswitch.sip.headers import WELL_KNOWN, format_parameters

if TYPE_CHECKING:
    from softswitch.endpoints.sip.authentication import Verdict
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.flow import Flow
    from softswitch.sip.message import Message, Request, Response
    from softswitch.sip.uri import SipUri
    from softswitch.sip.usage_client import ClientUsage
    from softswitch.sip.usage_server import ServerUsage
    from softswitch.switch.session import Session
    from softswitch.switch.variables import Variables

_PASSED_ON = frozenset(("user-to-user", "diversion", "history-info"))
"""Headers that tell the next leg of the caller, and are passed on as custom ones are."""
_ANY = "sip_i_"
_IDENTITIES = frozenset(("p-asserted-identity", "p-preferred-identity"))
_ORDINARY = frozenset(
    name
    for name in WELL_KNOWN
    if name.lower() not in _PASSED_ON and (name[:2] != "P-" or name.lower() in _IDENTITIES)
)
"""Headers that are neither passed on nor custom ones."""
_SELDOM = frozenset(("Accept-Language", "Date", "Geolocation", "Geolocation-Error"))
_ANSWER_AFTER = re.compile(r"(?i)answer-after\s*=|auto[ -]?answer|ring[ -]answer|intercom")

_TEXTS = (
    ("sip_history_info", "History-Info"),
    ("sip_user_agent", "User-Agent"),
    ("sip_subject", "Subject"),
    ("sip_allow", "Allow"),
    ("sip_full_route", "Route"),
    ("sip_P-Preferred-Identity", "P-Preferred-Identity"),
    ("sip_Remote-Party-ID", "Remote-Party-ID"),
    ("sip_Privacy", "Privacy"),
    ("sip_call_info", "Call-Info"),
    ("alert_info", "Alert-Info"),
)
"""Header fields that have a variable of their own."""


def keep(variables: Variables, name: str, value: str) -> None:
    """Set a variable to what came from the network, but to nothing that would be expanded."""
    if is_harmless(value):
        variables.set(name, value)


def _harmless(values: dict[str, str]) -> dict[str, str]:
    """Those of the values that would not be expanded: nearly always all."""
    if is_harmless("\0".join(values.values())):
        return values
    return {name: value for name, value in values.items() if is_harmless(value)}


def of_invite(variables: Variables, profile: Profile, request: Request, usage: ServerUsage) -> None:
    """Set everything an INVITE tells about itself."""
    remote = usage.flow.remote
    via, origin, to = request.top_via, request.from_, request.to
    first, forwards = request.headers.first, request.max_forwards
    source = str(remote[1])
    values = {
        "sip_local_network_addr": profile.advertised_ip,
        "sip_network_ip": remote[0],
        "sip_network_port": source,
        "sip_received_ip": remote[0],
        "sip_received_port": source,
        "sip_via_protocol": usage.flow.transport,
        "sip_via_host": via.host,
        "sip_via_port": str(via.port or ""),
        "sip_via_rport": source if "rport" in via.parameters else "",
        "sip_full_via": first["Via"],
        "sip_invite_stamp": str(profile.switch.now_us()),
        "sip_from_user_stripped": (origin.uri.user or "").lstrip("+"),
        "sip_from_display": origin.display,
        "sip_from_tag": request.from_tag,
        "sip_full_from": first["From"],
        "sip_to_tag": usage.local_tag,
        "sip_full_to": f"{first['To']};tag={usage.local_tag}",
        "sip_call_id": request.call_id,
        "sip_cseq": str(request.cseq.number),
        "sofia_profile_name": profile.name,
        "sofia_profile_url": profile.url,
        "sofia_profile_domain_name": profile.domain,
        "recovery_profile_name": profile.name,
        "max_forwards": str(70 if forwards is None else forwards),
        "presence_id": f"{origin.uri.user or ''}@{origin.uri.host}",
        **_uri("sip_from", origin.uri),
        **_uri("sip_to", to.uri),
        **_uri("sip_req", request.request_uri),
        **parameters_told(request),
    }
    if to.display:
        values["sip_to_display"] = to.display
    if not _SELDOM.isdisjoint(first):
        values.update(headers_told(request))
    if profile.settings.parse_invite_tel_params:
        values.update(user_parameters(request))
    contact = request.contact
    if contact is not None:
        values.update(_uri("sip_contact", contact.uri))
        values["sip_contact_params"] = format_parameters(contact.uri.parameters)[1:]
    if via.host != remote[0]:
        values["sip_nat_detected"] = "true"
    if remote == (profile.advertised_ip, profile.sip_port):
        values["sip_looped_call"] = "true"
    for name, header in _TEXTS:
        if first.get(header):
            keep(variables, name, first[header])
    if "P-Asserted-Identity" in first:
        told = asserted_as(profile.settings.p_asserted_id_parse, request)
        if told:
            keep(variables, "sip_P-Asserted-Identity", told)
    variables.load(_harmless(values))
    custom_headers(variables, request)
    if profile.settings.parse_all_invite_headers:
        _every_header(variables, request)
    for part in further_parts(request):
        if is_harmless(part):
            variables.set("sip_multipart", arrays.push(variables.get("sip_multipart"), part))
    if ("Call-Info" in first or "Alert-Info" in first) and _ANSWER_AFTER.search(
        f"{first.get('Call-Info')} {first.get('Alert-Info')}"
    ):
        variables.set("sip_auto_answer_detected", "true")


def _every_header(variables: Variables, request: Request) -> None:
    """Each header as ``sip_i_its_name``; one that comes again makes an array."""
    for header, value in request.headers:
        name = f"{_ANY}{header.lower().replace('-', '_')}"
        if is_harmless(value):
            variables.set(name, arrays.push(variables.get(name), value))


def of_our_invite(
    variables: Variables, profile: Profile, usage: ClientUsage, request: Request
) -> None:
    """Set what an INVITE of ours tells."""
    uri = request.request_uri
    values = {
        "sip_call_id": request.call_id,
        "sip_from_tag": request.from_tag,
        "sip_from_host": request.from_.uri.host,
        "sip_to_host": uri.host,
        "sip_req_uri": _uri("sip_req", uri)["sip_req_uri"],
        "sip_local_url": usage.contact.strip("<>"),
        "sip_outgoing_contact_uri": usage.contact,
        "sip_local_network_addr": profile.advertised_ip,
        "sofia_profile_name": profile.name,
        "sofia_profile_url": profile.url,
        "recovery_profile_name": profile.name,
    }
    variables.load(_harmless(values))


def of_response(variables: Variables, response: Response, flow: Flow) -> None:
    """Set what a response to our INVITE, which came by ``flow``, tells of the far end."""
    first = response.headers.first
    tag = response.to_tag
    if response.status > 100 and tag != variables.get("sip_to_tag"):
        # The first of this far end: its later ones say the same.
        _of_far_end(variables, response, flow)
    keep(variables, "sip_to_tag", tag)
    keep(variables, "sip_full_to", first["To"])
    agent = first.get("User-Agent") or first.get("Server")
    if agent:
        keep(variables, "sip_user_agent", agent)
    custom_headers(variables, response, "sip_ph_" if response.status < 200 else "sip_rh_")


def _of_far_end(variables: Variables, response: Response, flow: Flow) -> None:
    first = response.headers.first
    host, port = flow.remote[0], str(flow.remote[1])
    values = {
        "sip_network_ip": host,
        "sip_network_port": port,
        "sip_reply_host": host,
        "sip_reply_port": port,
        "sip_full_from": first["From"],
        "sip_full_via": first["Via"],
        "sip_allow": first.get("Allow") or "",
        "sip_from_display": response.from_.display,
        "sip_cseq": str(response.cseq.number),
        **_uri("sip_from", response.from_.uri),
        **_uri("sip_to", response.to.uri),
    }
    contact = response.contact
    if contact is not None:
        values.update(_uri("sip_contact", contact.uri))
        values["sip_contact_params"] = format_parameters(contact.uri.parameters)[1:]
    variables.load(_harmless(values))


def custom_headers(variables: Variables, message: Message, prefix: str = "sip_h_") -> None:
    """Keep the X- and P- headers that have no variable of their own."""
    if _ORDINARY.issuperset(message.headers.first):
        return
    for name, value in message.headers:
        if name in _ORDINARY:
            continue
        lower = name.lower()
        if lower == "x-fs-support":
            # It speaks of the neighbour alone: no leg beyond may believe it.
            keep(variables, name, value)
        elif lower in _PASSED_ON or (lower[:2] in ("x-", "p-") and lower not in _IDENTITIES):
            keep(variables, f"{prefix}{name}", value)


_STATISTICS = (
    ("P-RTP-Stat", "sip_p_rtp_stat"),
    ("RTP-RxStat", "sip_rtp_rxstat"),
    ("RTP-TxStat", "sip_rtp_txstat"),
)


def statistics(variables: Variables, request: Request) -> None:
    """Keep what the far end tells of its media at the end of a call."""
    if WELL_KNOWN.issuperset(request.headers.first):
        return
    for header, name in _STATISTICS:
        if value := request.headers.get(header):
            keep(variables, name, value)


def of_caller(variables: Variables, verdict: Verdict, request: Request) -> None:
    """Set what authentication told: who it is, and all that the directory says of him."""
    user = verdict.user
    if verdict.reason.startswith("acl "):
        variables.set("sip_authorized", "true")
        variables.set("sip_acl_authed_by", verdict.reason.removeprefix("acl "))
        if user is not None:
            variables.set("sip_acl_token", f"{user.id}@{user.domain}")
    if user is None:
        return
    if not verdict.reason:
        variables.set("sip_authorized", "true")
        variables.set("sip_auth_username", verdict.username)
        variables.set("sip_auth_realm", verdict.realm)
    keep(variables, "requested_user_name", request.from_.uri.user or "")
    keep(variables, "requested_domain_name", request.from_.uri.host)
    variables.set("user_name", user.id)
    variables.set("domain_name", user.domain)
    for name, value in user.variables.items():
        variables.set(name, value)


def _uri(prefix: str, uri: SipUri) -> dict[str, str]:
    user = uri.user or ""
    host = bracketed(uri.host)
    where = f"{host}:{uri.port}" if uri.port else host
    return {
        f"{prefix}_user": user,
        f"{prefix}_port": str(uri.port or ""),
        f"{prefix}_uri": f"{user}@{where}" if user else where,
        f"{prefix}_host": host,
    }


def headers_of(session: Session, prefix: str) -> list[tuple[str, str]]:
    """The header fields that a call's ``<prefix><Name>`` variables ask for, but for those whose
    variable the expression in ``exclude_outgoing_extra_header`` finds.
    """
    pairs = session.channel.variables.with_prefix(prefix)
    if pairs and (text := session.get("exclude_outgoing_extra_header")):
        try:
            unwanted = compile_expression(text)
        except PatternError as error:
            session.log.warning("exclude_outgoing_extra_header: %s", error)
        else:
            pairs = [pair for pair in pairs if unwanted.match(pair[0]) is None]
    return headers_from(pairs, prefix)


def headers_from(pairs: Iterable[tuple[str, str]], prefix: str) -> list[tuple[str, str]]:
    """The header fields that ``<prefix><Name>`` variables ask for; bad names are left out."""
    headers = []
    for name, value in pairs:
        header = name[len(prefix) :]
        if header and header.replace("-", "").replace("_", "").isalnum() and header.isascii():
            headers.append((header, value))
    return headers
