"""What a call knows: ``uuid_getvar uuid_setvar uuid_setvar_multi uuid_dump uuid_exists``."""

from __future__ import annotations

import re

from softswitch.commands.console import NAMES
from softswitch.commands.reply import NO_SUCH_CHANNEL, OK, no_such, usage
from softswitch.dialplan import arrays
from softswitch.dialplan.arguments import split
from softswitch.log import LEVELS
from softswitch.registry import command
from softswitch.switch import event_text
from softswitch.switch.commands import CommandCall
from softswitch.switch.events import Event


@command("uuid_exists", syntax="<uuid>", module="mod_commands")
async def uuid_exists(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: is there such a call?"""
    return "true" if call.switch.find(arguments.strip()) is not None else "false"


@command("uuid_getvar", syntax="<uuid> <var>", module="mod_commands")
async def uuid_getvar(call: CommandCall, arguments: str) -> str:
    """Show a variable of a call, or ``name[index]`` of an array; ``_undef_`` if it is not set."""
    words = split(arguments, " ", 4)
    if len(words) < 2:
        return usage("uuid_getvar")
    session = call.switch.find(words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    if not words[1]:
        return "-ERR No variable name specified!\n"
    name, _, index = words[1].partition("[")
    found = re.match(r"(\d{0,9}).*\]", index)
    value = arrays.element(session.get(name) or "", int(found[1] or 0)) if found else None
    return value or session.get(words[1]) or "_undef_"


@command("uuid_setvar", syntax="<uuid> <var> [value]", module="mod_commands")
async def uuid_setvar(call: CommandCall, arguments: str) -> str:
    """Set a variable of a call; without a value, remove it."""
    words = split(arguments, " ", 3)
    if len(words) < 2:
        return usage("uuid_setvar")
    session = call.switch.find(words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    if not words[1]:
        return "-ERR No variable specified\n"
    session.set(words[1], words[2] if len(words) > 2 else "")
    return OK


@command("uuid_setvar_multi", syntax="<uuid> <var>=<value>;<var>=<value>...", module="mod_commands")
async def uuid_setvar_multi(call: CommandCall, arguments: str) -> str:
    """Set several variables of a call."""
    uuid, _, pairs = arguments.partition(" ")
    items = split(pairs, ";", 64)
    if not items:
        return usage("uuid_setvar_multi")
    session = call.switch.find(uuid)
    if session is None:
        return NO_SUCH_CHANNEL + usage("uuid_setvar_multi")
    answer, done = "", False
    for item in items:
        name, _, value = item.partition("=")
        if name:
            session.set(name, value)
            done = True
        else:
            answer += "-ERR No variable specified\n"
    return answer + (OK if done else usage("uuid_setvar_multi"))


@command("uuid_dump", syntax="<uuid> [format]", module="mod_commands")
async def uuid_dump(call: CommandCall, arguments: str) -> str:
    """Show everything known about a call: ``txt`` (default), ``plain``, ``json`` or ``xml``.

    Values of ``plain`` are not percent-encoded, those of ``txt`` are.
    """
    words = split(arguments, " ", 2)
    if not words:
        return usage("uuid_dump")
    session = call.switch.find(words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    writers = {"plain": event_text.unencoded, "json": event_text.json, "xml": event_text.xml}
    write = writers.get(words[1].lower() if len(words) > 1 else "txt", event_text.plain)
    event = Event("CHANNEL_DATA", session.channel.event_headers(variables=True))
    call.switch.stamp(event)
    return write(event)


@command("uuid_loglevel", syntax="<uuid> <level>", module="mod_commands")
async def uuid_loglevel(call: CommandCall, arguments: str) -> str:
    """Set the least level that one call's log lines must have, with ``-b`` its partner's too."""
    uuid, _, level = arguments.partition(" ")
    both = level.lower().startswith("-b")
    if both:
        level = level.partition(" ")[2]
    if not uuid or not level:
        return usage("uuid_loglevel")
    if level.isdigit() and int(level) < len(NAMES):
        level = NAMES[int(level)]
    if level.lower() not in LEVELS:
        return "-ERR Invalid log level!\n"
    session = call.switch.find(uuid)
    if session is None:
        return no_such(uuid)
    session.log.set_level(level)
    if both and session.peer is not None:
        session.peer.log.set_level(level)
    return OK
