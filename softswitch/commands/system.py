"""The machine under the switch: ``system bg_system spawn file_exists getenv getcputime``."""

from __future__ import annotations

import os

from softswitch.commands.reply import OK, usage
from softswitch.registry import command
from softswitch.switch import shell
from softswitch.switch.commands import CommandCall


@command("system", "spawn_stream", syntax="<command>", module="mod_commands")
async def system(call: CommandCall, arguments: str) -> str:
    """Run a shell command and show what it prints; off unless allowed in vars.xml."""
    if refusal := _refusal(call):
        return refusal
    return await shell.run(arguments) if arguments.strip() else usage("system")


@command("bg_system", "bg_spawn", syntax="<command>", module="mod_commands")
async def bg_system(call: CommandCall, arguments: str) -> str:
    """Run a shell command without waiting for its end; off unless allowed in vars.xml."""
    if refusal := _refusal(call):
        return refusal
    if not arguments.strip():
        return usage("bg_system")
    shell.start(call.switch, arguments)
    return OK


@command("spawn", syntax="<command>", module="mod_commands")
async def spawn(call: CommandCall, arguments: str) -> str:
    """Run a shell command to its end without showing what it prints; off unless allowed."""
    if refusal := _refusal(call):
        return refusal
    if not arguments.strip():
        return usage("spawn")
    await shell.run(arguments)
    return OK


def _refusal(call: CommandCall) -> str:
    """Why no shell command may run; empty where one may."""
    try:
        shell.check_allowed(call.switch, "api")
    except shell.ShellForbidden as forbidden:
        return f"-ERR {forbidden}\n"
    return ""


_counted_ms = [0, 0]
"""What ``getcputime reset`` told last, of the switch and of the kernel."""


@command("getcputime", syntax="[reset]", module="mod_commands")
async def getcputime(call: CommandCall, arguments: str) -> str:
    """Show the milliseconds of CPU time that the switch used, of its own and of the kernel's.

    With ``reset`` the next ones are counted from now on.
    """
    times = os.times()
    used = [round(times.user * 1000), round(times.system * 1000)]
    own, kernel = (now - before for now, before in zip(used, _counted_ms, strict=True))
    if arguments.startswith("reset"):
        _counted_ms[:] = used
    return f"{own}, {kernel}"


@command("file_exists", syntax="<file>", module="mod_commands")
async def file_exists(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: is there such a file?"""
    path = arguments.strip()
    if not path or "\0" in path:
        return "false"
    found = await call.switch.loop.run_in_executor(None, os.path.exists, path)
    return "true" if found else "false"


@command("getenv", syntax="<name>", module="mod_commands")
async def getenv(call: CommandCall, arguments: str) -> str:
    """Show a variable of the environment the switch was started in."""
    return os.environ.get(arguments.strip(), "_undef_")
