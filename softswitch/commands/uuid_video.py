"""``uuid_video_refresh``: have a call's far end send a whole picture."""

from __future__ import annotations

from softswitch.commands.reply import FAILED_TOO, SUCCESS, find_live, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.video import request_picture


@command("uuid_video_refresh", syntax="<uuid> [auto|manual]", module="mod_commands")
async def uuid_video_refresh(call: CommandCall, arguments: str) -> str:
    """Ask the far end of a call for a whole picture, by RTCP and by INFO."""
    words = split(arguments, " ", 3)
    if not words:
        return usage("uuid_video_refresh") + FAILED_TOO
    session = find_live(call, words[0])
    if session is None:
        return FAILED_TOO
    return SUCCESS if request_picture(session) else "-ERR the call has no video\n"
