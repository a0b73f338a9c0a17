"""The ``unloop`` application: a call that went out and came in again is made one."""

from __future__ import annotations

from softswitch.endpoints.loopback import LoopbackLeg
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session


@application("unloop", flags=ApplicationFlag.NO_MEDIA, module="mod_loopback")
async def unloop(session: Session, data: str) -> None:
    """Hand the rest of this extension to the caller who dialled ``loopback/``.

    Both halves of the loopback then end; on any other call nothing happens.
    """
    if isinstance(session.leg, LoopbackLeg):
        session.leg.unfold()
