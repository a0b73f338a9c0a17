"""The ``log`` command."""

from __future__ import annotations

import logging

from softswitch.commands.reply import OK
from softswitch.log import LEVELS
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

_logger = logging.getLogger("softswitch.console")


@command("log", syntax="<level> <message>", module="mod_commands")
async def log(call: CommandCall, arguments: str) -> str:
    """Write a line to the log; without a level, or one that does not exist, as debug."""
    level, blank, text = arguments.partition(" ")
    if not blank:
        level, text = "debug", arguments
    _logger.log(LEVELS.get(level.lower(), logging.DEBUG), "%s", text)
    return OK
