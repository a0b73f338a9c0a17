"""Listening to calls from outside: ``tone_detect stop_tone_detect``."""

from __future__ import annotations

from softswitch.commands.reply import CANNOT_LOCATE, NO_SUCH_CHANNEL, OK, find_live, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch import media_bugs
from softswitch.switch.commands import CommandCall
from softswitch.switch.detection import TONE, detect_tone, parse_tone


@command(
    "tone_detect",
    syntax="<uuid> <key> <tone_spec> [<flags> <timeout> <app> <args> <hits>]",
    module="mod_commands",
)
async def tone_detect(call: CommandCall, arguments: str) -> str:
    """Listen to a call for a tone and run an application on it when it came."""
    words = split(arguments, " ", 8)
    if len(words) < 3:
        return usage("tone_detect")
    session = find_live(call, words[0])
    if session is None:
        return CANNOT_LOCATE
    if session.leg.media is None:
        return "-ERR the call has no media\n"
    try:
        wish = parse_tone(words[1:], call.switch.now_us() / 1_000_000)
    except ValueError as error:
        return f"-ERR {error}\n"
    detect_tone(session, wish)
    flags = words[3] if len(words) > 3 else ""
    return f"+OK Enabling tone detection '{wish.key}' '{words[2]}' '{flags}'\n"


@command("stop_tone_detect", syntax="<uuid>", module="mod_commands")
async def stop_tone_detect(call: CommandCall, arguments: str) -> str:
    """End every tone_detect of a call."""
    session = find_live(call, arguments.strip())
    if session is None:
        return NO_SUCH_CHANNEL if arguments.strip() else usage("stop_tone_detect")
    media_bugs.stop(session, TONE)
    return OK
