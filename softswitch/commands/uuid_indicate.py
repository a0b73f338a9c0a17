"""What the console says to phones: ``uuid_display uuid_send_info uuid_send_message …``."""

from __future__ import annotations

from softswitch.commands.reply import (
    FAILED,
    FAILED_TOO,
    OK,
    SUCCESS,
    find_live,
    no_such,
    usage,
)
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.causes import CallFailed
from softswitch.switch.commands import CommandCall
from softswitch.switch.indications import (
    Display,
    Indication,
    Information,
    NewCodecs,
    PhoneEvent,
    TextMessage,
)


@command("uuid_display", syntax="<uuid> <display>", module="mod_commands")
async def uuid_display(call: CommandCall, arguments: str) -> str:
    """Tell a phone's display whom it talks to now: ``<name>|<number>``."""
    words = split(arguments, " ", 2)
    if len(words) < 2 or not words[0] or not words[1]:
        return usage("uuid_display")
    name, _, number = words[1].partition("|")
    return _indicate(call, words[0], Display(name.strip(), (number or name).strip()))


@command(
    "uuid_send_info", syntax="<uuid> [<mime_type> <mime_subtype>] <message>", module="mod_commands"
)
async def uuid_send_info(call: CommandCall, arguments: str) -> str:
    """Send an INFO to a call's far end."""
    words = split(arguments, " ", 4)
    if len(words) in (0, 3):
        return usage("uuid_send_info") + FAILED_TOO
    if len(words) == 4:
        what = Information(words[3], f"{words[1]}/{words[2]}")
    else:
        what = Information(words[1] if len(words) > 1 else "")
    return _indicate(call, words[0], what, FAILED_TOO)


@command("uuid_chat", syntax="<uuid> <text>", module="mod_commands")
async def uuid_chat(call: CommandCall, arguments: str) -> str:
    """Send a chat message to a call's far end."""
    uuid, _, text = arguments.partition(" ")
    if not uuid or not text:
        return usage("uuid_chat")
    if find_live(call, uuid) is None:
        return no_such(uuid)
    answer = _indicate(call, uuid, TextMessage(text), "-ERR Send failed\n")
    return OK if answer == SUCCESS else answer


@command("uuid_send_message", syntax="<uuid> <message>", module="mod_commands")
async def uuid_send_message(call: CommandCall, arguments: str) -> str:
    """Send a text to a call's far end (MESSAGE)."""
    words = split(arguments, " ", 2)
    if len(words) < 2:
        return usage("uuid_send_message")
    if find_live(call, words[0]) is None:
        return "-ERR Unable to find session for UUID\n"
    return _indicate(call, words[0], TextMessage(words[1]), FAILED_TOO)


@command("uuid_phone_event", syntax="<uuid>", module="mod_commands")
async def uuid_phone_event(call: CommandCall, arguments: str) -> str:
    """Have a phone answer or hold, as if its user had pressed the key: ``<uuid> talk|hold``.

    Without a word it is ``talk``.
    """
    words = split(arguments, " ", 2)
    if not words:
        return usage("uuid_phone_event") + FAILED
    return _indicate(call, words[0], PhoneEvent(words[1].lower() if len(words) > 1 else "talk"))


@command("uuid_media_reneg", syntax="<uuid>[ <codec_string>]", module="mod_commands")
async def uuid_media_reneg(call: CommandCall, arguments: str) -> str:
    """Agree with a call's far end on its media anew (re-INVITE)."""
    words = split(arguments, " ", 2)
    if not words:
        return usage("uuid_media_reneg") + FAILED_TOO
    codecs = words[1].lstrip("=") if len(words) > 1 else ""
    return _indicate(call, words[0].removeprefix("+"), NewCodecs(codecs), FAILED_TOO)


@command("uuid_early_ok", syntax="<uuid>", module="mod_commands")
async def uuid_early_ok(call: CommandCall, arguments: str) -> str:
    """Let a leg's early media count, though ``ignore_early_media`` was asked for."""
    session = find_live(call, arguments.strip())
    if session is None:
        return "-ERROR\n"
    session.early_ok = True
    session.tell("early_ok")
    return OK


def _indicate(call: CommandCall, uuid: str, what: Indication, failed: str = FAILED) -> str:
    session = find_live(call, uuid)
    if session is None:
        return failed
    try:
        session.leg.indicate(what)
    except CallFailed as failure:
        return f"-ERR {failure}\n"
    return SUCCESS
