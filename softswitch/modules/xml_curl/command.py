"""``xml_curl``: keep answers for a person to read, and show how the servers do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.xml_curl.module import XmlCurl

MODULE: Loadable[XmlCurl] = Loadable("mod_xml_curl")
SYNTAX = "debug_on | debug_off | status"


@command("xml_curl", syntax=SYNTAX, module=MODULE.name)
async def xml_curl(call: CommandCall, arguments: str) -> str:
    """Keep each answer in a file of the data folder, or not any more; or list the servers."""
    module = MODULE.running(call.switch)
    documents = MODULE.part(call.switch, lambda module: module.documents)
    match arguments.strip().lower():
        case "debug_on":
            documents.folder = call.switch.folders.data / "xml_curl"
        case "debug_off":
            documents.folder = None
        case "status":
            return _status(module)
        case _:
            return f"-USAGE: {SYNTAX}\n"
    return "OK\n"


def _status(module: XmlCurl) -> str:
    lines = ["binding|sections|url|asked|failed|state\n"]
    for gateway in module.gateways:
        sections = ",".join(sorted(gateway.sections)) or "all"
        counts = f"{gateway.asked}|{gateway.failures}"
        state = gateway.problem.partition("\n")[0] or "up"
        lines.append(f"{gateway.name}|{sections}|{gateway.url}|{counts}|{state}\n")
    return "".join(lines)
