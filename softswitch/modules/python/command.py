"""``python``: load the operator's own files anew, and show what they register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.python.files import MODULE as NAME
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.python.module import OperatorFiles

MODULE: Loadable[OperatorFiles] = Loadable(NAME)
SYNTAX = "reload [<file>] | list"


@command("python", syntax=SYNTAX, module=NAME)
async def python(call: CommandCall, arguments: str) -> str:
    """Load one file or all of the operator's folder anew, or list what they register.

    A file that fails leaves what it registered before, and is told with its line.
    """
    module = MODULE.running(call.switch)
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
