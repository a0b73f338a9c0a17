"""What is said to the far end within a call: INFO, MESSAGE, UPDATE, NOTIFY, re-INVITE."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip import transfer, variables
from softswitch.endpoints.sip.identity import party_headers
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.indications import (
    Display,
    Indication,
    Information,
    NewCodecs,
    PhoneEvent,
    TextMessage,
    TransferOutcome,
)

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.sip.message import Message

OWN_TYPE = "freeswitch/data"
"""The type of what only a switch of this kind understands."""
PHONE_EVENTS = ("talk", "hold")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(?:\s*;.*)?")


def indicate(leg: SipLeg, what: Indication) -> None:
    """Say something to the far end. Raises `CallFailed` where it could not understand it."""
    if isinstance(what, TransferOutcome):
        if not transfer.finish_blind(leg, succeeded=what.succeeded):
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "nobody waits for a transfer")
        return
    usage = leg.usage
    if usage is None or usage.dialog is None or leg.gone:
        raise CallFailed(HangupCause.WRONG_CALL_STATE, "the call has no dialog")
    match what:
        case Information(body=body, content_type=kind):
            _inform(leg, body, kind)
        case TextMessage(body=body, content_type=kind):
            _send(leg, "MESSAGE", [("Content-Type", _checked(kind))], body)
        case Display():
            _display(leg, what)
        case PhoneEvent(name=name):
            if name not in PHONE_EVENTS:
                raise CallFailed(
                    HangupCause.INVALID_IE_CONTENTS, f"a phone event is talk or hold, not {name}"
                )
            _send(leg, "NOTIFY", [("Event", name), ("Subscription-State", "active")], "")
        case NewCodecs(codecs=codecs):
            leg.session.set("codec_string", codecs)
            leg.session.set("absolute_codec_string", codecs)
            leg.renegotiate()
    leg.profile.pump()


def _inform(leg: SipLeg, body: str, kind: str) -> None:
    if not kind and "send_info" not in (leg.session.get("X-FS-Support") or ""):
        raise CallFailed(
            HangupCause.FACILITY_NOT_IMPLEMENTED,
            "the far end does not say that it takes such data; give a content type",
        )
    headers = [
        ("Content-Type", _checked(kind or OWN_TYPE)),
        *variables.headers_of(leg.session, "sip_info_h_"),
    ]
    _send(leg, "INFO", headers, body)


def _display(leg: SipLeg, display: Display) -> None:
    """By UPDATE where the far end takes it, else by INFO to a switch of this kind."""
    usage = leg.usage
    assert usage is not None, "checked by the caller"
    kin = "update_display" in (leg.session.get("X-FS-Support") or "")
    if not (display.asked or (kin and leg.profile.settings.send_display_update)):
        return
    session = leg.session
    session.set("last_sent_callee_id_name", display.name)
    session.set("last_sent_callee_id_number", display.number)
    headers = party_headers(leg.profile, display.name, display.number)
    if kin:
        headers += [
            ("X-FS-Display-Name", display.name),
            ("X-FS-Display-Number", display.number),
        ]
    if "UPDATE" in usage.peer_allows and (leg.answered or usage.early_agreed):
        usage.update(headers=headers, now=leg.profile.now())
    elif kin and leg.answered:
        text = f'From:\r\nTo: "{display.name}" {display.number}\r\n'
        _send(leg, "INFO", [("Content-Type", "message/update_display"), *headers], text)
    elif display.asked:
        raise CallFailed(HangupCause.FACILITY_NOT_IMPLEMENTED, "the far end takes no UPDATE")


def take_display(leg: SipLeg, message: Message) -> None:
    """The far end tells who is there now: note it, and pass it on to the partner."""
    name = disarm(message.headers.get("X-FS-Display-Name") or "")
    number = disarm(message.headers.get("X-FS-Display-Number") or "")
    session, caller = leg.session, leg.session.channel.profile
    if not (name or number) or session.is_true("sip_ignore_remote_cid"):
        return
    if session.channel.outbound:
        caller.callee_id_name = name or caller.callee_id_name
        caller.callee_id_number = number or caller.callee_id_number
    else:
        caller.caller_id_name = name or caller.caller_id_name
        caller.caller_id_number = number or caller.caller_id_number
    told = {"Direction": "RECV", "Callee-Name": name, "Callee-Number": number}
    session.switch.fire(session, "CALL_UPDATE", first=told)
    peer = session.peer
    if peer is not None:
        try:
            peer.leg.indicate(Display(name, number, asked=False))
        except CallFailed as failure:
            peer.log.debug("the new display is not passed on: %s", failure)


def _checked(kind: str) -> str:
    if _MEDIA_TYPE.fullmatch(kind) is None:
        raise CallFailed(HangupCause.INVALID_IE_CONTENTS, f"{kind!r} is no content type")
    return kind


def _send(leg: SipLeg, method: str, headers: list[tuple[str, str]], body: str) -> None:
    usage = leg.usage
    assert usage is not None, "checked by the caller"
    if method != "INFO" and not leg.answered:
        raise CallFailed(HangupCause.WRONG_CALL_STATE, "the call is not answered")
    usage.request_in_dialog(method, headers, body.encode(), now=leg.profile.now())
