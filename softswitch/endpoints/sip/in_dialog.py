"""Requests within a call that are neither its end nor a change of its session: INFO, REFER …"""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip import transfer
from softswitch.endpoints.sip.digits import digits_in_info

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer


def handle_request(leg: SipLeg, transaction: NonInviteServer, request: Request) -> None:
    """Answer a request within the dialog of a call, and do what it asks.

    Raises RemoteProtocolError for one that is malformed.
    """
    match request.method:
        case "INFO":
            leg.profile.respond(transaction, request, 200)
            for digit, duration in digits_in_info(request):
                leg.session.on_digit(digit, duration, "info")
        case "OPTIONS" | "MESSAGE" | "NOTIFY":
            leg.profile.respond(transaction, request, 200)
        case "REFER":
            transfer.on_refer(leg, transaction, request)
        case _:
            leg.profile.respond(transaction, request, 501)
