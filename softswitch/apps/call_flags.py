"""Ways in which one call differs from others, set by the dialplan.

``break early_hangup park_state reuse_caller_profile set_zombie_exec verbose_events``.
"""

from __future__ import annotations

from softswitch.dialplan.arguments import is_false
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session
from softswitch.switch.states import ChannelState

_NO_MEDIA = ApplicationFlag.NO_MEDIA
_INLINE = ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE


@application("break", syntax="[all]", flags=_NO_MEDIA, module="mod_dptools")
async def break_(session: Session, data: str) -> None:
    """End what plays, records or waits on the call; for keys and event sockets.

    Of a list of files the next is played, but with ``all``.
    """
    session.break_first(one_item=data.strip().lower() != "all")


@application("early_hangup", syntax="[true|false]", flags=_INLINE, module="mod_dptools")
async def early_hangup(session: Session, data: str) -> None:
    """Nothing to switch on: a hang-up ends what a call does at once, always."""
    if is_false(data.strip()):
        session.log.info("early_hangup: a hang-up always ends the call at once")


@application("park_state", flags=_NO_MEDIA, module="mod_dptools")
async def park_state(session: Session, data: str) -> None:
    """Leave the dialplan and wait in somebody else's hands, as ``uuid_park`` does."""
    session.move(ChannelState.CS_PARK)


@application("reuse_caller_profile", flags=_NO_MEDIA, module="mod_dptools")
async def reuse_caller_profile(session: Session, data: str) -> None:
    """Let transfers change the caller profile instead of beginning a new one."""
    session.reuses_profile = True


@application("set_zombie_exec", flags=_INLINE, module="mod_dptools")
async def set_zombie_exec(session: Session, data: str) -> None:
    """After a hang-up run what is left of the dialplan and may run without a call.

    Those are ``set``, ``log``, ``system`` and their like (flag ZOMBIE).
    """
    session.runs_on_when_hung_up = True


@application("verbose_events", syntax="[true|false]", flags=_INLINE, module="mod_dptools")
async def verbose_events(session: Session, data: str) -> None:
    """Put all variables into every event of the call."""
    session.verbose_events = not is_false(data.strip())
