"""Who is parked where: ``valet_info``."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from softswitch.registry import command
from softswitch.switch.commands import CommandCall


@command("valet_info", syntax="[<lot name>]", module="mod_valet_parking")
async def valet_info(call: CommandCall, arguments: str) -> str:
    """Show parking lots and the calls in them as XML."""
    wanted = arguments.strip()
    lines = ["<lots>\n"]
    for lot, calls in call.switch.parking.lots():
        if wanted and lot.lower() != wanted.lower():
            continue
        lines.append(f"  <lot name={quoteattr(lot)}>\n")
        for number, session in calls:
            lines.append(
                f"    <extension uuid={quoteattr(session.uuid)}>{escape(number)}</extension>\n"
            )
        lines.append("  </lot>\n")
    lines.append("</lots>\n")
    return "".join(lines)
