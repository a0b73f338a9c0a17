"""Which role of a profile each event of its stack belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip import chat, in_dialog, outside_referral
from softswitch.endpoints.sip.bye_answers import ByeAnswer
from softswitch.endpoints.sip.gateway import Gateway
from softswitch.endpoints.sip.inbound import admit
from softswitch.endpoints.sip.invite_request import EVENTS
from softswitch.endpoints.sip.leg import SipLeg
from softswitch.endpoints.sip.outside_referral import OutsideReferral
from softswitch.endpoints.sip.passing_on import PassedOn
from softswitch.endpoints.sip.ping import Ping
from softswitch.endpoints.sip.presence import requests
from softswitch.endpoints.sip.watched_headers import look_into, look_through
from softswitch.sip import events
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.subscription import read_event

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer
    from softswitch.switch.session import Session

_OF_CALLS = (
    *(events.Progress, events.Answered, events.Acknowledged, events.Ended),
    *(events.Rejected, events.Cancelled),
)
"""What most calls meet: handed on without asking what else it might be."""


def dispatch(profile: Profile, event: events.Event) -> None:
    """Hand an event to the role it belongs to."""
    if isinstance(event, _OF_CALLS):
        leg = event.usage.user
        if isinstance(leg, SipLeg):
            look_into(leg.session, event)
            leg.handle(event)
        return
    match event:
        case events.InviteReceived(usage=usage) if profile.standby:
            usage.reject(503, "System Paused", now=profile.now())
        case events.InviteReceived():
            admit(profile, event)
        case events.RequestReceived(transaction=transaction, request=request, usage=usage):
            try:
                if usage is not None and isinstance(usage.user, SipLeg):
                    look_through(usage.user.session, request)
                    in_dialog.handle_request(usage.user, transaction, request)
                else:
                    _handle_request(profile, transaction, request)
            except RemoteProtocolError as error:
                profile.respond(transaction, request, error.status, error.reason)
        case events.ResponseReceived() | events.TransactionFailed():
            look_into(_session_of(event.transaction.handler), event)
            user = event.transaction.user
            if isinstance(user, (Gateway, Ping)):
                user.handle_ping(event)
            elif isinstance(user, SipLeg):
                in_dialog.handle_reply(user, event)
            elif isinstance(user, (chat.Delivery, PassedOn)):
                user.handle(event)
        case events.Registered() | events.RegistrationFailed() | events.Unregistered():
            user = event.registration.user
            if isinstance(user, Gateway):
                user.handle(event)
        case events.Notified() | events.SubscriberFailed():
            user = event.subscriber.user
            if isinstance(user, Gateway):
                user.subscriptions.handle(event)
        case (
            events.SubscriptionRefreshed()
            | events.SubscriptionExpired()
            | events.SubscriptionEnded()
        ):
            user = event.subscription.user
            if isinstance(user, OutsideReferral):
                user.handle(event)
            else:
                profile.presence.handle(event)
        case events.ByeAnswered(usage=usage, response=response):
            if isinstance(usage.user, ByeAnswer):
                usage.user.handle(response)
        case _:
            user = event.usage.user
            if isinstance(user, SipLeg):
                look_into(user.session, event)
                user.handle(event)


def _session_of(handler: object) -> Session | None:
    """Whose call a request of ours belonged to, if to any."""
    if isinstance(handler, InviteUsage) and isinstance(handler.user, SipLeg):
        return handler.user.session
    return None


def _handle_request(profile: Profile, transaction: NonInviteServer, request: Request) -> None:
    if profile.standby:
        profile.respond(transaction, request, 503, "System Paused")
        return
    match request.method:
        case "REGISTER":
            profile.registrar.handle(transaction, request, transaction.flow)
        case "OPTIONS":
            _answer_options(profile, transaction, request)
        case "SUBSCRIBE" | "PUBLISH":
            requests.handle(profile, transaction, request)
        case "NOTIFY":
            _answer_notify(profile, transaction, request)
        case "MESSAGE":
            chat.on_message(profile, transaction, request)
        case "REFER":
            outside_referral.on_refer(profile, transaction, request)
        case _:
            profile.respond(transaction, request, 501)


def _answer_notify(profile: Profile, transaction: NonInviteServer, request: Request) -> None:
    """Phones keep their bindings alive by it; of what we subscribed to nothing comes here."""
    package, _ = read_event(request.headers.get("Event") or "")
    if package == "keep-alive":
        profile.respond(transaction, request, 200)
    elif package == "refer":
        profile.respond(transaction, request, 481)
    else:
        profile.respond(transaction, request, 489, headers=[("Allow-Events", EVENTS)])


def _answer_options(profile: Profile, transaction: NonInviteServer, request: Request) -> None:
    busy = profile.switch.stop_requested.is_set() or profile.switch.admission.paused_inbound
    if profile.settings.options_busy and not busy:
        busy = profile.switch.admission.full
    status, flow = 503 if busy else 200, transaction.flow
    user = request.request_uri.user or profile.settings.contact_user
    profile.respond(
        transaction,
        request,
        status,
        headers=[
            ("Contact", profile.contact(user, flow.transport, flow.remote[0])),
            ("Accept", "application/sdp"),
            ("Allow-Events", EVENTS),
        ],
    )
