"""Limits on request: ``limit_usage limit_status limit_reset uuid_limit …``."""

from __future__ import annotations

from softswitch.commands.reply import NO_SUCH_CHANNEL, OK, find_live
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.causes import HangupCause
from softswitch.switch.commands import CommandCall
from softswitch.switch.limits import UNLIMITED, parse_maximum, take_for


@command("limit_usage", syntax="<backend> <realm> <id> [rate]", module="mod_commands")
async def limit_usage(call: CommandCall, arguments: str) -> str:
    """Show how many calls use a resource, with ``rate`` also how often it was taken."""
    words = split(arguments, " ", 4)
    if len(words) < 3:
        return "USAGE: limit_usage <backend> <realm> <id> [rate]\n"
    usage = call.switch.limits.usage(words[1], words[2])
    if words[3:] == ["rate"]:
        return f"{usage.total}/{usage.rate}"
    return str(usage.total)


@command("limit_status", syntax="<backend>", module="mod_commands")
async def limit_status(call: CommandCall, arguments: str) -> str:
    """Show how many resources are counted."""
    if not arguments.strip():
        return "USAGE: limit_status <backend>\n"
    used = sum(1 for _, usage in call.switch.limits if usage.total)
    return f"There are {used} elements being tracked.\n"


@command("limit_reset", syntax="<backend>", module="mod_commands")
async def limit_reset(call: CommandCall, arguments: str) -> str:
    """Forget all counts."""
    if not arguments.strip():
        return "USAGE: limit_reset <backend>\n"
    call.switch.limits.reset()
    return OK


@command("limit_interval_reset", syntax="<backend> <realm> <resource>", module="mod_commands")
async def limit_interval_reset(call: CommandCall, arguments: str) -> str:
    """Start a resource's interval anew."""
    words = split(arguments, " ", 3)
    if len(words) != 3:
        return "USAGE: limit_interval_reset <backend> <realm> <resource>\n"
    return OK if call.switch.limits.reset_interval(words[1], words[2]) else "-ERR Not found\n"


@command(
    "uuid_limit",
    syntax="<uuid> <backend> <realm> <resource> [<max>[/interval]] [number [dialplan [context]]]",
    module="mod_commands",
)
async def uuid_limit(call: CommandCall, arguments: str) -> str:
    """Count a call on a resource; over the limit it is transferred or hung up."""
    words = split(arguments, " ", 8)
    if len(words) < 4:
        return (
            "USAGE: uuid_limit <uuid> <backend> <realm> <resource> [<max>[/interval]]"
            " [number [dialplan [context]]]\n"
        )
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    maximum, interval = parse_maximum(words[4]) if len(words) > 4 else (UNLIMITED, 0)
    if take_for(session, words[1], words[2], words[3], maximum, interval):
        return OK
    extension = words[5] if len(words) > 5 else "limit_exceeded"
    if extension.startswith("!"):
        session.hangup(HangupCause.parse(extension[1:]))
    else:
        session.transfer(extension, *(words[6:8] or ()))
    return OK


@command("uuid_limit_release", syntax="<uuid> <backend> [realm] [resource]", module="mod_commands")
async def uuid_limit_release(call: CommandCall, arguments: str) -> str:
    """Give back what a call holds: one resource or everything."""
    words = split(arguments, " ", 4)
    if len(words) not in (2, 4):
        return "USAGE: uuid_limit_release <uuid> <backend> [realm] [resource]\n"
    session = call.switch.find(words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    call.switch.limits.release(session.uuid, *words[2:4])
    return OK
