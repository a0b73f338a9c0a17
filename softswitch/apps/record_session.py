"""Recording beside the call: ``record_session stop_record_session record_session_mask …``."""

from __future__ import annotations

import re

from softswitch.registry import application
from softswitch.switch import ivr, recording
from softswitch.switch.session import Session

_LIMIT = re.compile(r"\s\+(\d{1,9})\Z")
_VARIABLES = re.compile(r"\A(\{[^{}]*\})\s*|\s*(\{[^{}]*\})\Z")


@application("record_session", syntax="<path> [+<timeout>] [{var1=x,var2=y}]", module="mod_dptools")
async def record_session(session: Session, data: str) -> None:
    """Record both directions of the call into a file and go on at once.

    The extension decides about the format: wav, flac, ogg, opus, mp3 and more. ``RECORD_…``
    variables say what is recorded; those in braces count for this recording alone. A file that
    cannot be written ends the recording, never the call.
    """
    path = data.strip()
    variables: dict[str, str] = {}
    for leading, trailing in _VARIABLES.findall(path):
        variables |= recording.parse_variables(leading or trailing)
    path = _VARIABLES.sub("", path)
    limit = 0
    if found := _LIMIT.search(path):
        limit = int(found[1])
        path = path[: found.start()].rstrip()
    if not path:
        session.log.error("record_session: <path> [+<timeout>] is missing")
        return
    await recording.start(session, ivr.sound_path(session, path), limit, variables)


@application("stop_record_session", syntax="<path>|all", module="mod_dptools")
async def stop_record_session(session: Session, data: str) -> None:
    """End a recording of the call, or all."""
    if not await recording.stop(session, _path(session, data)):
        session.log.warning("stop_record_session: %s is not recorded", data)


@application("record_session_mask", syntax="<path>|all", module="mod_dptools")
async def record_session_mask(session: Session, data: str) -> None:
    """Record silence in place of what is said, such as a card number."""
    _control(session, data, "mask")


@application("record_session_unmask", syntax="<path>|all", module="mod_dptools")
async def record_session_unmask(session: Session, data: str) -> None:
    """End `record_session_mask`."""
    _control(session, data, "unmask")


@application("record_session_pause", syntax="<path>|all", module="mod_dptools")
async def record_session_pause(session: Session, data: str) -> None:
    """Record nothing for a while: the file has no gap."""
    _control(session, data, "pause")


@application("record_session_resume", syntax="<path>|all", module="mod_dptools")
async def record_session_resume(session: Session, data: str) -> None:
    """End `record_session_pause`."""
    _control(session, data, "resume")


def _control(session: Session, data: str, action: str) -> None:
    if not recording.control(session, _path(session, data), action):
        session.log.warning("record_session_%s: %s is not recorded", action, data)


def _path(session: Session, data: str) -> str:
    text = data.strip()
    return text if text.lower() == "all" else ivr.sound_path(session, text)
