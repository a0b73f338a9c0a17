"""Global variables: ``global_getvar`` and ``global_setvar``."""

from __future__ import annotations

from softswitch.commands.reply import usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.global_variables import set_global


@command("global_getvar", syntax="[<var>]", module="mod_commands")
async def global_getvar(call: CommandCall, arguments: str) -> str:
    """Show a global variable, or all of them."""
    name = arguments.strip()
    variables = call.switch.globals
    if name:
        return variables.get(name, "")
    return "".join(f"{key}={value}\n" for key, value in sorted(variables.items()))


@command("global_setvar", syntax="<var>=<value> [=<value2>]", module="mod_commands")
async def global_setvar(call: CommandCall, arguments: str) -> str:
    """Set a global variable; with ``=<old>`` only if it has that value now."""
    words = split(arguments, "=", 3)
    if not words or not words[0]:
        return usage("global_setvar")
    name, value, old = (*words, "", "")[:3]
    if old and call.switch.globals.get(name, "") != old:
        return "-ERR\n"
    set_global(call.switch, name, value)
    return "+OK"
