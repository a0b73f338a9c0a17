"""``cdr`` and ``cdr_csv``: how records are kept, and handing them over again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.cdr.recorder import Recorder
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.cdr.module import CdrCsv

MODULE: Loadable[CdrCsv] = Loadable("mod_cdr_csv")


@command("cdr_csv", syntax="rotate", module=MODULE.name)
async def cdr_csv(call: CommandCall, arguments: str) -> str:
    """Begin new CSV files."""
    if arguments.strip().lower() != "rotate":
        return "-USAGE: rotate\n"
    module = MODULE.running(call.switch)
    try:
        await module.rotate()
    except OSError as error:
        return f"-ERR {error}\n"
    return "+OK\n"


@command("cdr", syntax="status|replay [<name>]", module=MODULE.name)
async def cdr(call: CommandCall, arguments: str) -> str:
    """Tell how call records are kept, or hand those over again that the journals still have.

    What a file or a table has already is not written twice; a server is told the same uuid.
    """
    what, _, name = arguments.strip().partition(" ")
    recorders = [one for one in call.switch.reporters if isinstance(one, Recorder)]
    if name:
        recorders = [one for one in recorders if one.name == name.strip()]
    if not recorders:
        return f"-ERR no call records are kept{f' as {name}' if name else ''}\n"
    if what == "status":
        return "".join(_status(one) for one in recorders) + "+OK\n"
    if what == "replay":
        return "".join([await _replay(one) for one in recorders]) + "+OK\n"
    return "-USAGE: status|replay [<name>]\n"


def _status(recorder: Recorder) -> str:
    problem = f", {recorder.problem}" if recorder.problem else ""
    return f"{recorder.name}: {recorder.delivered} delivered, {recorder.waiting} waiting{problem}\n"


async def _replay(recorder: Recorder) -> str:
    try:
        return f"{recorder.name}: {await recorder.replay()} records again\n"
    except OSError as error:
        return f"{recorder.name}: its journal cannot be read: {error}\n"
