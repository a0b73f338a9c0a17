"""SIP status codes and hang-up causes, in both directions."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.dialplan.expansion import is_harmless
from softswitch.switch.causes import HangupCause as Cause

if TYPE_CHECKING:
    from softswitch.sip.message import Response
    from softswitch.switch.session import Session

_TO_STATUS = {
    Cause.UNALLOCATED_NUMBER: 404,
    Cause.NO_ROUTE_TRANSIT_NET: 404,
    Cause.NO_ROUTE_DESTINATION: 404,
    Cause.USER_BUSY: 486,
    Cause.NO_USER_RESPONSE: 408,
    Cause.CALL_REJECTED: 603,
    Cause.NUMBER_CHANGED: 410,
    Cause.REDIRECTION_TO_NEW_DESTINATION: 410,
    Cause.EXCHANGE_ROUTING_ERROR: 483,
    Cause.DESTINATION_OUT_OF_ORDER: 502,
    Cause.INVALID_NUMBER_FORMAT: 484,
    Cause.FACILITY_REJECTED: 501,
    Cause.NORMAL_CIRCUIT_CONGESTION: 503,
    Cause.NETWORK_OUT_OF_ORDER: 503,
    Cause.NORMAL_TEMPORARY_FAILURE: 503,
    Cause.SWITCH_CONGESTION: 503,
    Cause.REQUESTED_CHAN_UNAVAIL: 503,
    Cause.OUTGOING_CALL_BARRED: 403,
    Cause.INCOMING_CALL_BARRED: 403,
    Cause.BEARERCAPABILITY_NOTAUTH: 403,
    Cause.BEARERCAPABILITY_NOTAVAIL: 503,
    Cause.BEARERCAPABILITY_NOTIMPL: 488,
    Cause.FACILITY_NOT_IMPLEMENTED: 501,
    Cause.SERVICE_NOT_IMPLEMENTED: 501,
    Cause.INCOMPATIBLE_DESTINATION: 488,
    Cause.RECOVERY_ON_TIMER_EXPIRE: 504,
    Cause.ORIGINATOR_CANCEL: 487,
    Cause.INVALID_GATEWAY: 484,
    Cause.GATEWAY_DOWN: 503,
    Cause.INVALID_URL: 484,
    Cause.INVALID_PROFILE: 502,
    Cause.BUSY_EVERYWHERE: 600,
    Cause.DECLINE: 603,
    Cause.DOES_NOT_EXIST_ANYWHERE: 604,
    Cause.NOT_ACCEPTABLE: 606,
    Cause.UNWANTED: 607,
    Cause.NO_IDENTITY: 428,
    Cause.BAD_IDENTITY_INFO: 429,
    Cause.UNSUPPORTED_CERTIFICATE: 437,
    Cause.INVALID_IDENTITY: 438,
    Cause.STALE_DATE: 403,
    Cause.REJECT_ALL: 603,
}

_TO_CAUSE = {
    200: Cause.NORMAL_CLEARING,
    401: Cause.CALL_REJECTED,
    402: Cause.CALL_REJECTED,
    403: Cause.CALL_REJECTED,
    407: Cause.CALL_REJECTED,
    603: Cause.CALL_REJECTED,
    608: Cause.CALL_REJECTED,
    404: Cause.UNALLOCATED_NUMBER,
    485: Cause.NO_ROUTE_DESTINATION,
    604: Cause.NO_ROUTE_DESTINATION,
    408: Cause.RECOVERY_ON_TIMER_EXPIRE,
    504: Cause.RECOVERY_ON_TIMER_EXPIRE,
    410: Cause.NUMBER_CHANGED,
    413: Cause.INTERWORKING,
    414: Cause.INTERWORKING,
    416: Cause.INTERWORKING,
    420: Cause.INTERWORKING,
    421: Cause.INTERWORKING,
    423: Cause.INTERWORKING,
    505: Cause.INTERWORKING,
    513: Cause.INTERWORKING,
    480: Cause.NO_USER_RESPONSE,
    400: Cause.NORMAL_TEMPORARY_FAILURE,
    481: Cause.NORMAL_TEMPORARY_FAILURE,
    500: Cause.NORMAL_TEMPORARY_FAILURE,
    503: Cause.NORMAL_TEMPORARY_FAILURE,
    486: Cause.USER_BUSY,
    600: Cause.USER_BUSY,
    484: Cause.INVALID_NUMBER_FORMAT,
    488: Cause.INCOMPATIBLE_DESTINATION,
    606: Cause.INCOMPATIBLE_DESTINATION,
    502: Cause.NETWORK_OUT_OF_ORDER,
    405: Cause.SERVICE_UNAVAILABLE,
    406: Cause.SERVICE_NOT_IMPLEMENTED,
    415: Cause.SERVICE_NOT_IMPLEMENTED,
    501: Cause.SERVICE_NOT_IMPLEMENTED,
    482: Cause.EXCHANGE_ROUTING_ERROR,
    483: Cause.EXCHANGE_ROUTING_ERROR,
    487: Cause.ORIGINATOR_CANCEL,
    607: Cause.UNWANTED,
    428: Cause.NO_IDENTITY,
    429: Cause.BAD_IDENTITY_INFO,
    437: Cause.UNSUPPORTED_CERTIFICATE,
    438: Cause.INVALID_IDENTITY,
}

_CHALLENGES = ("401", "407")
_BLOCKED = "Network Blocked"
_REASON_TEXT = re.compile(r'(?i)\btext\s*=\s*"([^"]*)"')
_REASON_CAUSE = re.compile(r"(?i)^\s*(Q\.850|FreeSWITCH|softswitch)\s*;.*?\bcause\s*=\s*(\d{1,3})")


def status_of(cause: Cause) -> int:
    """The final response that refuses a call for ``cause``."""
    return _TO_STATUS.get(cause, 480)


def cause_of(status: int) -> Cause:
    """Why a call failed that was refused with ``status``."""
    return _TO_CAUSE.get(status, Cause.NORMAL_UNSPECIFIED)


def cause_in(reason: str | None) -> Cause | None:
    """The Q.850 cause in a Reason header (RFC 3326), None where it names none."""
    found = _REASON_CAUSE.match(reason) if reason else None
    if found is None:
        return None
    number = int(found[2])
    return Cause(number) if Cause.known(str(number)) else None


@cache
def reason_header(cause: Cause, *, elsewhere: bool = True) -> str:
    """The Reason header that goes with BYE, CANCEL and refusals.

    ``elsewhere`` says of a lost race that another phone took the call, which phones do not count
    as missed.
    """
    if elsewhere and cause in (Cause.PICKED_OFF, Cause.LOSE_RACE):
        return 'SIP;cause=200;text="Call completed elsewhere"'
    protocol = "Q.850" if cause < 128 else "SIP"
    return f'{protocol};cause={int(cause)};text="{cause.name}"'


def reason_headers(session: Session, cause: Cause) -> list[tuple[str, str]]:
    """The Reason that tells why we end a call, unless the call says to tell none."""
    if session.is_true("disable_q850_reason"):
        return []
    elsewhere = not session.is_true("ignore_completed_elsewhere")
    own = session.get("sip_reason")
    return [("Reason", own or reason_header(cause, elsewhere=elsewhere))]


def note_blocked(session: Session, response: Response) -> None:
    """Keep why a network blocked our call (ATIS 603+), for the leg and for its caller."""
    reason = response.headers.get("Reason") or ""
    text = _REASON_TEXT.search(reason)
    if (
        response.status != 603
        or response.reason.strip().lower() != _BLOCKED.lower()
        or text is None
        or not text[1].startswith("v=analytics1;")
        or not is_harmless(reason)
    ):
        return
    session.set("sip_603plus_reason", reason)
    caller = session.switch.find(session.get("signal_bond") or "")
    if caller is not None:
        caller.set("sip_603plus_reason", reason)


def refusal(
    session: Session, cause: Cause, headers: list[tuple[str, str]]
) -> tuple[int, str | None, list[tuple[str, str]]]:
    """Status, phrase and headers that an unanswered caller is refused with for ``cause``."""
    status = refusal_status(session, cause)
    reason = session.get("sip_603plus_reason")
    wish = session.get("sip_603plus_passthrough")
    if status != 603 or not reason or not wish:
        return status, None, headers
    if is_true(wish):
        return status, _BLOCKED, [("Reason", reason)]
    return status, None, []


def refusal_status(session: Session, cause: Cause) -> int:
    """The status we refuse a caller with: that of the leg we rang for him, where it had one.

    A challenge was for us: without its header a phone would ask for a password in vain.
    """
    told = session.get("last_bridge_proto_specific_hangup_cause") or ""
    protocol, _, number = told.partition(":")
    refused = protocol == "sip" and re.fullmatch("[456][0-9][0-9]", number)
    if refused and number not in _CHALLENGES and not session.is_true("sip_ignore_remote_cause"):
        return int(number)
    return status_of(cause)
