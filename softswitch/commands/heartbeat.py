"""Heartbeats of a call, from outside: ``uuid_session_heartbeat``."""

from __future__ import annotations

from softswitch.commands.reply import OK, find_live
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.heartbeat import beat, seconds_of

_SYNTAX = "<uuid> [sched] [0|<seconds>]"
_USAGE = f"USAGE: uuid_session_heartbeat {_SYNTAX}\n"


@command("uuid_session_heartbeat", syntax=_SYNTAX, module="mod_commands")
async def uuid_session_heartbeat(call: CommandCall, arguments: str) -> str:
    """Fire SESSION_HEARTBEAT of a call every so many seconds (60); 0 stops that.

    With ``sched`` the first comes after the first interval.
    """
    words = arguments.split()
    if len(words) < 2:
        return f"-{_USAGE}"
    session = find_live(call, words.pop(0))
    if session is None:
        return f"-ERR Cannot locate session. {_USAGE}"
    at_once = not (words and words[0].lower() == "sched")
    if not at_once:
        words.pop(0)
    seconds = seconds_of(words[0] if words else "")
    if seconds is None or len(words) > 1:
        return f"-{_USAGE}"
    beat(session, seconds, at_once=at_once)
    return OK
