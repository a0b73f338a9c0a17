"""Attended transfer: the partners of two calls of one party are joined, and that party leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.dialplan.hunt import PlannedAction
from softswitch.endpoints.sip.referral import leave
from softswitch.endpoints.sip.replaces import Replaces, find_replaced
from softswitch.endpoints.sip.transfer_events import tell_attended, tell_elsewhere, tell_ringing
from softswitch.switch.bridge import uuid_bridge
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.endpoints.sip.referral import Referral
    from softswitch.sip.message import Request
    from softswitch.sip.uri import SipUri
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

_RECORDINGS = "recording_follow_attxfer"
_DENIED = "SIP/2.0 403 Forbidden"


def transfer(
    leg: SipLeg, referral: Referral, request: Request, target: SipUri, wanted: Replaces
) -> None:
    """Carry out a REFER whose target has a Replaces."""
    session = leg.session
    other = find_replaced(leg.profile.switch, wanted.key)
    if other is None:
        _elsewhere(leg, referral, request, target, wanted)
        return
    ours, theirs = session.peer, other.peer
    parties = [each for each in (ours, other, theirs) if each is not None]
    if other is session or any(each.is_true("deny_refer_requests") for each in parties):
        referral.finish(_DENIED)
        return
    for each, role in ((session, "recv_replace"), (other, "replaced")):
        each.set("transfer_disposition", role)
    session.set("endpoint_disposition", "ATTENDED_TRANSFER")
    if ours is not None and theirs is not None:
        session.set("transfer_to", f"att:{theirs.uuid}")
        tell_attended(leg.profile, session, other, ours, theirs)
        if "bypass-media-after-att-xfer" in leg.profile.settings.media_option:
            ours.set("bypass_media_after_bridge", "true")
        _join(leg.profile.switch, ours, theirs)
        partner = ours
    elif ours is not None and _rings(other):
        session.set("transfer_to", f"satt:{ours.uuid}")
        tell_ringing(leg.profile, session, other, ours)
        _wait_for_answer(ours, other)
        referral.finish()
        leave(session, ours, _RECORDINGS, HangupCause.ATTENDED_TRANSFER)
        return
    elif ours is not None:
        # The other call is with the switch itself, an IVR or a conference: the partner goes there.
        session.set("transfer_to", f"att:{other.uuid}")
        tell_attended(leg.profile, session, other, ours, None)
        _go_where(ours, other)
        partner = ours
    elif theirs is not None:
        session.set("transfer_to", f"att:{theirs.uuid}")
        tell_attended(leg.profile, session, session, theirs, None)
        _go_where(theirs, session)
        partner = theirs
    else:
        referral.finish(_DENIED)
        return
    referral.finish()
    leave(session, partner, _RECORDINGS, HangupCause.ATTENDED_TRANSFER)
    other.hangup(HangupCause.ATTENDED_TRANSFER)


def _go_where(partner: Session, call: Session) -> None:
    inline = call.get("inline_destination")
    if inline:
        partner.transfer(inline, "inline")
    else:
        partner.transfer(call.channel.profile.destination_number)


def _join(switch: Switch, one: Session, other: Session, between: Session | None = None) -> None:
    """Join two calls soon; ``between`` is hung up once they left it."""

    async def join() -> None:
        try:
            await uuid_bridge(one, other)
        except CallFailed as failure:
            one.log.warning("%s", failure)
        if between is not None:
            between.hangup(HangupCause.ATTENDED_TRANSFER)

    switch.own(switch.loop.create_task(join(), name=f"attended transfer of {one.uuid}"))


# The other party still rings


def _rings(call: Session) -> bool:
    """Whether a caller waits for somebody to answer."""
    return not call.channel.outbound and call.get("current_application") == "bridge"


def _wait_for_answer(ours: Session, other: Session) -> None:
    """The partner hears music until the party that the referrer rang has answered.

    If nobody does, the partner runs what the dialplan had for the ringing call behind its
    bridge, such as voicemail.
    """
    # The call that rings has no far end any more: what is to follow is not for it.
    behind, other.actions = other.actions, []
    release = getattr(other.leg, "release", None)
    if release is not None:
        release()
    music = ours.get("hold_music") or "silence"
    application = ("park", "") if music == "silence" else ("endless_playback", music)
    ours.run_actions([PlannedAction(*application)])

    def stop() -> None:
        for each in (ours, other):
            each.unwatch(watch)

    def watch(who: Session, what: str) -> None:
        if who is other and what == "bridged" and other.peer is not None:
            stop()
            # This is told by the task of one of them: they are taken away from it later.
            _join(other.switch, ours, other.peer, between=other)
        elif who is other and what in ("hangup", "moved"):
            stop()
            _nobody_answered(ours, other, behind)
        elif who is ours and what == "hangup":
            stop()
            other.hangup(HangupCause.ORIGINATOR_CANCEL)

    ours.watchers.append(watch)
    other.watchers.append(watch)


_OF_A_LEG = ("sip_", "rtp_", "local_media_", "remote_media_", "read_", "write_", "current_app")
_OF_A_CALL = frozenset(
    "uuid session_id call_uuid direction channel_name endpoint_disposition hangup_cause signal_bond"
    " originate_disposition originate_failed_cause current_application_data".split()
)
"""Variables that describe a leg rather than what its dialplan is about."""


def _nobody_answered(ours: Session, other: Session, behind: list[PlannedAction]) -> None:
    """The party that rang did not answer: the dialplan goes on with the partner.

    It gets the variables of the call that rang as well, but those that its
    ``attended_transfer_no_copy`` names.
    """
    if not behind:
        ours.hangup(other.channel.hangup_cause or HangupCause.NO_ANSWER)
        return
    kept = {
        name.strip().lower() for name in (other.get("attended_transfer_no_copy") or "").split(",")
    }
    for name, value in list(other.channel.variables):
        if name.lower() not in kept | _OF_A_CALL and not name.startswith(_OF_A_LEG):
            ours.set(name, value)
    number = other.channel.profile.destination_number
    ours.reprofile(ours.channel.profile.clone(destination_number=number))
    ours.run_actions(behind)
    other.hangup(HangupCause.ATTENDED_TRANSFER)


# The other call is with another switch


def _elsewhere(
    leg: SipLeg, referral: Referral, request: Request, target: SipUri, wanted: Replaces
) -> None:
    """Call the target on the partner's behalf; it replaces the call that it has itself."""
    ours, switch = leg.session.peer, leg.profile.switch
    if ours is None or ours.is_true("deny_refer_requests"):
        referral.finish(_DENIED)
        return
    call_id, to_tag, from_tag = wanted.key
    port = f":{target.port}" if target.port else ""
    dial = disarm(f"sofia/{leg.profile.name}/sip:{target.user or ''}@{target.host}{port}")
    headers = {
        "sip_h_Replaces": disarm(f"{call_id};to-tag={to_tag};from-tag={from_tag}"),
        "sip_h_X-FS-Refer-From": disarm(str(request.from_.uri)),
        "sip_h_X-FS-Refer-For": disarm(str(request.to.uri)),
        "ignore_early_media": "true",
    }
    referred = ours.get("sip_h_Referred-By") or request.headers.get("From") or ""
    headers["sip_h_Referred-By"] = disarm(referred)
    if "," in dial or "|" in dial:
        referral.finish(_DENIED)
        return
    caller = ours.channel.profile
    tell_elsewhere(leg.profile, leg.session, ours)
    referral.progress()

    async def call() -> None:
        try:
            taken = await originate(
                switch,
                dial,
                caller_id_name=caller.caller_id_name,
                caller_id_number=caller.caller_id_number,
                variables=headers,
            )
            await uuid_bridge(ours, taken)
        except CallFailed as failure:
            ours.log.info("attended transfer to %s failed: %s", dial, failure)
            referral.finish(_DENIED)
            return
        referral.finish()
        leave(leg.session, ours, _RECORDINGS, HangupCause.ATTENDED_TRANSFER)

    switch.own(switch.loop.create_task(call(), name=f"attended transfer of {ours.uuid}"))
