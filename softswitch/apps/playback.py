"""Sounds: ``playback endless_playback loop_playback gentones``."""

from __future__ import annotations

import re

from softswitch.registry import application
from softswitch.switch import ivr
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.playing import PlayResult
from softswitch.switch.session import Session


@application("playback", syntax="<path>[@@<sample>]", module="mod_dptools")
async def playback(session: Session, data: str) -> None:
    """Play a file or stream; a key of ``playback_terminators`` (``*``) ends it.

    ``current_application_response`` tells ``FILE PLAYED``, ``FILE NOT FOUND`` or
    ``PLAYBACK ERROR``. A file that cannot be played leaves the call as it is.
    """
    if not data.strip():
        session.log.error("playback: <path>[@@<sample>] is missing")
        session.set("current_application_response", "PLAYBACK ERROR")
        return
    _respond(session, await ivr.play(session, data))


@application("endless_playback", syntax="<path>", module="mod_dptools")
async def endless_playback(session: Session, data: str) -> None:
    """Play a file over and over until the call is hung up, moved or broken into.

    Keys wait for the application behind it. ``current_application_response`` is set as by
    `playback`.
    """
    if not data.strip():
        session.log.error("endless_playback: <path> is missing")
        session.set("current_application_response", "PLAYBACK ERROR")
        return
    _respond(session, await ivr.play(session, data, loops=-1, heeds_keys=False))


@application("loop_playback", syntax="[+loops] <path>", module="mod_dptools")
async def loop_playback(session: Session, data: str) -> None:
    """Play a file several times, for ever with a negative number; keys do not end it.

    ``current_application_response`` is set as by `playback`.
    """
    loops, path = 1, data.strip()
    if found := re.match(r"\+(-?\d{1,9})(?:\s+|\Z)", path):
        loops, path = int(found[1]), path[found.end() :]
    if not path:
        raise CallFailed(
            HangupCause.DESTINATION_OUT_OF_ORDER, "loop_playback: [+loops] <path> is missing"
        )
    if loops:
        _respond(session, await ivr.play(session, path, loops=loops, heeds_keys=False))


@application("gentones", syntax="<tgml_script>[|<loops>]", module="mod_dptools")
async def gentones(session: Session, data: str) -> None:
    """Play tones of a script, such as ``%(400,200,440)``; loops -1 is for ever."""
    script, _, loops = data.rpartition("|") if re.search(r"\|-?\d+\s*\Z", data) else (data, "", "1")
    if not script.strip():
        session.log.error("gentones: <tgml_script>[|<loops>] is missing")
        return
    await ivr.play(session, f"tone_stream://{script.strip()}", loops=int(loops) or 1)


def _respond(session: Session, result: PlayResult) -> None:
    timed_out = result.reason == "timeout" and not session.is_true("playback_timeout_as_success")
    response = "FILE NOT FOUND" if result.reason == "failed" else "FILE PLAYED"
    session.set("current_application_response", "PLAYBACK ERROR" if timed_out else response)
