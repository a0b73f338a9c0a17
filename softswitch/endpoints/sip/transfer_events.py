"""What is told of transfers with ``fire-transfer-events``: who hands whom over, for which call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.switch.session import Session


def tell_blind(profile: Profile, referrer: Session, partner: Session) -> None:
    """A partner is sent to a number."""
    if profile.settings.fire_transfer_events:
        _tell(referrer, "transferor")
        _tell(partner, "transferee")


def tell_attended(
    profile: Profile, referrer: Session, other: Session, moved: Session, target: Session | None
) -> None:
    """``moved`` goes from the ``referrer`` to the ``target``, whom its ``other`` call reached.

    Without a target it goes where the other call is.
    """
    if not profile.settings.fire_transfer_events:
        return
    if target is not None:
        _tell(other, "replaced", att_xfer_replaced_by=moved.uuid)
        original, destination, peer = moved.uuid, target.uuid, other.uuid
    else:
        original, destination = other.uuid, moved.uuid
        peer = moved.peer.uuid if moved.peer is not None else ""
    _tell(
        referrer,
        "transferor",
        att_xfer_original_call_id=original,
        att_xfer_destination_call_id=destination,
        att_xfer_destination_peer_uuid=peer,
    )
    _tell(moved, "transferee")


def tell_ringing(profile: Profile, referrer: Session, other: Session, moved: Session) -> None:
    """``moved`` waits for the party that the referrer's ``other`` call still rings."""
    if profile.settings.fire_transfer_events:
        _tell(other, "replaced", att_xfer_replaced_by=moved.uuid)
        _tell(
            referrer,
            "transferor",
            att_xfer_original_call_id=moved.uuid,
            att_xfer_destination_peer_uuid=other.uuid,
        )
        _tell(moved, "transferee", att_xfer_replaced_call_id=other.uuid)


def tell_elsewhere(profile: Profile, referrer: Session, moved: Session) -> None:
    """``moved`` goes to a call that another switch has."""
    if profile.settings.fire_transfer_events:
        _tell(referrer, "transferor", att_xfer_original_call_id=moved.uuid)
        _tell(moved, "transferee")


def tell_replaced(profile: Profile, replaced: Session, call_id: str, *, alone: bool) -> None:
    """An INVITE of that Call-ID takes the place of a call, which talks to somebody or is alone."""
    if profile.settings.fire_transfer_events:
        if alone:
            _tell(replaced, "replaced", att_xfer_replaced_by=call_id)
        else:
            _tell(replaced, "intercepted", intercepted_by=call_id)


def _tell(session: Session, what: str, **headers: str) -> None:
    told = {name: value for name, value in headers.items() if value}
    session.switch.fire(session, "CUSTOM", told, subclass=f"sofia::{what}")
