"""Sound of running calls from outside: ``uuid_audio uuid_displace``."""

from __future__ import annotations

import re

from softswitch.commands.reply import CANNOT_LOCATE, NO_SUCH_CHANNEL, OK, SUCCESS, find_live, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch import displace
from softswitch.switch.audio_levels import levels, reset
from softswitch.switch.commands import CommandCall
from softswitch.switch.displace import DisplaceWishes


@command(
    "uuid_audio",
    syntax="<uuid> [start [read|write] [mute|level <level>]|stop]",
    module="mod_commands",
)
async def uuid_audio(call: CommandCall, arguments: str) -> str:
    """Mute a direction of a call, or set its level from -4 to 4; stop undoes it."""
    words = [word.lower() for word in split(arguments, " ", 6)]
    if len(words) < 2:
        return usage("uuid_audio")
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    match words[1:]:
        case ["stop"]:
            reset(session)
        case ["start", ("read" | "write") as side, "mute", *level]:
            noise = int(level[0]) if level and level[0].isdigit() else 1
            await levels(session).set_mute(side, noise)
        case ["start", ("read" | "write") as side, "level", level] if re.fullmatch(
            r"-?\d{1,3}", level
        ):
            levels(session).set_level(side, int(level))
        case _:
            return usage("uuid_audio")
    return OK


@command(
    "uuid_displace", syntax="<uuid> [start|stop] <path> [<limit>] [mux]", module="mod_commands"
)
async def uuid_displace(call: CommandCall, arguments: str) -> str:
    """Play a file over (mux) or in place of what a party hears; the limit is in seconds."""
    words = split(arguments, " ", 5)
    if len(words) < 3:
        return usage("uuid_displace")
    session = find_live(call, words[0])
    if session is None:
        return CANNOT_LOCATE
    if words[1].lower() not in ("start", "stop"):
        return usage("uuid_displace")
    if words[1].lower() == "stop":
        stopped = displace.stop(session, words[2])
        return SUCCESS if stopped else "-ERR Cannot stop displace session!\n"
    limit = int(words[3]) if len(words) > 3 and words[3].isdigit() else 0
    flags = words[4] if len(words) > 4 else ""
    # ``mux`` is a word here, single letters are those of the application.
    flags = flags.lower().replace("mux", "m")
    wishes = DisplaceWishes.of(flags, limit * 1000)
    started = await displace.start(session, words[2], wishes)
    return SUCCESS if started else "-ERR Cannot displace session!\n"
