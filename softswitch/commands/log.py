"""The ``log`` command."""

from __future__ import annotations

import logging

from softswitch.commands.reply import OK, usage
from softswitch.log import LEVELS
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

_logger = logging.getLogger("softswitch.console")


@command("log", syntax="<level> <message>", module="mod_commands")
async def log(call: CommandCall, arguments: str) -> str:
    """Write a line to the log."""
    level, _, text = arguments.partition(" ")
    if level.lower() not in LEVELS or not text.strip():
        return usage("log")
    _logger.log(LEVELS[level.lower()], "%s", text)
    return OK
