"""``python``: load the operator's own files anew, and show what they register."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from softswitch.modules.python.files import MODULE
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

if TYPE_CHECKING:
    from softswitch.modules.python.module import OperatorFiles

SYNTAX = "reload [<file>] | list"


@command("python", syntax=SYNTAX, module=MODULE)
async def python(call: CommandCall, arguments: str) -> str:
    """Load one file or all of the operator's folder anew, or list what they register.

    A file that fails leaves what it registered before, and is told with its line.
    """
    module = cast("OperatorFiles | None", call.switch.modules.running.get(MODULE))
    if module is None:
        return f"-ERR {MODULE} is not loaded\n"
    verb, _, name = arguments.strip().partition(" ")
    if verb == "reload":
        problems = await module.reload(name.strip())
        return "".join(f"-ERR {problem}\n" for problem in problems) or "+OK\n"
    if verb == "list" and not name:
        lines = ["file|kind|name\n"]
        for file, entries in sorted(module.loaded.items()):
            for where, entry in entries:
                lines.append(f"{file}|{where.kind}|{entry.name}\n")
        return "".join(lines)
    return f"-USAGE: {SYNTAX}\n"
