"""Holding the far end: ``hold`` and ``unhold``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application("hold", syntax="[<display message>]", flags=_NO_MEDIA, module="mod_dptools")
async def hold(session: Session, data: str) -> None:
    """Ask the far end to send no more; a partner hears hold music."""
    if not session.channel.held:
        session.leg.hold()
        session.on_hold(True)


@application("unhold", flags=_NO_MEDIA, module="mod_dptools")
async def unhold(session: Session, data: str) -> None:
    """Take the far end back."""
    if session.channel.held:
        session.leg.unhold()
        session.on_hold(False)
