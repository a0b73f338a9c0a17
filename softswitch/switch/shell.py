"""Shell commands: off unless the configuration allows them, and never in the way of calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

LONGEST_OUTPUT = 1_000_000
"""Bytes of a command's output that are kept."""


_FORBIDS = {"api": "disable_system_api_commands", "app": "disable_system_app_commands"}
"""FreeSWITCH's variables against commands of the console and of the dialplan."""


class ShellForbidden(Exception):
    """The configuration does not allow shell commands; the message says how it would."""


def check_allowed(switch: Switch, kind: str) -> None:
    """Raise `ShellForbidden` unless commands of that kind (``api`` or ``app``) are allowed.

    ``enable_system_<kind>_commands=true`` in vars.xml allows them, FreeSWITCH's own
    ``disable_system_<kind>_commands=true`` forbids them whatever else is set.
    """
    wanted = f"enable_system_{kind}_commands"
    disabled = is_true(switch.globals.get(_FORBIDS[kind]))
    if disabled or not is_true(switch.globals.get(wanted)):
        raise ShellForbidden(
            f"shell commands are off; the global variable {wanted}=true in vars.xml allows them"
        )


async def run(line: str) -> str:
    """Run a shell command to its end and return what it printed.

    A caller that is cancelled takes the command with it.
    """
    process = await asyncio.create_subprocess_shell(
        line,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return output[:LONGEST_OUTPUT].decode("utf-8", "replace")


def start(switch: Switch, line: str) -> None:
    """Run a shell command beside the calls; nobody waits for it."""

    async def run_unheard() -> None:
        await run(line)

    switch.own(switch.loop.create_task(run_unheard(), name=f"shell {line[:40]}"))
