"""The ``chat`` command: a message to a phone."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.chat import ChatMessage
from softswitch.switch.commands import CommandCall


@command("chat", syntax="<proto>|<from>|<to>|<message>|[<content-type>]", module="mod_dptools")
async def chat(call: CommandCall, arguments: str) -> str:
    """Send a message, e.g. ``chat sip|1000@example.com|1001@example.com|Hello``."""
    words = split(arguments, "|", 5)
    if len(words) < 4:
        return "Invalid"
    protocol, origin, target, text = words[:4]
    headers = {
        "proto": protocol,
        "from": origin,
        "to": target,
        "type": words[4] if len(words) > 4 and words[4] else "text/plain",
    }
    sent = call.switch.chat.deliver(ChatMessage(headers, text))
    return "Sent" if sent else "Error! Message Not Sent"
