"""SUBSCRIBE and PUBLISH to a profile: who may, for how long, and to what (RFC 6665, RFC 3903)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip.addresses import local_domain
from softswitch.endpoints.sip.authentication import Verdict, judge, refuse
from softswitch.endpoints.sip.body import accepts
from softswitch.endpoints.sip.presence import documents
from softswitch.endpoints.sip.presence.features import feature_headers
from softswitch.endpoints.sip.presence.shared_lines import CALL_INFO, LINE_SEIZE, seizure_lasts
from softswitch.endpoints.sip.presence.watcher import (
    LINE_PACKAGES,
    LONGEST,
    PACKAGES,
    SHORTEST,
    USUAL,
    Watcher,
)
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.subscription import Subscription, read_event

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer

log = logging.getLogger(__name__)

_REFUSED_WITH = {
    415: [("Accept", documents.PIDF)],
    423: [("Min-Expires", str(SHORTEST))],
}
"""What a refusal says of what would be taken."""
_SUBSCRIBED_TO = {
    "presence": documents.PIDF,
    "dialog": documents.DIALOG_INFO,
    "message-summary": documents.SUMMARY,
    "as-feature-event": documents.FEATURES,
}


def granted(settings_force: int, request: Request, *, usual: int = USUAL) -> int:
    """The seconds that a SUBSCRIBE or PUBLISH gets.

    Raises RemoteProtocolError(423) for an interval too brief, but for 0, which ends it.
    """
    asked = request.expires
    if asked == 0:
        return 0
    if settings_force:
        return settings_force
    seconds = usual if asked is None else asked
    if seconds < SHORTEST:
        raise RemoteProtocolError(423, "Interval Too Brief")
    return min(seconds, LONGEST)


def handle(profile: Profile, transaction: NonInviteServer, request: Request) -> None:
    """Answer a SUBSCRIBE or PUBLISH outside any dialog. Raises RemoteProtocolError."""
    settings = profile.settings
    package, _ = read_event(request.headers.get("Event") or "")
    known = ("presence",) if request.method == "PUBLISH" else _served(profile)
    if not settings.presence_managed or package not in known:
        headers = _allow_events(profile) if settings.presence_managed else []
        profile.respond(transaction, request, 489, headers=headers)
        return
    if request.method == "SUBSCRIBE" and settings.manage_presence.lower() == "passive":
        profile.respond(transaction, request, 403)
        return

    def proceed(verdict: Verdict) -> None:
        try:
            if not verdict.allowed:
                refuse(profile, transaction, request, verdict)
            elif request.method == "PUBLISH":
                _publish(profile, transaction, request)
            else:
                _subscribe(profile, transaction, request, package)
        except RemoteProtocolError as error:
            headers = _REFUSED_WITH.get(error.status, [])
            profile.respond(transaction, request, error.status, error.reason, headers=headers)

    asks = settings.auth_subscriptions or settings.auth_calls
    asks = asks and not settings.disable_auth_subscriptions
    judge(profile, transaction, request, proceed, asks=asks)


def _served(profile: Profile) -> tuple[str, ...]:
    return PACKAGES + (LINE_PACKAGES if profile.settings.manage_shared_appearance else ())


def _allow_events(profile: Profile) -> list[tuple[str, str]]:
    return [("Allow-Events", ", ".join(_served(profile)))]


def resource_of(profile: Profile, request: Request) -> tuple[str, str]:
    """The user and domain that a request is about. Raises RemoteProtocolError(404)."""
    address = request.to.uri
    user = address.user or request.request_uri.user or ""
    host = profile.settings.force_subscription_domain or address.host
    if not user:
        raise RemoteProtocolError(404, "Nobody is named")
    return disarm(user), disarm(local_domain(profile, host))


def _subscribe(
    profile: Profile, transaction: NonInviteServer, request: Request, package: str
) -> None:
    agent = profile.presence
    if agent.full:
        raise RemoteProtocolError(503, "Too many watchers")
    if package not in LINE_PACKAGES and not accepts(request, _SUBSCRIBED_TO[package]):
        raise RemoteProtocolError(406, f"Accept {_SUBSCRIBED_TO[package]}")
    user, domain = resource_of(profile, request)
    kind, plus, _ = user.partition("+")
    protocol = kind if plus and kind else profile.protocol_of(user, domain)
    headers = _allow_events(profile)
    subscription = Subscription.begin(
        profile.stack,
        transaction,
        request,
        transaction.flow,
        seizure_lasts if package == LINE_SEIZE else profile.grant_subscription,
        headers,
        profile.now(),
    )
    subscription.contact = profile.contact(
        request.request_uri.user or profile.settings.contact_user, transaction.flow.transport
    )
    agent_name = request.headers.get("User-Agent") or ""
    watcher = Watcher(profile, subscription, package, user, domain, protocol, agent_name)
    _announce(profile, watcher, request)
    if package == LINE_SEIZE and subscription.expires and not agent.lines.seize(watcher, request):
        subscription.terminate("rejected", now=profile.now())
    elif subscription.expires:
        agent.add(watcher)
    else:
        # A fetch: the state is told once (RFC 6665 §4.4.3).
        agent.end(watcher)
    profile.pump()


def _announce(profile: Profile, watcher: Watcher, request: Request) -> None:
    """Let those who know ask themselves: conferences, lots, voicemail, scripts."""
    switch = profile.switch
    if watcher.package == "message-summary":
        profile.presence.messages.ask(profile, watcher.resource)
    elif watcher.package in (CALL_INFO, LINE_SEIZE):
        pass  # The switch knows all there is to know.
    elif watcher.package == "as-feature-event":
        switch.publish("PHONE_FEATURE_SUBSCRIBE", feature_headers(profile, watcher, request))
    else:
        origin = request.from_.uri
        switch.publish(
            "PRESENCE_PROBE",
            {
                "proto": watcher.protocol or "sip",
                "login": profile.name,
                "from": f"{origin.user or ''}@{origin.host}",
                "to": watcher.resource,
                "event_type": watcher.package,
                "sub-call-id": request.call_id,
                "expires": str(watcher.subscription.expires),
            },
        )


def _publish(profile: Profile, transaction: NonInviteServer, request: Request) -> None:
    seconds = granted(profile.settings.force_publish_expires, request)
    tag = (request.headers.get("SIP-If-Match") or "").strip()
    if request.body and request.content_type != documents.PIDF:
        raise RemoteProtocolError(415, f"Only {documents.PIDF} is taken")
    if not request.body and not tag:
        raise RemoteProtocolError(400, "Nothing is published")
    user, domain = resource_of(profile, request)
    entity = profile.presence.publications.publish(
        f"{user}@{domain}".lower(),
        tag,
        request.body.decode("utf-8", "replace"),
        seconds,
        profile.stack.token(),
    )
    if entity is None:
        raise RemoteProtocolError(412, "Conditional Request Failed")
    headers = [("SIP-ETag", entity), ("Expires", str(seconds))]
    profile.respond(transaction, request, 200, headers=headers)
