"""The end of the switch on request: ``shutdown`` and ``fsctl shutdown``."""

from __future__ import annotations

import logging
import os

from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

log = logging.getLogger(__name__)

_GROUP = "fsctl shutdown"
_WORDS = frozenset({"now", "elegant", "asap", "restart", "reincarnate"})
_SYNTAX = "[cancel|elegant|asap|now|restart]"


@command("shutdown", syntax=_SYNTAX, module="mod_commands")
async def shutdown(call: CommandCall, arguments: str) -> str:
    """Stop the switch: at once, or once all calls have ended (``elegant``, ``asap``).

    With ``restart`` it begins anew then, from the program as it is on disk.
    """
    return await shut_down(call, split(arguments, " ", 5))


async def shut_down(call: CommandCall, words: list[str]) -> str:
    """``elegant`` waits for the calls, ``asap`` refuses new ones meanwhile, ``cancel`` takes
    either back; ``now`` and nothing end all calls at once. ``restart`` may stand beside each."""
    switch = call.switch
    said = [word.lower() for word in words[:4]]
    if "cancel" in said:
        if switch.scheduler.cancel_group(_GROUP):
            switch.restart = False
            switch.admission.pause(False)
        return "+OK\n"
    if unknown := [word for word in said if word not in _WORDS]:
        return f"-ERR shutdown does not know {unknown[0]}\nUSAGE: shutdown {_SYNTAX}\n"
    switch.restart = "restart" in said or "reincarnate" in said
    how = next((word for word in reversed(said) if word in ("now", "elegant", "asap")), "now")
    switch.scheduler.cancel_group(_GROUP)
    if how == "now":
        switch.stop_requested.set()
        return "+OK\n"
    switch.publish("SHUTDOWN_REQUESTED", {"Event-Info": "ASAP" if how == "asap" else how})
    if how == "asap":
        switch.admission.pause(True)

    async def stop_when_idle() -> None:
        if not switch.sessions:
            switch.scheduler.cancel_group(_GROUP)
            switch.stop_requested.set()

    switch.scheduler.add(0, _GROUP, f"shutdown {how}", stop_when_idle, repeat_seconds=1)
    return "+OK\n"


async def shutdown_check(call: CommandCall, words: list[str]) -> str:
    """Whether a shutdown waits for calls, or has begun."""
    switch = call.switch
    asked = any(task.group == _GROUP for task in switch.scheduler)
    return "true" if asked or switch.stop_requested.is_set() else "false"


async def crash(call: CommandCall, words: list[str]) -> str:
    """Die of a fault at once, to try what then happens: ``crash.txt``, records of open calls."""
    log.critical("fsctl crash: the process ends here")
    os.abort()
