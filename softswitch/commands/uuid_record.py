"""Recording calls from outside: ``uuid_record uuid_buglist``."""

from __future__ import annotations

from html import escape

from softswitch.commands.reply import CANNOT_LOCATE, NO_SUCH_CHANNEL, SUCCESS, find_live, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch import ivr, recording
from softswitch.switch.commands import CommandCall

_FAILED = {
    "start": "record session",
    "stop": "stop record session",
    "mask": "mask recording session",
    "unmask": "unmask recording session",
    "pause": "pause recording session",
    "resume": "resume recording session",
}
"""What may be done, and what is said to be impossible where it was not."""


@command(
    "uuid_record",
    syntax="<uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]",
    module="mod_commands",
)
async def uuid_record(call: CommandCall, arguments: str) -> str:
    """Record a call, whatever it does, or mask, pause, resume and end that; ``stop`` takes ``all``.

    Variables are ``name=value,…`` with URL-encoded values, for this recording alone.
    """
    words = split(arguments, " ", 5)
    if len(words) < 3:
        return usage("uuid_record")
    session = find_live(call, words[0])
    if session is None:
        return CANNOT_LOCATE
    action = words[1].lower()
    if action not in _FAILED:
        return usage("uuid_record")
    failed = f"-ERR Cannot {_FAILED[action]}!\n"
    path = words[2] if words[2].lower() == "all" else ivr.sound_path(session, words[2])
    if action == "start":
        limit = int(words[3]) if len(words) > 3 and words[3].isdigit() else 0
        variables = recording.parse_variables(words[4]) if len(words) > 4 else {}
        if session.leg.media is None:
            return failed
        return SUCCESS if await recording.start(session, path, limit, variables) else failed
    if action == "stop":
        return SUCCESS if await recording.stop(session, path) else failed
    return SUCCESS if recording.control(session, path, action) else failed


@command("uuid_buglist", syntax="<uuid>", module="mod_commands")
async def uuid_buglist(call: CommandCall, arguments: str) -> str:
    """What hangs on a call's media: recordings, listeners, added sounds, detectors."""
    if not arguments.strip():
        return usage("uuid_buglist")
    session = find_live(call, arguments.strip())
    if session is None:
        return NO_SUCH_CHANNEL
    lines = ["<media-bugs>"]
    for bug in session.bugs:
        lines += [
            " <media-bug>",
            f"  <function>{escape(bug.function)}</function>",
            f"  <target>{escape(bug.target)}</target>",
            "  <thread-locked>0</thread-locked>",
            " </media-bug>",
        ]
    return "\n".join([*lines, "</media-bugs>", ""])
