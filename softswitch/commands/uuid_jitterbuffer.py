"""``uuid_jitterbuffer``: hold packets of a call's far end back."""

from __future__ import annotations

from softswitch.commands.reply import FAILED, SUCCESS, find_live, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.causes import CallFailed
from softswitch.switch.commands import CommandCall
from softswitch.switch.jitter import control_jitter_buffer


@command(
    "uuid_jitterbuffer",
    syntax="<uuid> [0|<min_msec>[:<max_msec>]]",
    module="mod_commands",
)
async def uuid_jitterbuffer(call: CommandCall, arguments: str) -> str:
    """Hold packets of a call back, ``40:200:50``; 0 ends it, ``pause`` and ``resume`` halt it."""
    words = split(arguments, " ", 2)
    if len(words) < 2:
        return usage("uuid_jitterbuffer")
    session = find_live(call, words[0])
    if session is None:
        return FAILED
    try:
        control_jitter_buffer(session, words[1])
    except (ValueError, CallFailed) as error:
        return f"-ERR {error}\n"
    return SUCCESS
