"""Steering what plays on a call: ``uuid_fileman uuid_pause``."""

from __future__ import annotations

from softswitch.commands.reply import NO_SUCH_CHANNEL, OK, find_live, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

NOTHING = "-ERR No file handle!\n"


@command("uuid_fileman", syntax="<uuid> <cmd>:<val>", module="mod_commands")
async def uuid_fileman(call: CommandCall, arguments: str) -> str:
    """Steer what a call hears: ``speed:+1 volume:-1 pause stop truncate restart seek:+5000``.

    Steps of speed are -2 to 2 (a quarter of the time each, and the pitch follows), of volume -4 to
    4; seek takes milliseconds, with a sign from where it is.
    """
    words = split(arguments, " ", 4)
    if len(words) < 2:
        return usage("uuid_fileman")
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    if session.player is None:
        return NOTHING
    return OK if session.player.command(words[1]) else usage("uuid_fileman")


@command("uuid_pause", "pause", syntax="<uuid> <on|off>", module="mod_commands")
async def uuid_pause(call: CommandCall, arguments: str) -> str:
    """Pause what a call hears, or let it go on."""
    words = split(arguments, " ", 4)
    if len(words) < 2:
        return usage("uuid_pause")
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    if session.player is None:
        return NOTHING
    session.player.pause(words[1].lower() == "on")
    return OK
