"""``sofia::notify_watched_header``: headers of a call's messages that ``sip_watch_headers`` names.

Each message of the far end is looked through before the call hears of it, but for the INVITE that
began the call and what comes after its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip.bye_answers import ORDINARY
from softswitch.sip.events import Acknowledged
from softswitch.sip.message import Request

if TYPE_CHECKING:
    from softswitch.sip.events import Event
    from softswitch.sip.message import Response
    from softswitch.switch.session import Session

VARIABLE = "sip_watch_headers"


def look_into(session: Session | None, event: Event) -> None:
    """Look through the message that an event of a call came with, if it came with one."""
    if session is None or not session.channel.variables.peek(VARIABLE):
        return
    message = getattr(event, "response", None) or getattr(event, "request", None)
    # A lost ACK is told with the INVITE that proves it was sent, and that is told by itself.
    if message is not None and not (isinstance(event, Acknowledged) and message.method != "ACK"):
        look_through(session, message)


def look_through(session: Session, message: Request | Response) -> None:
    """Tell each watched header of a message: the usual ones first, then the others, in order."""
    names = session.channel.variables.get(VARIABLE)
    if not names or not session.channel.up or not session.switch.bus.wants("CUSTOM"):
        return
    watched = {name.strip().lower() for name in names.split(",")}
    found = [pair for pair in message.headers.pairs if pair[0].lower() in watched]
    if not found:
        return
    if isinstance(message, Request):
        line = f"{message.method} {message.uri} SIP/2.0"
    else:
        line = f"SIP/2.0 {message.status} {message.reason}"
    for name, value in sorted(found, key=lambda pair: pair[0] not in ORDINARY):
        first = {"SIP-Message": line, "Header-Name": name, "Header-Value": value}
        session.switch.fire(session, "CUSTOM", first=first, subclass="sofia::notify_watched_header")
