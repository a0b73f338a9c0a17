"""Requests within a call that are neither its end nor a change of its session: INFO, REFER …"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from softswitch.endpoints.sip import chat, transfer, variables
from softswitch.endpoints.sip.digits import digits_in_info
from softswitch.endpoints.sip.indications import take_display
from softswitch.endpoints.sip.invite_request import EVENTS
from softswitch.endpoints.sip.passing_on import pass_on
from softswitch.sip.events import ResponseReceived, TransactionFailed
from softswitch.sip.headers import parameters
from softswitch.sip.subscription import read_event
from softswitch.switch.causes import HangupCause
from softswitch.switch.video import MEDIA_CONTROL, request_picture

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer

_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})[^\r\n]*")


def takes_info_digits(leg: SipLeg) -> bool:
    """Whether digits by INFO count: where they come inside RTP they would be told twice."""
    return (
        leg.digits_by != "rfc2833"
        or leg.profile.settings.liberal_dtmf
        or leg.session.is_true("rtp_liberal_dtmf")
    )


def handle_request(leg: SipLeg, transaction: NonInviteServer, request: Request) -> None:
    """Answer a request within the dialog of a call, and do what it asks.

    Raises RemoteProtocolError for one that is malformed.
    """
    if pass_on(leg, transaction, request):
        return
    match request.method:
        case "INFO":
            _on_info(leg, transaction, request)
        case "OPTIONS":
            leg.profile.respond(transaction, request, 200)
        case "MESSAGE":
            _on_message(leg, transaction, request)
        case "NOTIFY":
            _on_notify(leg, transaction, request)
        case "SUBSCRIBE":
            # What is subscribed to within a call is of REFER, and ends by itself.
            headers = [("Allow-Events", EVENTS)]
            leg.profile.respond(transaction, request, 489, headers=headers)
        case "REFER":
            transfer.on_refer(leg, transaction, request)
        case _:
            leg.profile.respond(transaction, request, 501)


def _on_info(leg: SipLeg, transaction: NonInviteServer, request: Request) -> None:
    leg.profile.respond(transaction, request, 200)
    variables.custom_headers(leg.session.channel.variables, request, "sip_info_h_")
    for digit, duration in digits_in_info(request):
        if takes_info_digits(leg):
            leg.session.on_digit(digit, duration, "info")
        else:
            leg.session.log.warning("a digit by INFO is ignored: they come inside RTP")
    if request.content_type == "message/update_display":
        take_display(leg, request)
        return
    session = leg.session
    if request.content_type == MEDIA_CONTROL and session.peer is not None:
        # RFC 5168 §7.1: what the far end sees is broken.
        request_picture(session.peer)
    if session.switch.bus.wants("RECV_INFO"):
        headers = {
            "SIP-Content-Type": request.content_type or "",
            "SIP-User-Agent": request.headers.get("User-Agent") or "",
            "SIP-Info-Body": request.body.decode("utf-8", "replace"),
        }
        session.switch.fire(session, "RECV_INFO", headers)


def _on_message(leg: SipLeg, transaction: NonInviteServer, request: Request) -> None:
    if leg.profile.settings.in_dialog_chat:
        chat.accept(leg.profile, transaction, request)
        return
    leg.profile.respond(transaction, request, 200)
    session = leg.session
    if session.switch.bus.wants("MESSAGE"):
        headers = {
            "proto": "sip",
            "type": request.content_type or "text/plain",
            "from": f"{request.from_.uri.user or ''}@{request.from_.uri.host}",
            "to": f"{request.to.uri.user or ''}@{request.to.uri.host}",
            "context": session.channel.profile.context,
            "during-call": "true",
            "Content": request.body.decode("utf-8", "replace"),
        }
        session.switch.fire(session, "MESSAGE", headers)


def _on_notify(leg: SipLeg, transaction: NonInviteServer, request: Request) -> None:
    event = (request.headers.get("Event") or "").partition(";")[0].strip().lower()
    if event != "refer":
        status = 489 if event else 400
        leg.profile.respond(transaction, request, status, headers=[("Allow-Events", EVENTS)])
        return
    leg.profile.respond(transaction, request, 200)
    _announce_outcome(leg, request)
    text = request.body.decode("utf-8", "replace")
    found = _STATUS_LINE.search(text)
    if found is None:
        return
    session, status = leg.session, int(found[1])
    if status < 200:
        session.set("sip_refer_target_provisional_status_code", found[1])
        return
    session.set("sip_refer_target_status_code", found[1])
    variables.keep(session.channel.variables, "sip_refer_reply", found[0])
    session.tell("deflected")
    if status == 200 and not session.is_true("sip_refer_continue_after_reply"):
        session.hangup(HangupCause.BLIND_TRANSFER)


def _announce_outcome(leg: SipLeg, request: Request) -> None:
    """Tell programs what the far end says of a REFER of ours."""
    if not leg.session.switch.bus.wants("CUSTOM"):
        return
    contact, headers = request.contact, request.headers
    state, _, tail = (headers.get("Subscription-State") or "").partition(";")
    known = parameters(tail) if tail.strip() else {}
    told = {
        "content-type": request.content_type or "",
        "event-package": "refer",
        "event-id": read_event(headers.get("Event") or "")[1],
        "contact": f"{contact.uri.user or ''}@{contact.uri.host}" if contact else "",
        "from": f"{request.from_.uri.user or ''}@{request.from_.uri.host}",
        "from-tag": request.from_.tag or "",
        "to": f"{request.to.uri.user or ''}@{request.to.uri.host}",
        "to-tag": request.to.tag or "",
        "call-id": request.call_id,
        "subscription-substate": state.strip(),
        "subscription-reason": known.get("reason") or "",
        "subscription-expires": known.get("expires") or "",
        "UniqueID": leg.session.uuid,
    }
    leg.session.switch.publish(
        "CUSTOM",
        {name: value for name, value in told.items() if value},
        subclass="sofia::notify_refer",
        body=request.body.decode("utf-8", "replace"),
    )


def handle_reply(leg: SipLeg, event: ResponseReceived | TransactionFailed) -> None:
    """What became of a request of ours within the call; only a REFER's outcome is noted."""
    if event.transaction.request.method != "REFER":
        return
    if isinstance(event, TransactionFailed):
        leg.session.set("sip_refer_status_code", "408")
        leg.session.tell("deflected")
    elif event.final:
        status, reason = event.response.status, event.response.reason
        line = f"SIP/2.0 {status} {reason}"
        variables.keep(leg.session.channel.variables, "sip_refer_reply", line)
        leg.session.set("sip_refer_status_code", str(status))
        if status >= 300:
            leg.session.tell("deflected")
