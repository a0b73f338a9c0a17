"""REFER within a call: a party hands its partner over, to a number or another call (RFC 5589)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip import attended, variables
from softswitch.endpoints.sip.referral import LIFE, Referral, leave, target_of, wants_notice
from softswitch.endpoints.sip.transfer_events import tell_blind
from softswitch.switch.causes import HangupCause
from softswitch.switch.states import ChannelState

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.endpoints.sip.replaces import Replaces
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer
    from softswitch.sip.uri import SipUri
    from softswitch.switch.session import Session


def on_refer(leg: SipLeg, transaction: NonInviteServer, request: Request) -> None:
    """Answer a REFER within a call and carry it out.

    Raises RemoteProtocolError where its Refer-To cannot be read.
    """
    profile = leg.profile
    if profile.settings.disable_transfer:
        profile.respond(transaction, request, 403)
        return
    text, target, wanted = target_of(request)
    headers = [] if wants_notice(request) else [("Refer-Sub", "false")]
    profile.respond(transaction, request, 202, headers=headers)
    carry_out(leg, Referral(leg, request), request, text, target, wanted)


def carry_out(
    leg: SipLeg,
    referral: Referral,
    request: Request,
    text: str,
    target: SipUri,
    wanted: Replaces | None,
) -> None:
    """Hand the partner of a leg over to what `target_of` read from a REFER."""
    session = leg.session
    if session.is_true("deny_refer_requests"):
        refuse(leg, referral)
        return
    peer = session.peer
    for each in (peer, session):
        if each is not None:
            _note(each, request, text)
    if wanted is not None:
        attended.transfer(leg, referral, request, target, wanted)
    elif peer is None or peer.is_true("deny_refer_requests"):
        refuse(leg, referral)
    else:
        _blind(leg, referral, peer, target)


def _note(session: Session, request: Request, target: str) -> None:
    """Leave what the REFER said with a party of the call."""
    known = session.channel.variables
    variables.keep(known, "sip_refer_to", target)
    referrer = request.headers.get("Referred-By")
    if referrer:
        variables.keep(known, "sip_h_Referred-By", referrer)
    variables.keep(known, "transfer_fallback_extension", request.from_.uri.user or "")


def refuse(leg: SipLeg, referral: Referral) -> None:
    """Tell the referrer that it cannot be done."""
    referral.finish("SIP/2.0 403 Forbidden")
    error = {"Error": "Transfer impossible"}
    leg.profile.switch.publish("CUSTOM", error, subclass="sofia::error")


def _blind(leg: SipLeg, referral: Referral, peer: Session, target: SipUri) -> None:
    """The partner is routed to the number that Refer-To names."""
    session = leg.session
    extension = disarm(target.user or "")
    if leg.profile.settings.full_id:
        extension = f"{extension}@{target.host}"
    tell_blind(leg.profile, session, peer)
    session.set("transfer_to", f"blind:{peer.uuid}")
    session.set("transfer_destination", f"blind:{extension}")
    session.set("transfer_disposition", "blind_transfer")
    session.set("endpoint_disposition", "BLIND_TRANSFER")
    if leg.wishes("confirm_blind_transfer", "confirm_blind_transfer"):
        _confirm_later(leg, referral, peer)
    else:
        referral.finish()
    peer.transfer(extension)
    if referral.finished:
        leave(session, peer, "recording_follow_transfer", HangupCause.BLIND_TRANSFER)
    else:
        # The referrer waits for the outcome, and may take its partner back until then.
        session.set("park_timeout", f"{LIFE}:BLIND_TRANSFER")
        session.move(ChannelState.CS_PARK)


def _confirm_later(leg: SipLeg, referral: Referral, peer: Session) -> None:
    """Tell the outcome once the partner's new call was answered, or has failed."""
    referral.progress()
    session = leg.session
    leg.referral = referral
    peer.set("blind_transfer_uuid", session.uuid)

    def on_peer(_: Session, what: str) -> None:
        if what == "bridged":
            finish_blind(leg, succeeded=True)
        elif what == "hangup":
            finish_blind(leg, succeeded=False)
        if referral.finished or not session.channel.up:
            peer.unwatch(on_peer)

    peer.watchers.append(on_peer)


def finish_blind(leg: SipLeg, *, succeeded: bool) -> bool:
    """Tell a waiting referrer what came of its transfer; False where none waits."""
    referral = leg.referral
    if referral is None or referral.finished:
        return False
    referral.finish("SIP/2.0 200 OK" if succeeded else "SIP/2.0 503 Service Unavailable")
    if succeeded:
        leg.session.hangup(HangupCause.BLIND_TRANSFER)
    return True


def address_of(target: str, profile: Profile) -> str:
    """A Contact or Refer-To value for a URI or a bare number."""
    target = target.strip()
    if "<" in target:
        return target
    if not target.lower().startswith(("sip:", "sips:", "tel:")):
        host = "" if "@" in target else f"@{profile.domain}"
        target = f"sip:{target}{host}"
    return f"<{target}>"
