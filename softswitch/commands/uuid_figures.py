"""A call's media from outside: ``uuid_set_media_stats uuid_debug_media uuid_preprocess``."""

from __future__ import annotations

from softswitch.commands.reply import NO_SUCH_CHANNEL, OK, find_live, usage
from softswitch.dialplan.arguments import is_true, split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.media_trace import trace_media
from softswitch.switch.preprocess import preprocess


@command("uuid_set_media_stats", syntax="<uuid>", module="mod_commands")
async def uuid_set_media_stats(call: CommandCall, arguments: str) -> str:
    """Put the figures of a call's media so far into its variables ``rtp_audio_…``."""
    uuid = arguments.strip()
    if not uuid:
        return usage("uuid_set_media_stats")
    session = find_live(call, uuid)
    if session is None:
        return f"-ERR No such channel {uuid}!\n"
    session.leg.note_media()
    return "+OK:\n"


@command(
    "uuid_debug_media",
    syntax="<uuid> <read|write|both|vread|vwrite|vboth|all> <on|off>",
    module="mod_commands",
)
async def uuid_debug_media(call: CommandCall, arguments: str) -> str:
    """Log each packet of a call's sound, its video (``v…``) or all, or no more."""
    words = split(arguments, " ", 3)
    if len(words) < 3:
        return usage("uuid_debug_media")
    session = find_live(call, words[0])
    traced = session is not None and trace_media(session, words[1], is_true(words[2]))
    return "+OK Success\n" if traced else "-ERR Operation failed\n"


@command(
    "uuid_preprocess",
    syntax="<uuid> stop|<r|w>.<agc|noise_suppress>=<value>[,...]",
    module="mod_commands",
)
async def uuid_preprocess(call: CommandCall, arguments: str) -> str:
    """Raise soft voices and suppress noise in what a party says (r) or hears (w)."""
    words = split(arguments, " ", 2)
    if len(words) < 2:
        return usage("uuid_preprocess")
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    try:
        preprocess(session, words[1])
    except ValueError as error:
        return f"-ERR {error}\n"
    return OK
