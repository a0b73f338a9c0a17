"""Commands that run later: ``sched_api sched_hangup sched_transfer sched_broadcast sched_del``."""

from __future__ import annotations

import re

from softswitch.commands.reply import NO_SUCH_CHANNEL, OK, find_live, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.broadcast import LEGS
from softswitch.switch.causes import HangupCause
from softswitch.switch.commands import CommandCall
from softswitch.switch.timed_actions import (
    schedule_broadcast,
    schedule_hangup,
    schedule_transfer,
)

_API_SYNTAX = "[+@]<time> <group_name> <command_string>[&]"


@command("sched_api", syntax=_API_SYNTAX, module="mod_commands")
async def sched_api(call: CommandCall, arguments: str) -> str:
    """Run a command later: ``+`` seconds from now, ``@`` again and again, else at an epoch."""
    switch = call.switch
    words = arguments.split(" ", 2)
    try:
        delay = switch.scheduler.delay_until(words[0])
    except ValueError:
        words = []
    if len(words) < 3 or (words[0].startswith("@") and delay < 1):
        return f"-ERR Invalid syntax. USAGE: {_API_SYNTAX}\n"
    line = words[2].strip().removesuffix("&").rstrip()

    async def work() -> None:
        await switch.run_command(line, source="schedule")

    repeat = delay if words[0].startswith("@") else 0
    group = "" if words[1] == "none" else words[1]
    number = switch.scheduler.add(delay, group, line, work, repeat_seconds=repeat)
    return f"+OK Added: {number}\n"


@command("sched_del", syntax="<task_id>|<group_id>", module="mod_commands")
async def sched_del(call: CommandCall, arguments: str) -> str:
    """Take back a scheduled task, or all of a group."""
    wanted = arguments.strip()
    if wanted.isdigit():
        count = int(call.switch.scheduler.cancel(int(wanted)))
    else:
        count = call.switch.scheduler.cancel_group(wanted)
    return f"+OK Deleted: {count}\n"


@command("unsched_api", syntax="<task_id>", module="mod_commands")
async def unsched_api(call: CommandCall, arguments: str) -> str:
    """Take back one scheduled command."""
    found = re.match(r"\d{1,9}", arguments)
    if found is None or not int(found[0]):
        return ""
    return OK if call.switch.scheduler.cancel(int(found[0])) else "-ERR No such id\n"


@command("sched_hangup", syntax="[+]<time> <uuid> [<cause>]", module="mod_commands")
async def sched_hangup(call: CommandCall, arguments: str) -> str:
    """Hang up a call later."""
    words = split(arguments, " ", 4)
    if not words:
        return usage("sched_hangup")
    session = find_live(call, words[1]) if len(words) > 1 else None
    if session is None:
        return NO_SUCH_CHANNEL
    try:
        delay = call.switch.scheduler.delay_until(words[0])
    except ValueError:
        return usage("sched_hangup")
    cause = HangupCause.parse(words[2]) if len(words) > 2 else HangupCause.ALLOTTED_TIMEOUT
    schedule_hangup(session, delay, cause)
    return OK


@command("sched_transfer", syntax="[+]<time> <uuid> <extension> [<dialplan>] [<context>]",
         module="mod_commands")  # fmt: skip
async def sched_transfer(call: CommandCall, arguments: str) -> str:
    """Route a call anew later."""
    words = split(arguments, " ", 6)
    if not 2 <= len(words) <= 5:
        return usage("sched_transfer")
    session = find_live(call, words[1])
    if session is None:
        return NO_SUCH_CHANNEL
    if len(words) < 3:
        return usage("sched_transfer")
    try:
        delay = call.switch.scheduler.delay_until(words[0])
    except ValueError:
        return usage("sched_transfer")
    schedule_transfer(
        session,
        delay,
        words[2],
        words[3] if len(words) > 3 else None,
        words[4] if len(words) > 4 else None,
    )
    return OK


@command(
    "sched_broadcast", syntax="[[+]<time>|@time] <uuid> <path> [aleg|bleg|both]",
    module="mod_commands",
)  # fmt: skip
async def sched_broadcast(call: CommandCall, arguments: str) -> str:
    """Play to a call later."""
    words = split(arguments, " ", 4)
    leg = words[3].lower() if len(words) > 3 else "aleg"
    if len(words) < 3 or leg not in LEGS:
        return usage("sched_broadcast")
    session = find_live(call, words[1])
    if session is None:
        return NO_SUCH_CHANNEL
    try:
        delay = call.switch.scheduler.delay_until(words[0])
    except ValueError:
        return usage("sched_broadcast")
    schedule_broadcast(session, delay, words[2], leg)
    return "+OK Message scheduled\n"
