"""Configuration and modules: ``reloadxml reloadacl load unload reload module_exists``."""

from __future__ import annotations

from softswitch.commands.reply import usage
from softswitch.config.errors import Severity
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
    note = ""
    if arguments.lower() == "reloadxml":
        note = "This option is deprecated, we now always reloadxml.\n"
    answer = await reloadxml(call, "")
    return note + ("+OK acl reloaded\n" if answer.startswith("+OK") else answer)


@command("load", syntax="<mod_name>", module="mod_commands")
async def load(call: CommandCall, arguments: str) -> str:
    """Start a module."""
    if not arguments:
        return usage("load")
    note = await _read_anew(call)
    problem = await _start(call, arguments)
    return f"{note}+OK\n" if problem is None else f"{note}-ERR [{problem}]\n"


@command("unload", syntax="[-f] <mod_name>", module="mod_commands")
async def unload(call: CommandCall, arguments: str) -> str:
    """Stop a module."""
    name = _without_options(arguments)
    if not name:
        return usage("unload")
    problem = await _stop(call, name)
    return "+OK\n" if problem is None else f"-ERR [{problem}]\n"


@command("reload", syntax="[-f] <mod_name>", module="mod_commands")
async def reload(call: CommandCall, arguments: str) -> str:
    """Stop a module and start it with the configuration as it is now."""
    name = _without_options(arguments)
    if not name:
        return usage("reload")
    lines = [await _read_anew(call)]
    problem = await _stop(call, name)
    lines.append(
        "+OK module unloaded\n" if problem is None else f"-ERR unloading module [{problem}]\n"
    )
    problem = await _start(call, name)
    lines.append("+OK module loaded\n" if problem is None else f"-ERR loading module [{problem}]\n")
    return "".join(lines)


async def _read_anew(call: CommandCall) -> str:
    answer: str = await reloadxml(call, "")
    return "+OK Reloading XML\n" if answer.startswith("+OK") else answer


async def _start(call: CommandCall, name: str) -> str | None:
    if not call.switch.modules.known(name):
        return "module load file routine returned an error"
    if call.switch.modules.exists(name):
        return "Module already loaded"
    problem: str | None = await call.switch.modules.load(name)
    return problem


async def _stop(call: CommandCall, name: str) -> str | None:
    if not call.switch.modules.exists(name):
        return "No such module!"
    problem: str | None = await call.switch.modules.unload(name)
    return problem


def _without_options(arguments: str) -> str:
    """The name of a module behind ``-f``."""
    return arguments.partition(" ")[2].strip() if arguments.startswith("-") else arguments


@command("module_exists", syntax="<module>", module="mod_commands")
async def module_exists(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: is a module loaded?"""
    if not arguments:
        return ""
    return "true" if call.switch.modules.exists(arguments.strip()) else "false"
