"""REFER: a party hands its partner over to a number, or to another of its calls (RFC 5589)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip import variables
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import parameters
from softswitch.sip.uri import NameAddr, SipUri
from softswitch.switch import recording
from softswitch.switch.bridge import uuid_bridge
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer
    from softswitch.switch.session import Session


def on_refer(leg: SipLeg, transaction: NonInviteServer, request: Request) -> None:
    """Answer a REFER within a call and carry it out.

    Raises RemoteProtocolError where its Refer-To cannot be read.
    """
    profile, session = leg.profile, leg.session
    if profile.settings.disable_transfer:
        profile.respond(transaction, request, 403)
        return
    text = request.headers.get("Refer-To") or ""
    target = NameAddr.parse(text).uri
    replaces = _replaced(target)
    profile.respond(transaction, request, 202)
    peer = session.peer
    if peer is None or session.is_true("deny_refer_requests"):
        _notify(leg, "SIP/2.0 403 Forbidden")
        profile.switch.publish("CUSTOM", {"Error": "Transfer impossible"}, subclass="sofia::error")
        return
    variables.keep(peer.channel.variables, "sip_refer_to", text)
    referrer = request.headers.get("Referred-By")
    if referrer:
        variables.keep(peer.channel.variables, "sip_h_Referred-By", referrer)
    if replaces is None:
        _blind(leg, session, peer, target)
    else:
        _attended(leg, session, peer, replaces)


def _blind(leg: SipLeg, session: Session, peer: Session, target: SipUri) -> None:
    """The partner is routed to the number that Refer-To names."""
    extension = disarm(target.user or "")
    if leg.profile.settings.full_id:
        extension = f"{extension}@{target.host}"
    _notify(leg, "SIP/2.0 200 OK")
    session.set("transfer_to", f"blind:{peer.uuid}")
    session.set("transfer_destination", f"blind:{extension}")
    session.set("endpoint_disposition", "BLIND_TRANSFER")
    peer.transfer(extension)
    _leave(session, peer, "recording_follow_transfer", HangupCause.BLIND_TRANSFER)


def _leave(session: Session, peer: Session, wish: str, cause: HangupCause) -> None:
    """Hang up the party that transferred; its recordings go on with its partner if it wished so."""
    follows = bool(session.recordings) and session.is_true(wish)
    if not follows:
        session.hangup(cause)
        return

    async def follow() -> None:
        try:
            await recording.follow_transfer(session, peer)
        finally:
            session.hangup(cause)

    session.switch.own(session.switch.loop.create_task(follow(), name=f"{wish} {session.uuid}"))


def _attended(leg: SipLeg, session: Session, peer: Session, replaces: tuple[str, str, str]) -> None:
    """The partners of two calls of one party are joined, and that party leaves."""
    other = find_replaced(leg, replaces)
    if other is None or other is session or other.is_true("deny_refer_requests"):
        _notify(leg, "SIP/2.0 403 Forbidden")
        return
    session.set("endpoint_disposition", "ATTENDED_TRANSFER")
    partner = other.peer
    if partner is None:
        # The other call is with the switch itself, an IVR or a conference: the partner goes there.
        session.set("transfer_to", f"att:{other.uuid}")
        peer.transfer(other.channel.profile.destination_number)
    else:
        session.set("transfer_to", f"att:{partner.uuid}")
        leg.profile.switch.own(
            leg.profile.switch.loop.create_task(_join(leg.profile, peer, partner))
        )
    _notify(leg, "SIP/2.0 200 OK")
    _leave(session, peer, "recording_follow_attxfer", HangupCause.ATTENDED_TRANSFER)
    other.hangup(HangupCause.ATTENDED_TRANSFER)


async def _join(profile: Profile, peer: Session, partner: Session) -> None:
    try:
        await uuid_bridge(peer, partner)
    except CallFailed as failure:
        peer.log.warning("%s", failure)
    profile.pump()


def find_replaced(leg: SipLeg, replaces: tuple[str, str, str]) -> Session | None:
    """The session whose dialog a Replaces header names, of whatever profile (RFC 3891 §3)."""
    for session in leg.profile.switch.sessions.values():
        other = session.leg
        usage = other.usage if isinstance(other, type(leg)) else None
        dialog = usage.dialog if usage is not None else None
        if dialog is not None and dialog.key == replaces:
            return session if session.channel.up else None
    return None


def _replaced(target: SipUri) -> tuple[str, str, str] | None:
    """The Replaces that Refer-To carries: Call-ID, our tag, the far end's; None without one."""
    for item in target.headers.split("&"):
        name, _, value = item.partition("=")
        if name.lower() == "replaces":
            return replaces_in(unquote(value))
    return None


def replaces_in(text: str) -> tuple[str, str, str]:
    """Call-ID and tags of a Replaces header; raises RemoteProtocolError(400)."""
    call_id, _, tail = text.partition(";")
    tags = parameters(f";{tail}")
    to_tag, from_tag = tags.get("to-tag"), tags.get("from-tag")
    if not call_id.strip() or not to_tag or not from_tag:
        raise RemoteProtocolError(400, "Malformed Replaces")
    return call_id.strip(), to_tag, from_tag


def _notify(leg: SipLeg, line: str) -> None:
    """Tell the referrer what came of it; the subscription ends with that."""
    assert leg.usage is not None, "a REFER belongs to a call"
    leg.usage.request_in_dialog(
        "NOTIFY",
        [
            ("Event", "refer"),
            ("Subscription-State", "terminated;reason=noresource"),
            ("Content-Type", "message/sipfrag"),
        ],
        f"{line}\r\n".encode(),
        now=leg.profile.now(),
    )


def address_of(target: str, profile: Profile) -> str:
    """A Contact or Refer-To value for a URI or a bare number."""
    target = target.strip()
    if target.startswith("<"):
        return target
    if not target.lower().startswith(("sip:", "sips:", "tel:")):
        host = "" if "@" in target else f"@{profile.domain}"
        target = f"sip:{target}{host}"
    return f"<{target}>"
