"""The ``console`` command: how much the terminal that the switch runs in is told."""

from __future__ import annotations

import logging

from softswitch.commands.reply import usage
from softswitch.dialplan.arguments import split
from softswitch.log import CONSOLE, LEVELS
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

SYNTAX = "loglevel [[0-7]|<level>]"
NAMES = ("console", "alert", "crit", "err", "warning", "notice", "info", "debug")
"""By their numbers."""


@command("console", syntax=SYNTAX, module="mod_console")
async def console(call: CommandCall, arguments: str) -> str:
    """Tell or set the level from which the terminal shows lines: ``console loglevel debug``.

    Files and other consoles keep theirs. Colours are chosen by ``colorize`` in console.conf.
    """
    words = split(arguments, " ", 3)
    if not words or words[0].lower() != "loglevel" or len(words) > 2:
        return usage("console")
    if len(words) > 1:
        name = NAMES[int(words[1])] if words[1] in _NUMBERS else words[1].lower()
        if name not in LEVELS:
            return "-ERR syntax error, console log level not set!\n"
        _set(LEVELS[name])
    level = _terminal().level
    told = next((name for name in reversed(NAMES) if LEVELS[name] >= level), NAMES[0])
    return f"+OK console log level set to {told.upper()}\n"


_NUMBERS = frozenset(map(str, range(len(NAMES))))


def _terminal() -> logging.Handler | logging.Logger:
    """What writes to the terminal; without one, the switch's logger."""
    handlers = logging.getLogger().handlers
    own = next((handler for handler in handlers if handler.get_name() == CONSOLE), None)
    return own or logging.getLogger("softswitch")


def _set(level: int) -> None:
    _terminal().setLevel(level)
    logger = logging.getLogger("softswitch")
    if logger.getEffectiveLevel() > level:
        logger.setLevel(level)
