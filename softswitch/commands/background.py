"""Commands in the background, and wrapped: ``bgapi`` and ``xml_wrap``."""

from __future__ import annotations

from xml.sax.saxutils import escape

from softswitch.commands.reply import usage
from softswitch.registry import command
from softswitch.switch.background import run_in_background
from softswitch.switch.commands import CommandCall


@command("bgapi", syntax="<command> [<arg>]", module="mod_commands")
async def bgapi(call: CommandCall, arguments: str) -> str:
    """Run a command without waiting; its answer comes as a BACKGROUND_JOB event."""
    if not arguments.strip():
        return usage("bgapi")
    owner = call.session.uuid if call.session is not None else ""
    return f"+OK Job-UUID: {run_in_background(call.switch, arguments.strip(), owner=owner)}\n"


@command("xml_wrap", syntax="<command> <args>", module="mod_commands")
async def xml_wrap(call: CommandCall, arguments: str) -> str:
    """Run a command and put its answer into XML."""
    if not arguments.strip():
        return usage("xml_wrap")
    answer = await call.switch.run_command(
        arguments.strip(), session=call.session, source=call.source
    )
    return f"<result>\n  <data>{escape(answer)}</data>\n</result>\n"
