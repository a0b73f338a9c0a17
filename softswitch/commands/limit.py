"""Limits on request: ``limit_usage limit_status limit_reset uuid_limit …``."""

from __future__ import annotations

from softswitch.commands.reply import find_live
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.causes import HangupCause
from softswitch.switch.commands import CommandCall
from softswitch.switch.limits import BACKENDS, UNLIMITED, parse_maximum, take_for

OK = "+OK"


@command("limit_usage", syntax="<backend> <realm> <id>", module="mod_commands")
async def limit_usage(call: CommandCall, arguments: str) -> str:
    """Show how many calls use a resource, with ``rate`` also how often it was taken."""
    words = split(arguments, " ", 5)
    if len(words) == 2:
        words.insert(0, "db")  # the old form, without a backend
    if len(words) < 3:
        return "USAGE: limit_usage <backend> <realm> <id> [rate]\n"
    if words[0] not in BACKENDS:
        return "0/0" if "rate" in words[3:4] else "0"
    limits = call.switch.limits.of(words[0])
    total = limits.total(words[1], words[2])
    if [word.lower() for word in words[3:4]] == ["rate"]:
        return f"{total}/{limits.usage(words[1], words[2]).rate}"
    return str(total)


@command("limit_hash_usage", syntax="<realm> <id>", module="mod_commands")
async def limit_hash_usage(call: CommandCall, arguments: str) -> str:
    """The older name of ``limit_usage hash``."""
    if not arguments:
        told = "Using deprecated limit api, check limit_usage with backend param"
        return f"USAGE: limit_hash_usage <realm> <id> [rate] ({told})\n"
    answer: str = await limit_usage(call, f"hash {arguments}")
    return answer


@command("limit_status", syntax="<backend>", module="mod_commands")
async def limit_status(call: CommandCall, arguments: str) -> str:
    """Show how many resources the calls of this switch hold."""
    if not arguments.strip():
        return "USAGE: limit_status <backend>\n"
    backend = arguments.partition(" ")[0]
    if backend not in BACKENDS:
        return "-ERR"
    used = sum(1 for _, usage in call.switch.limits.of(backend) if usage.total)
    return f"Tracking {used} resources for hostname {call.switch.hostname}."


@command("limit_reset", syntax="<backend>", module="mod_commands")
async def limit_reset(call: CommandCall, arguments: str) -> str:
    """Forget all counts of this switch."""
    if not arguments.strip():
        return "USAGE: limit_reset <backend>\n"
    backend = arguments.partition(" ")[0]
    if backend not in BACKENDS:
        return "-ERR"
    call.switch.limits.of(backend).reset()
    return OK


@command("limit_interval_reset", syntax="<backend> <realm> <resource>", module="mod_commands")
async def limit_interval_reset(call: CommandCall, arguments: str) -> str:
    """Start a resource's interval anew."""
    words = split(arguments, " ", 5)
    if len(words) < 3:
        return "USAGE: limit_interval_reset <backend> <realm> <resource>\n"
    call.switch.limits.of(words[0]).reset_interval(words[1], words[2])
    return OK


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
        return _no_session(words[0])
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
    words = split(arguments, " ", 5)
    if len(words) < 2:
        return "USAGE: uuid_limit_release <uuid> <backend> [realm] [resource]\n"
    session = call.switch.find(words[0])
    if session is None:
        return _no_session(words[0])
    call.switch.limits.of(words[1]).release(session.uuid, *words[2:4])
    return OK


def _no_session(uuid: str) -> str:
    return f"-ERR Cannot find session with uuid {uuid}\n"
