"""The ``presence`` command: what watchers of a user are shown."""

from __future__ import annotations

from softswitch.commands.reply import OK, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall


@command("presence", syntax="[in|out] <user> <rpid> <message>", module="mod_commands")
async def presence(call: CommandCall, arguments: str) -> str:
    """Tell watchers of a user its activity and a text: ``presence in 1000@example.com busy Lunch``.

    ``out`` says that the user is gone.
    """
    words = split(arguments, " ", 4)
    if len(words) < 3 or words[0] not in ("in", "out") or (words[0] == "in" and len(words) < 4):
        return usage("presence")
    direction, user, rpid = words[:3]
    status = words[3] if len(words) > 3 else ""
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
    return OK
