"""The commands ``fifo``, ``fifo_member``, ``fifo_add_outbound`` and ``fifo_check_bridge``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split, whole
from softswitch.modules.fifo.application import MODULE, queues_of
from softswitch.modules.fifo.queue import SLOTS, Member, Waiting
from softswitch.modules.fifo.report import count, report, status
from softswitch.modules.fifo.settings import read_settings
from softswitch.registry import command

if TYPE_CHECKING:
    from softswitch.switch.commands import CommandCall

SYNTAX = (
    "list|list_verbose|count|debug|status|has_outbound|importance [<fifo name>]|reparse [del_all]"
)
ADD_SYNTAX = "<node> <url> [<priority>]"
CHECK_SYNTAX = "<uuid>|<outbound_id>"
MEMBER_SYNTAX = (
    "[add <fifo_name> <originate_string> [<simo_count>] [<timeout>] [<lag>] [<expires>]"
    " [<taking_calls>] | del <fifo_name> <originate_string>]"
)


@command(
    "fifo",
    syntax=SYNTAX,
    module=MODULE.name,
)
async def fifo(call: CommandCall, arguments: str) -> str:
    """List queues, their callers, consumers and members; change what they are worth."""
    queues = queues_of(call.switch)
    words = split(arguments.strip(), " ", 5)
    verb, names = (words[0].lower() if words else ""), words[1:]
    if verb == "reparse":
        element = await call.switch.lookups.configuration("fifo.conf")
        queues.configure(read_settings(element)[0], drop_members=names == ["del_all"])
        return "+OK\n"
    chosen = [queue for queue in queues if not names or queue.name == names[0]]
    match verb:
        case "list" | "list_verbose":
            return report(queues, chosen, verbose=verb == "list_verbose")
        case "count":
            return "".join(map(count, chosen)) or "none\n"
        case "has_outbound":
            return "".join(f"{one.name}:{int(bool(one.members))}\n" for one in chosen) or "none\n"
        case "status":
            return status(queues)
        case "debug":
            if names:
                queues.debug = whole(names[0], 0)
            return f"debug {queues.debug}\n"
        case "importance" if names and chosen:
            if len(names) > 1:
                chosen[0].importance = whole(names[1], chosen[0].importance)
            return f"importance: {chosen[0].importance}\n"
        case "importance":
            return "no fifo by that name\n"
        case "":
            return f"{SYNTAX}\n"
        case _:
            return f"-ERR Usage: {SYNTAX}\n"


@command("fifo_member", syntax=MEMBER_SYNTAX, module=MODULE.name)
async def fifo_member(call: CommandCall, arguments: str) -> str:
    """Have a queue call somebody while callers wait, or no more."""
    queues = queues_of(call.switch)
    words = split(arguments.strip(), " ", 8)
    if not words:
        return f"-USAGE: {MEMBER_SYNTAX}\n"
    match words[0].lower(), words[1:]:
        case "add", [name, dial_string, *written]:
            simo, timeout, lag, expires, taking = _numbers(written)
            ends = call.switch.loop.time() + expires if expires else None
            queues.add_member(name, Member(dial_string, simo, timeout, lag, ends, max(taking, 1)))
            return "+OK\n"
        case "del", [name, dial_string, *_]:
            queues.remove_member(name, dial_string)
            return "+OK\n"
        case _:
            return "-ERR Invalid!\n"


def _numbers(written: list[str]) -> list[int]:
    """Calls at one time, ring timeout, rest, expiry and whether he takes calls; what is no number
    is taken for the default."""
    found = []
    for index, default in enumerate((1, 60, 5, 0, 1)):
        text = written[index] if index < len(written) else ""
        found.append(whole(text, default))
    return found


@command("fifo_add_outbound", syntax=ADD_SYNTAX, module=MODULE.name)
async def fifo_add_outbound(call: CommandCall, arguments: str) -> str:
    """Put somebody into a queue who is called when it is his turn."""
    queues = queues_of(call.switch)
    words = split(arguments.strip(), " ", 3)
    slot = min(whole(words[2], -1), SLOTS - 1) if len(words) > 2 else 0
    if len(words) < 2 or slot < 0:
        return "0"
    queue = queues.open(words[0])
    queue.waiting.append(Waiting(slot, call.switch.loop.time(), None, words[1]))
    queues.tell_change(queue)
    return str(sum(one.slot == slot for one in queue.waiting))


@command("fifo_check_bridge", syntax=CHECK_SYNTAX, module=MODULE.name)
async def fifo_check_bridge(call: CommandCall, arguments: str) -> str:
    """Tell whether a call, or a member that queues call, talks to somebody."""
    queues = queues_of(call.switch)
    return "true" if arguments.strip() in queues.talking() else "false"
