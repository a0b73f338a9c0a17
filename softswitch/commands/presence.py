"""The ``presence`` command: what watchers of a user are shown."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

SYNTAX = "[in|out] <user> <rpid> <message>"


@command("presence", syntax=SYNTAX, module="mod_dptools")
async def presence(call: CommandCall, arguments: str) -> str:
    """Tell watchers of a user its activity and a text: ``presence in 1000@example.com busy Lunch``.

    ``out`` says that the user is gone.
    """
    words = split(arguments, " ", 4)
    direction = words[0].lower() if words else ""
    if len(words) < {"in": 4, "out": 2}.get(direction, 5):
        return f"Invalid: presence {SYNTAX}"
    user, rpid, status = (*words[1:], "", "")[:3]
    headers = {
        "proto": "sip",
        "login": user,
        "from": user,
        "rpid": rpid,
        "status": status or ("offline" if direction == "out" else ""),
        "event_type": "presence",
        "alt_event_type": "dialog",
    }
    if direction == "out":
        call.switch.publish("PRESENCE_OUT", headers)
        headers["presence-open"] = "false"
    call.switch.publish("PRESENCE_IN", headers)
    return "Event Sent"
