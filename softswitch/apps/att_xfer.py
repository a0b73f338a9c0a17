"""Attended transfer by keys: ``att_xfer``."""

from __future__ import annotations

from softswitch.registry import application
from softswitch.switch.bound_action import asking
from softswitch.switch.consultation import consult
from softswitch.switch.session import Session


@application("att_xfer", syntax="<channel_url>", module="mod_dptools")
async def att_xfer(session: Session, data: str) -> None:
    """Call somebody while the partner waits; hang up to hand the partner over.

    Meant for a bound key. ``#`` (``attxfer_cancel_key``) drops the third party, ``*``
    (``attxfer_hangup_key``) hands over, ``0`` (``attxfer_conf_key``) brings all three
    together. Sets ``att_xfer_result`` to ``success`` or ``failure``.
    """
    partner = session.peer
    if not data.strip():
        session.log.error("att_xfer: <channel_url> is missing")
    elif partner is None:
        session.log.error("att_xfer: the call has no partner to hand over")
    else:
        with asking(session):
            await consult(session, partner, data.strip())
