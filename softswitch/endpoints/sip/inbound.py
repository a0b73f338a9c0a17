"""Admission of calls: access lists, authentication, caller profile, new channel."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip import hold, variables
from softswitch.endpoints.sip.authentication import (
    Verdict,
    answers_challenge,
    authenticate,
    identify,
    note_failure,
    source_of,
)
from softswitch.endpoints.sip.body import refusal_headers
from softswitch.endpoints.sip.causes import status_of
from softswitch.endpoints.sip.guard import shown
from softswitch.endpoints.sip.identity import Identity, identity_of
from softswitch.endpoints.sip.leg import SipLeg
from softswitch.endpoints.sip.media_names import names_in, when_known
from softswitch.endpoints.sip.parameters import line_type, number_of
from softswitch.endpoints.sip.replaces import replaced_by, take_place
from softswitch.endpoints.sip.transfer_events import tell_replaced
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import InviteReceived
from softswitch.sip.usage_state import UsageState
from softswitch.switch.caller import CallerProfile
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.channel import Channel
from softswitch.switch.states import Direction

if TYPE_CHECKING:
    from softswitch.directory.user import User
    from softswitch.endpoints.sip.gateway import Gateway
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request
    from softswitch.sip.usage_server import ServerUsage

log = logging.getLogger(__name__)


def admit(profile: Profile, event: InviteReceived) -> None:
    """Let a call in as a new session, challenge it, or refuse it."""
    try:
        if profile.load.too_high:
            raise CallFailed(HangupCause.SWITCH_CONGESTION, "the switch does not keep up")
        _judge(profile, event, lambda verdict: _proceed(profile, event, verdict))
    except (RemoteProtocolError, CallFailed) as error:
        _refuse_for(profile, event.usage, error)


def _proceed(profile: Profile, event: InviteReceived, verdict: Verdict) -> None:
    """Go on once it is known who calls."""
    usage, request = event.usage, event.request
    if usage.state is UsageState.TERMINATED:  # The caller gave up meanwhile.
        return
    if not verdict.allowed:
        _refuse(profile, request, usage, verdict)
        return
    gateway = profile.gateway_of(request)
    if gateway is not None and not gateway.believes(source_of(profile, request, usage.flow)):
        log.warning('IP %s Rejected by acl of gateway "%s"', usage.flow.remote[0], gateway.name)
        profile.calls_in_failed += 1
        gateway.calls_in_failed += 1
        usage.reject(403, now=profile.now())
        return
    names = names_in(request)
    if names:
        when_known(profile, request, names, lambda: _enter(profile, usage, verdict, gateway))
    else:
        _enter(profile, usage, verdict, gateway)


def _enter(profile: Profile, usage: ServerUsage, verdict: Verdict, gateway: Gateway | None) -> None:
    """Take in a call whose caller may call, while there is room."""
    if usage.state is UsageState.TERMINATED:
        return
    try:
        profile.switch.admission.check_inbound()
        # This call is among the profile's already.
        if profile.settings.max_calls and profile.calls > profile.settings.max_calls:
            usage.reject(503, "Maximum Calls In Progress", now=profile.now())
            return
        _begin(profile, usage, usage.request, verdict, gateway)
    except (RemoteProtocolError, CallFailed) as error:
        _refuse_for(profile, usage, error)


def _refuse_for(profile: Profile, usage: ServerUsage, error: Exception) -> None:
    """Answer the call with what its admission raised."""
    now = profile.now()
    match error:
        case RemoteProtocolError():
            usage.reject(error.status, error.reason, refusal_headers(error.status), now=now)
        case CallFailed():
            log.info("call from %s refused: %s", usage.flow, error)
            profile.calls_in_failed += 1
            status = status_of(error.cause)
            headers = [("Retry-After", "5")] if status == 503 else []
            usage.reject(status, headers=headers, now=now)


def _judge(profile: Profile, event: InviteReceived, then: Callable[[Verdict], None]) -> None:
    """Find out who calls, then call ``then``."""
    settings, usage, request = profile.settings, event.usage, event.request
    source = source_of(profile, request, usage.flow)
    if not settings.use_port_for_acl_check:
        source = source[0], 0
    for name in settings.apply_inbound_acl:
        result = profile.switch.generation.acl.check(name, *source)
        if result.allowed:
            told = _told_by(request, settings.apply_inbound_acl_x_token)
            _trust(profile, event, f"acl {name}", result.token or told, then)
            return
    told = _told_by(request, settings.apply_proxy_acl_x_token)
    if told and profile.allowed(settings.apply_proxy_acl, usage.flow.remote):
        _trust(profile, event, "acl of proxies", told, then)
        return
    guarded = not settings.auth_calls or settings.auth_calls_acl_only
    if settings.apply_inbound_acl and guarded:
        # The lists are all that guards this profile: who is in none of them stays outside.
        log.warning('IP %s Rejected by acl "%s"', source[0], settings.apply_inbound_acl[0])
        profile.calls_in_failed += 1
        usage.reject(403, now=profile.now())
    elif not settings.auth_calls and not answers_challenge(profile, request, usage.flow):
        then(Verdict(True, reason="open"))
    elif settings.accept_blind_auth:
        _believe(profile, event, then)
    else:
        authenticate(profile, event, usage.flow, then)


def _told_by(request: Request, header: str) -> str:
    """Who calls, by the word of who is allowed to say so; empty where nothing is said."""
    return (request.headers.get(header) or "").strip() if header else ""


def _believe(profile: Profile, event: InviteReceived, then: Callable[[Verdict], None]) -> None:
    """``accept-blind-auth``: nobody is asked, or only who is no user of ours by his From."""
    settings = profile.settings
    if not settings.enforce_blind_auth_result:
        then(Verdict(True, reason="open"))
        return
    origin = event.request.from_.uri
    user, domain = origin.user or "", settings.force_register_domain or origin.host

    def found(known: User | None) -> None:
        if known is not None:
            then(Verdict(True, user, domain, known, reason="believed"))
        elif settings.blind_auth_reply_403:
            then(Verdict(False, user, domain, reason=f"unknown user {user}@{domain}", unknown=True))
        else:
            authenticate(profile, event, event.usage.flow, then)

    identify(profile, event, (user, domain), lambda: _told_of(profile, event), found)


def _told_of(profile: Profile, event: InviteReceived) -> dict[str, str]:
    return {"sip_profile": profile.name, "ip": event.usage.flow.remote[0]}


def _trust(
    profile: Profile,
    event: InviteReceived,
    reason: str,
    token: str,
    then: Callable[[Verdict], None],
) -> None:
    """Take the caller for the user its address stands for, if it stands for one."""
    user, _, domain = token.partition("@")
    if not user:
        then(Verdict(True, reason=reason))
        return

    def found(known: User | None) -> None:
        if known is None:
            log.warning("%s: %s@%s is no user", reason, shown(user), shown(domain))
            if profile.settings.auth_require_user:
                profile.calls_in_failed += 1
                event.usage.reject(480, now=profile.now())
                return
        then(Verdict(True, user, domain, known, reason=reason))

    identify(
        profile,
        event,
        (user, domain),
        lambda: _told_of(profile, event),
        found,
    )


def _refuse(profile: Profile, request: Request, usage: ServerUsage, verdict: Verdict) -> None:
    if verdict.challenges:
        headers = [("Proxy-Authenticate", value) for value in verdict.challenges]
        usage.reject(407, headers=headers, now=profile.now())
        return
    note_failure(profile, request, usage.flow, verdict)
    profile.calls_in_failed += 1
    usage.reject(403, now=profile.now())


def _begin(
    profile: Profile,
    usage: ServerUsage,
    request: Request,
    verdict: Verdict,
    gateway: Gateway | None,
) -> None:
    """Make the channel and its session, and let it run."""
    switch, settings = profile.switch, profile.settings
    replaced = replaced_by(switch, request)
    identity = identity_of(request)
    caller = _caller(profile, usage, request, verdict, gateway, identity)
    origin = request.from_.uri
    port = f":{origin.port}" if origin.port else ""
    user = f"{origin.user}@" if origin.user else ""
    name = disarm(f"sofia/{profile.name}/{user}{origin.host}{port}")
    leg = SipLeg(profile, usage)
    leg.take_offer(request)
    channel = Channel(
        _uuid_of(profile, request), name, Direction.INBOUND, caller, switch.now_us(), switch.watch
    )
    variables.of_invite(channel.variables, profile, request, usage)
    variables.of_caller(channel.variables, verdict, request)
    channel.variables.set("sip_cid_type", identity.kind)
    if settings.hold_music:
        channel.variables.set("hold_music", settings.hold_music)
    if settings.inbound_bypass_media:
        channel.variables.set("bypass_media", "true")
    if settings.inbound_proxy_media:
        channel.variables.set("proxy_media", "true")
    hold.preset(channel.variables, settings)
    channel.variables.set("ep_codec_string", leg.rtp.remote_codecs)
    if gateway is not None:
        gateway.calls_in += 1
        channel.variables.set("sip_gateway", gateway.name)
        for key, value in gateway.variables_in.items():
            channel.variables.set(key, value)
    if settings.inbound_late_negotiation:
        channel.variables.set("endpoint_disposition", "DELAYED NEGOTIATION")
    else:
        leg.negotiate()
        channel.variables.set("endpoint_disposition", "RECEIVED")
    profile.calls_in += 1
    profile.journal.note(channel.uuid, request.call_id)
    session = switch.new_session(channel, leg)
    if replaced is not None:
        alone = not take_place(session, replaced)
        tell_replaced(profile, replaced, request.call_id, alone=alone)
    elif settings.manage_shared_appearance:
        profile.presence.lines.begin(session, request)
    switch.start(session)


def _dialplan(profile: Profile, verdict: Verdict, gateway: Gateway | None) -> str:
    """Which dialplans decide: ``inbound_dialplan`` of the gateway or the user, or the profile's."""
    told = gateway.variables_in.get("inbound_dialplan") if gateway is not None else None
    if not told and verdict.user is not None:
        told = verdict.user.variables.get("inbound_dialplan")
    return told or profile.settings.dialplan


def _uuid_of(profile: Profile, request: Request) -> str:
    """The call's uuid: its Call-ID where ``inbound-use-callid-as-uuid`` says so and it is free."""
    if profile.settings.inbound_use_callid_as_uuid:
        call_id = request.call_id
        usable = call_id.replace("-", "").replace("@", "").replace(".", "").isalnum()
        if usable and call_id.isascii() and profile.switch.find(call_id) is None:
            return call_id
    return profile.switch.new_uuid()


def _caller(
    profile: Profile,
    usage: ServerUsage,
    request: Request,
    verdict: Verdict,
    gateway: Gateway | None,
    identity: Identity,
) -> CallerProfile:
    target = request.request_uri
    # A trunk's Request-URI may name the switch alone: To then tells who is called.
    named = target if target.user else request.to.uri
    if target.scheme == "tel" or profile.settings.parse_invite_tel_params:
        destination = number_of(named)
    else:
        destination = named.user or ""
    destination = destination or request.from_.uri.user or "service"
    context = profile.settings.context
    if gateway is not None:
        destination = gateway.extension_for(request) or destination
        context = gateway.settings.context or context
    elif profile.settings.full_id:
        destination = f"{destination}@{target.host}"
    if verdict.user is not None and verdict.user.context:
        context = verdict.user.context
    number = disarm(number_of(identity.address.uri))
    return CallerProfile(
        destination_number=disarm(destination),
        caller_id_name=disarm(identity.address.display) or number,
        caller_id_number=number,
        context=context,
        dialplan=_dialplan(profile, verdict, gateway),
        username=disarm(verdict.username) or number,
        network_addr=usage.flow.remote[0],
        aniii=line_type(request.from_.uri),
        source="mod_sofia",
        privacy_hide_name=identity.hide_name,
        privacy_hide_number=identity.hide_number,
    )
