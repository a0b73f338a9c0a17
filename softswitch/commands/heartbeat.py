"""Heartbeats of a call, from outside: ``uuid_session_heartbeat``."""

from __future__ import annotations

from softswitch.commands.reply import NO_SUCH_CHANNEL, OK, find_live, usage
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.heartbeat import beat, seconds_of


@command("uuid_session_heartbeat", syntax="<uuid> [sched] [0|<seconds>]", module="mod_commands")
async def uuid_session_heartbeat(call: CommandCall, arguments: str) -> str:
    """Fire SESSION_HEARTBEAT of a call every so many seconds (60); 0 stops that.

    With ``sched`` the first comes after the first interval.
    """
    words = arguments.split()
    if not words:
        return usage("uuid_session_heartbeat")
    session = find_live(call, words.pop(0))
    if session is None:
        return NO_SUCH_CHANNEL
    at_once = not (words and words[0].lower() == "sched")
    if not at_once:
        words.pop(0)
    seconds = seconds_of(words[0] if words else "")
    if seconds is None or len(words) > 1:
        return usage("uuid_session_heartbeat")
    beat(session, seconds, at_once=at_once)
    return OK
