"""The machine under the switch: ``system file_exists getenv``."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from softswitch.commands.reply import OK
from softswitch.dialplan.arguments import is_true
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

SWITCH = "enable_system_api_commands"
"""The global variable that allows shell commands."""
_REFUSED = (
    f"-ERR shell commands are off; the global variable {SWITCH}=true in vars.xml allows them\n"
)


@command("system", syntax="<command>", module="mod_commands")
async def system(call: CommandCall, arguments: str) -> str:
    """Run a shell command and show what it prints; off unless allowed in vars.xml."""
    if not _allowed(call):
        return _REFUSED
    if not arguments.strip():
        return "-USAGE: <command>\n"
    process = await asyncio.create_subprocess_shell(
        arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return output.decode("utf-8", "replace")


@command("bg_system", syntax="<command>", module="mod_commands")
async def bg_system(call: CommandCall, arguments: str) -> str:
    """Run a shell command without waiting for its end; off unless allowed in vars.xml."""
    if not _allowed(call):
        return _REFUSED
    if not arguments.strip():
        return "-USAGE: <command>\n"

    async def run() -> None:
        process = await asyncio.create_subprocess_shell(
            arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        await process.wait()

    call.switch.own(call.switch.loop.create_task(run(), name=f"bg_system {arguments[:40]}"))
    return OK


@command("file_exists", syntax="<file>", module="mod_commands")
async def file_exists(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: is there such a file?"""
    path = arguments.strip()
    if not path or "\0" in path:
        return "false"
    found = await call.switch.loop.run_in_executor(None, Path(path).exists)
    return "true" if found else "false"


@command("getenv", syntax="<name>", module="mod_commands")
async def getenv(call: CommandCall, arguments: str) -> str:
    """Show a variable of the environment the switch was started in."""
    return os.environ.get(arguments.strip(), "")


def _allowed(call: CommandCall) -> bool:
    variables = call.switch.globals
    disabled = is_true(variables.get("disable_system_api_commands"))
    return is_true(variables.get(SWITCH)) and not disabled
