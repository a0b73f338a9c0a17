"""Commands in the background, and wrapped: ``bgapi`` and ``xml_wrap``."""

from __future__ import annotations

from xml.sax.saxutils import escape

from softswitch.registry import command
from softswitch.switch.background import run_in_background
from softswitch.switch.commands import CommandCall
from softswitch.switch.event_text import url_encode


@command("bgapi", syntax="[uuid:<job uuid> ]<command> [<arg>]", module="mod_commands")
async def bgapi(call: CommandCall, arguments: str) -> str:
    """Run a command without waiting; its answer comes as a BACKGROUND_JOB event.

    ``uuid:`` in front names the job.
    """
    job, line = "", arguments.strip()
    if line[:5].lower() == "uuid:":
        job, _, line = line[5:].partition(" ")
    if not line:
        return "-ERR Invalid syntax\n"
    owner = call.session.uuid if call.session is not None else ""
    return f"+OK Job-UUID: {run_in_background(call.switch, line, job=job, owner=owner)}\n"


@command("xml_wrap", syntax="<command> <args>", module="mod_commands")
async def xml_wrap(call: CommandCall, arguments: str) -> str:
    """Run a command and put its answer into XML; ``encoded`` in front percent-encodes it."""
    encoded = arguments[:8].lower() == "encoded "
    line = arguments[8:] if encoded else arguments
    answer = await call.switch.run_command(line, session=call.session, source=call.source)
    answer = url_encode(answer) if encoded else escape(answer)
    row = f'  <row id="1">\n    <data>{answer}</data>\n  </row>\n'
    return f"<result>\n{row}</result>\n"
