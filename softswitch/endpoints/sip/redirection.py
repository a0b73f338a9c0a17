"""What becomes of a leg that is redirected by a 3xx (RFC 3261 §8.1.3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip import variables
from softswitch.endpoints.sip.transfer import address_of
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import format_parameters
from softswitch.sip.message import Response
from softswitch.sip.uri import NameAddr
from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.switch.session import Session

MOST_CONTACTS = 10
"""Contacts of one 3xx that are believed in."""

_PREFERENCES = 129
"""The first of several contacts gets so many thousandths as its q, the next one less."""

_CONTACT = "sip_redirect_contact_"


def contacts_of(response: Response) -> list[NameAddr]:
    """The SIP contacts of a 3xx, those with the highest q first; none where they are unreadable."""
    try:
        found = [NameAddr.parse(item) for item in response.headers.values("Contact")]
    except RemoteProtocolError:
        return []
    able = [item for item in found if item.uri.scheme in ("sip", "sips") and item.uri.host]
    return sorted(able[:MOST_CONTACTS], key=_preference, reverse=True)


def _preference(contact: NameAddr) -> float:
    try:
        return float(contact.parameter("q") or 1)
    except ValueError:
        return 0.0


def answer_to(target: str, profile: Profile) -> tuple[int, str, HangupCause]:
    """Status, Contact and cause of a ``redirect``: 302 to one address, 300 to several, the first
    ones preferred; a cause may stand behind a blank.
    """
    addresses, _, word = target.rpartition(" ")
    # A display name has blanks too.
    cause = HangupCause.__members__.get(word.upper()) if addresses else None
    items = (addresses if cause is not None else target).split(",")
    contacts = [address_of(item, profile) for item in items]
    if len(contacts) > 1:
        preferences = range(_PREFERENCES, 0, -1)
        pairs = zip(contacts, preferences, strict=False)
        contacts = [each if ";q=" in each else f"{each};q={q / 1000:.3f}" for each, q in pairs]
    status = 300 if len(contacts) > 1 else 302
    return status, ", ".join(contacts), cause or HangupCause.NORMAL_UNSPECIFIED


def redirect(leg: SipLeg, response: Response) -> HangupCause | None:
    """Note where a 3xx points, and the cause to end the leg with; None: its contacts are tried.

    With ``outbound_redirect_fatal`` the leg fails. With ``manual-redirect`` (or
    ``sip_manual_redirect``) the caller is routed to the first contact's user, by
    ``sip_redirect_dialplan`` and ``sip_redirect_context``.
    """
    session = leg.session
    contacts = contacts_of(response)
    caller = session.switch.find(session.get("signal_bond") or "")
    diversion = response.headers.get("Diversion")
    for each in (session, caller):
        if each is not None:
            if diversion:
                variables.keep(each.channel.variables, "sip_redirected_by", diversion)
            _note(each, leg, contacts, fork=session.is_true("sip_redirect_fork"))
    if not contacts:
        return HangupCause.REDIRECTION_TO_NEW_DESTINATION
    if session.is_true("outbound_redirect_fatal"):
        return HangupCause.REQUESTED_CHAN_UNAVAIL
    if not leg.wishes("sip_manual_redirect", "manual_redirect"):
        return None
    if caller is not None and caller.channel.up:
        user = disarm(contacts[0].uri.user or "")
        dialplan = session.get("sip_redirect_dialplan") or "XML"
        context = session.get("sip_redirect_context") or "redirected"
        caller.transfer(user, dialplan, context)
    return HangupCause.REDIRECTION_TO_NEW_DESTINATION


def _note(session: Session, leg: SipLeg, contacts: list[NameAddr], *, fork: bool) -> None:
    """Leave the contacts in variables, as dialplans of redirect servers read them."""
    known = session.channel.variables
    profile = session.get("sip_redirect_profile") or leg.profile.name
    dialled = []
    for number, contact in enumerate(contacts):
        uri = contact.uri
        bare = str(uri.replace(headers="")).partition(":")[2]
        dialled.append(f"sofia/{profile}/{bare}")
        values = {
            f"{_CONTACT}{number}": str(contact),
            f"{_CONTACT}user_{number}": uri.user or "",
            f"{_CONTACT}host_{number}": uri.host,
            f"{_CONTACT}params_{number}": format_parameters(uri.parameters)[1:],
            f"sip_redirect_dialstring_{number}": dialled[-1],
        }
        for name, value in values.items():
            variables.keep(known, name, value)
    if contacts:
        known.set("sip_redirect_count", str(len(contacts)))
        variables.keep(known, "sip_redirected_to", str(contacts[0].uri))
        variables.keep(known, "sip_redirect_dialstring", ("," if fork else "|").join(dialled))
