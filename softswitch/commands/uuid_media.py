"""``uuid_media``: let media of a bridged call go past the switch, or come back."""

from __future__ import annotations

from softswitch.commands.reply import FAILED, SUCCESS, find_live, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.causes import CallFailed
from softswitch.switch.commands import CommandCall
from softswitch.switch.direct_media import bring_back, send_around


@command("uuid_media", syntax="[off] <uuid>", module="mod_commands")
async def uuid_media(call: CommandCall, arguments: str) -> str:
    """Bring media of a call to the switch; ``off`` lets it go directly to the other far end."""
    words = split(arguments, " ", 3)
    if not words:
        return usage("uuid_media") + FAILED
    away = words[0].lower() == "off"
    session = find_live(call, words[away]) if len(words) > away else None
    if session is None:
        return FAILED
    try:
        if away:
            done = session.peer is not None and send_around(session, session.peer)
        else:
            done = bring_back(session)
    except CallFailed as failure:
        return f"-ERR {failure}\n"
    return SUCCESS if done else FAILED
