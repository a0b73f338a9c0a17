"""What a call says about itself: ``log info event eval stop``."""

from __future__ import annotations

import logging

from softswitch.dialplan.arguments import split
from softswitch.log import LEVELS
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.events import Event
from softswitch.switch.session import Session

_CHOOSING = {"event-name": "Event-Name", "event-subclass": "Event-Subclass"}
_ANYWHERE = ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE | ApplicationFlag.ZOMBIE


@application("log", syntax="<log_level> <log_string>", flags=_ANYWHERE, module="mod_dptools")
async def log(session: Session, data: str) -> None:
    """Write a line to the log: ``log INFO caller is ${caller_id_number}``."""
    level, space, text = data.partition(" ")
    if not space:
        session.log.debug("%s", data)
        return
    session.log.log(LEVELS.get(level.lower(), logging.DEBUG), "%s", text)


@application("info", syntax="[<log_level>]", flags=_ANYWHERE, module="mod_dptools")
async def info(session: Session, data: str) -> None:
    """Write everything known about the call to the log."""
    level = LEVELS.get(data.strip().lower(), logging.INFO)
    if not session.log.isEnabledFor(level):
        return
    headers = session.channel.event_headers(variables=True)
    lines = "\n".join(f"{name}: [{value}]" for name, value in headers.items())
    session.log.log(level, "CHANNEL_DATA:\n%s", lines)


@application("event", syntax="<h1=v1>,<h2=v2>", flags=_ANYWHERE, module="mod_dptools")
async def event(session: Session, data: str) -> None:
    """Fire CHANNEL_APPLICATION with headers of your own.

    ``Event-Name`` and ``Event-Subclass`` among them make it another event.
    """
    headers: dict[str, str] = {}
    for item in split(data, ","):
        name, equals, value = item.partition("=")
        name = _CHOOSING.get(name.strip().lower(), name.strip())
        if equals:
            headers[name] = value.strip()
    name = headers.pop("Event-Name", "CHANNEL_APPLICATION")
    subclass = headers.pop("Event-Subclass", None)
    if subclass is not None:
        name = "CUSTOM"
    if session.switch.bus.wants(name):
        all_headers = {**session.channel.event_headers(variables=True), **headers}
        session.switch.bus.publish(Event(name, all_headers, subclass=subclass))


@application("eval", "stop", syntax="<anything>", flags=_ANYWHERE, module="mod_dptools")
async def eval_(session: Session, data: str) -> None:
    """Do nothing: the commands in ``${}`` of its data have run by now."""


@application(
    "session_loglevel", syntax="<level>", flags=ApplicationFlag.NO_MEDIA, module="mod_dptools"
)
async def session_loglevel(session: Session, data: str) -> None:
    """Set the least level that this call's log lines must have."""
    if not session.log.set_level(data.strip()):
        session.log.error("session_loglevel: there is no level %r", data)
