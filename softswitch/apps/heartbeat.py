"""Heartbeats of a call: ``enable_heartbeat`` and ``sched_heartbeat``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.heartbeat import beat, seconds_of
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA
_SYNTAX = "[0|<seconds>]"


@application("enable_heartbeat", syntax=_SYNTAX, flags=_NO_MEDIA, module="mod_dptools")
async def enable_heartbeat(session: Session, data: str) -> None:
    """Fire SESSION_HEARTBEAT now and every so many seconds (60); 0 stops that."""
    _beat(session, "enable_heartbeat", data, at_once=True)


@application("sched_heartbeat", syntax=_SYNTAX, flags=_NO_MEDIA, module="mod_dptools")
async def sched_heartbeat(session: Session, data: str) -> None:
    """As ``enable_heartbeat``, the first after the first interval."""
    _beat(session, "sched_heartbeat", data, at_once=False)


def _beat(session: Session, name: str, data: str, *, at_once: bool) -> None:
    seconds = seconds_of(data)
    if seconds is None:
        session.log.error("%s: %s wanted, not %r", name, _SYNTAX, data)
    else:
        beat(session, seconds, at_once=at_once)
