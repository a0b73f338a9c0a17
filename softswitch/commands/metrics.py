"""``metrics``: the figures of the switch, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict

from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.measures import measures


@command("metrics", syntax="[<beginning of names>]", module="mod_commands")
async def metrics(call: CommandCall, arguments: str) -> str:
    """Tell all figures of the switch, or those whose names begin so, as JSON."""
    wanted = arguments.strip()
    found = [asdict(one) for one in measures(call.switch) if one.name.startswith(wanted)]
    return json.dumps(found) + "\n"
