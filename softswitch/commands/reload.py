"""Configuration and modules: ``reloadxml reloadacl load unload reload module_exists``."""

from __future__ import annotations

from softswitch.commands.reply import usage
from softswitch.config.errors import Severity
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

MOST_FINDINGS = 20
"""Errors that one answer lists."""


@command("reloadxml", syntax="", module="mod_commands")
async def reloadxml(call: CommandCall, arguments: str) -> str:
    """Read all configuration files anew; the running one stays where they have errors."""
    findings = await call.switch.reload()
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if not errors:
        return "+OK [Success]\n"
    lines = [f"-ERR [{errors[0]}]\n", *(f"{error}\n" for error in errors[1:MOST_FINDINGS])]
    if len(errors) > MOST_FINDINGS:
        lines.append(f"… and {len(errors) - MOST_FINDINGS} more\n")
    return "".join(lines)


@command("reloadacl", syntax="[reloadxml]", module="mod_commands")
async def reloadacl(call: CommandCall, arguments: str) -> str:
    """Read the access lists anew from the configuration files."""
    answer = await reloadxml(call, "")
    return "+OK acl reloaded\n" if answer.startswith("+OK") else answer


@command("load", syntax="<mod_name>", module="mod_commands")
async def load(call: CommandCall, arguments: str) -> str:
    """Start a module."""
    name = arguments.strip()
    if not name:
        return usage("load")
    answer = await reloadxml(call, "")
    note = "+OK Reloading XML\n" if answer.startswith("+OK") else answer
    if not call.switch.modules.known(name):
        return f"{note}-ERR [module load file routine returned an error]\n"
    problem = await call.switch.modules.load(name)
    return f"{note}+OK\n" if problem is None else f"{note}-ERR [{problem}]\n"


@command("unload", syntax="[-f] <mod_name>", module="mod_commands")
async def unload(call: CommandCall, arguments: str) -> str:
    """Stop a module."""
    words = [word for word in split(arguments, " ", 3) if word != "-f"]
    if not words:
        return usage("unload")
    if not call.switch.modules.exists(words[0]):
        return "-ERR [No such module!]\n"
    problem = await call.switch.modules.unload(words[0])
    return "+OK\n" if problem is None else f"-ERR [{problem}]\n"


@command("reload", syntax="[-f] <mod_name>", module="mod_commands")
async def reload(call: CommandCall, arguments: str) -> str:
    """Stop a module and start it with the configuration as it is now."""
    words = [word for word in split(arguments, " ", 3) if word != "-f"]
    if not words:
        return usage("reload")
    name = words[0]
    modules = call.switch.modules
    if modules.exists(name):
        problem = await modules.unload(name)
        first = "+OK module unloaded\n" if problem is None else f"-ERR unloading [{problem}]\n"
    else:
        first = "-ERR unloading module [No such module!]\n"
    second: str = await load(call, name)
    return first + second


@command("module_exists", syntax="<module>", module="mod_commands")
async def module_exists(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: is a module loaded?"""
    return "true" if call.switch.modules.exists(arguments.strip()) else "false"
