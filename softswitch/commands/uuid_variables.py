"""What a call knows: ``uuid_getvar uuid_setvar uuid_setvar_multi uuid_dump uuid_exists``."""

from __future__ import annotations

from softswitch.commands.reply import NO_SUCH_CHANNEL, OK, usage
from softswitch.dialplan.arguments import split
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
    """Show a variable of a call; ``_undef_`` where it is not set."""
    words = split(arguments, " ", 4)
    if len(words) < 2:
        return usage("uuid_getvar")
    session = call.switch.find(words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    return session.get(words[1]) or "_undef_"


@command("uuid_setvar", syntax="<uuid> <var> [value]", module="mod_commands")
async def uuid_setvar(call: CommandCall, arguments: str) -> str:
    """Set a variable of a call; without a value, remove it."""
    words = arguments.strip().split(" ", 2)
    if len(words) < 2 or not words[1]:
        return usage("uuid_setvar")
    session = call.switch.find(words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    session.set(words[1], words[2] if len(words) > 2 else "")
    return OK


@command("uuid_setvar_multi", syntax="<uuid> <var>=<value>;<var>=<value>...", module="mod_commands")
async def uuid_setvar_multi(call: CommandCall, arguments: str) -> str:
    """Set several variables of a call."""
    uuid, _, pairs = arguments.strip().partition(" ")
    items = split(pairs, ";")
    if not items:
        return usage("uuid_setvar_multi")
    session = call.switch.find(uuid)
    if session is None:
        return NO_SUCH_CHANNEL
    for item in items:
        name, _, value = item.partition("=")
        if not name.strip():
            return "-ERR No variable specified\n"
        session.set(name.strip(), value)
    return OK


@command("uuid_dump", syntax="<uuid> [format]", module="mod_commands")
async def uuid_dump(call: CommandCall, arguments: str) -> str:
    """Show everything known about a call, as ``txt`` (default), ``json`` or ``xml``."""
    words = split(arguments, " ", 2)
    if not words:
        return usage("uuid_dump")
    session = call.switch.find(words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    form = words[1].lower() if len(words) > 1 else "txt"
    writers = {
        "txt": event_text.plain,
        "plain": event_text.plain,
        "json": event_text.json,
        "xml": event_text.xml,
    }
    if form not in writers:
        return usage("uuid_dump")
    event = Event("CHANNEL_DATA", session.channel.event_headers(variables=True))
    call.switch.stamp(event)
    return writers[form](event)


@command("uuid_loglevel", syntax="<uuid> <level>", module="mod_commands")
async def uuid_loglevel(call: CommandCall, arguments: str) -> str:
    """Set the least level that one call's log lines must have."""
    words = split(arguments, " ", 2)
    if len(words) != 2:
        return usage("uuid_loglevel")
    session = call.switch.find(words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    if not session.log.set_level(words[1]):
        return "-ERR Invalid log level!\n"
    return OK
