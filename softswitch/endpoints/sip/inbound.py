"""Admission of calls: access lists, authentication, caller profile, new channel."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip import variables
from softswitch.endpoints.sip.authentication import Verdict, authenticate
from softswitch.endpoints.sip.causes import status_of
from softswitch.endpoints.sip.leg import SipLeg
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import InviteReceived
from softswitch.switch.caller import CallerProfile
from softswitch.switch.causes import CallFailed
from softswitch.switch.channel import Channel
from softswitch.switch.states import Direction

if TYPE_CHECKING:
    from softswitch.endpoints.sip.gateway import Gateway
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request
    from softswitch.sip.usage_server import ServerUsage

log = logging.getLogger(__name__)


def admit(profile: Profile, event: InviteReceived) -> None:
    """Let a call in as a new session, challenge it, or refuse it."""
    usage, request = event.usage, event.request
    try:
        gateway = profile.gateway_of(request)
        verdict = _judge(profile, request, usage)
        if verdict is None:
            return
        profile.switch.admit_inbound()
        # This call is among the profile's already.
        if profile.settings.max_calls and profile.calls > profile.settings.max_calls:
            usage.reject(503, "Maximum Calls In Progress", now=profile.now())
            return
        _begin(profile, usage, request, verdict, gateway)
    except RemoteProtocolError as error:
        usage.reject(error.status, error.reason, now=profile.now())
    except CallFailed as failure:
        log.info("call from %s refused: %s", usage.flow, failure)
        profile.calls_in_failed += 1
        headers = [("Retry-After", "5")] if status_of(failure.cause) == 503 else []
        usage.reject(status_of(failure.cause), headers=headers, now=profile.now())


def _judge(profile: Profile, request: Request, usage: ServerUsage) -> Verdict | None:
    """Who calls; None where the call was answered with a challenge or refused."""
    settings = profile.settings
    for name in settings.apply_inbound_acl:
        result = profile.switch.generation.acl.check(name, *usage.flow.remote)
        if result.allowed:
            user, _, domain = result.token.partition("@")
            known = profile.switch.generation.directory.user(user, domain) if user else None
            return Verdict(True, user, domain, known, reason=f"acl {name}")
    if not settings.auth_calls or settings.accept_blind_auth:
        return Verdict(True, reason="open")
    verdict = authenticate(profile, request, usage.flow)
    if verdict.allowed:
        return verdict
    if verdict.challenges:
        headers = [("Proxy-Authenticate", value) for value in verdict.challenges]
        usage.reject(407, headers=headers, now=profile.now())
        return None
    if settings.log_auth_failures:
        log.warning("call from %s refused: %s", usage.flow.remote[0], verdict.reason)
    profile.calls_in_failed += 1
    usage.reject(403, now=profile.now())
    return None


def _begin(
    profile: Profile,
    usage: ServerUsage,
    request: Request,
    verdict: Verdict,
    gateway: Gateway | None,
) -> None:
    """Make the channel and its session, and let it run."""
    switch, settings = profile.switch, profile.settings
    caller = _caller(profile, usage, request, verdict, gateway)
    origin = request.from_.uri
    port = f":{origin.port}" if origin.port else ""
    user = f"{origin.user}@" if origin.user else ""
    name = disarm(f"sofia/{profile.name}/{user}{origin.host}{port}")
    leg = SipLeg(profile, usage)
    leg.take_offer(request)
    channel = Channel(
        switch.new_uuid(), name, Direction.INBOUND, caller, switch.now_us(), switch.watch
    )
    variables.of_invite(channel.variables, profile, request, usage)
    variables.of_caller(channel.variables, verdict)
    channel.variables.set("ep_codec_string", leg.rtp.remote_codecs)
    if gateway is not None:
        channel.variables.set("sip_gateway", gateway.name)
        for key, value in gateway.variables_in.items():
            channel.variables.set(key, value)
    if settings.inbound_late_negotiation:
        channel.variables.set("endpoint_disposition", "DELAYED NEGOTIATION")
    else:
        leg.negotiate()
        channel.variables.set("endpoint_disposition", "RECEIVED")
    profile.calls_in += 1
    switch.start(switch.new_session(channel, leg))


def _caller(
    profile: Profile,
    usage: ServerUsage,
    request: Request,
    verdict: Verdict,
    gateway: Gateway | None,
) -> CallerProfile:
    target, origin = request.request_uri, request.from_
    destination = target.user or "service"
    context = profile.settings.context
    if gateway is not None:
        destination = gateway.extension_for(request) or destination
        context = gateway.settings.context or context
    elif profile.settings.full_id:
        destination = f"{destination}@{target.host}"
    if verdict.user is not None and verdict.user.context:
        context = verdict.user.context
    number = disarm(origin.uri.user or "")
    return CallerProfile(
        destination_number=disarm(destination),
        caller_id_name=disarm(origin.display) or number,
        caller_id_number=number,
        context=context,
        dialplan=profile.settings.dialplan,
        username=disarm(verdict.username) or number,
        network_addr=usage.flow.remote[0],
        source="mod_sofia",
    )
