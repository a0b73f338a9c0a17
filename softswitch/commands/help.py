"""What there is to say: ``help`` and ``alias``."""

from __future__ import annotations

from softswitch import registry
from softswitch.commands.reply import OK, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall


@command("help", syntax="[<command>]", module="mod_commands")
async def help_(call: CommandCall, arguments: str) -> str:
    """List all commands, or explain one of them or an application."""
    name = arguments.strip()
    if name:
        entry = registry.command.find(name) or registry.application.find(name)
        if entry is None:
            return "-ERR No such command\n"
        return f"{entry.name} {entry.syntax}\n\n{entry.plain_help}\n"
    lines = [
        f"{entry.name},{entry.syntax},{entry.summary},{entry.module}\n"
        for entry in registry.command
    ]
    return "\nValid Commands:\n\n" + "".join(lines)


@command("alias", syntax="[add|stickyadd] <alias> <command> | del [<alias>|*]",
         module="mod_commands")  # fmt: skip
async def alias(call: CommandCall, arguments: str) -> str:
    """Give a command line a short name of its own, or take it back."""
    words = split(arguments, " ", 3)
    aliases = call.switch.aliases
    verb = words[0].lower() if words else ""
    if len(words) == 3 and verb in ("add", "stickyadd"):
        if words[1] in registry.command:
            return "-ERR an alias may not hide a command\n"
        aliases[words[1]] = words[2]
        return OK
    if len(words) == 2 and verb == "del":
        if words[1] == "*":
            aliases.clear()
        else:
            aliases.pop(words[1], None)
        return OK
    return usage("alias")
