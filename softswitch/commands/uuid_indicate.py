"""What the console says to phones: ``uuid_display uuid_send_info uuid_send_message …``."""

from __future__ import annotations

from softswitch.commands.reply import NO_SUCH_CHANNEL, OK, find_live, usage
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


@command("uuid_display", syntax="<uuid> [<display>]", module="mod_commands")
async def uuid_display(call: CommandCall, arguments: str) -> str:
    """Tell a phone's display whom it talks to now: ``<name>|<number>``."""
    uuid, _, text = arguments.strip().partition(" ")
    if not uuid:
        return usage("uuid_display")
    name, _, number = text.partition("|")
    return _indicate(call, uuid, Display(name.strip(), (number or name).strip()))


@command(
    "uuid_send_info", syntax="<uuid> [<mime_type> <mime_subtype>] <message>", module="mod_commands"
)
async def uuid_send_info(call: CommandCall, arguments: str) -> str:
    """Send an INFO to a call's far end."""
    words = split(arguments, " ", 4)
    if len(words) < 2:
        return usage("uuid_send_info")
    if len(words) == 4:
        return _indicate(call, words[0], Information(words[3], f"{words[1]}/{words[2]}"))
    return _indicate(call, words[0], Information(arguments.strip().partition(" ")[2]))


@command("uuid_chat", syntax="<uuid> <text>", module="mod_commands")
async def uuid_chat(call: CommandCall, arguments: str) -> str:
    """Send a chat message to a call's far end."""
    uuid, _, text = arguments.strip().partition(" ")
    return _indicate(call, uuid, TextMessage(text)) if text else usage("uuid_chat")


@command("uuid_send_message", syntax="<uuid> <message>", module="mod_commands")
async def uuid_send_message(call: CommandCall, arguments: str) -> str:
    """Send a text to a call's far end (MESSAGE)."""
    uuid, _, text = arguments.strip().partition(" ")
    if not text:
        return usage("uuid_send_message")
    return _indicate(call, uuid, TextMessage(text))


@command("uuid_phone_event", syntax="<uuid> talk|hold", module="mod_commands")
async def uuid_phone_event(call: CommandCall, arguments: str) -> str:
    """Have a phone answer or hold, as if its user had pressed the key."""
    words = split(arguments, " ", 2)
    if len(words) != 2:
        return usage("uuid_phone_event")
    return _indicate(call, words[0], PhoneEvent(words[1].lower()))


@command("uuid_media_reneg", syntax="<uuid>[ <codec_string>]", module="mod_commands")
async def uuid_media_reneg(call: CommandCall, arguments: str) -> str:
    """Agree with a call's far end on its media anew (re-INVITE)."""
    words = split(arguments, " ", 2)
    if not words:
        return usage("uuid_media_reneg")
    return _indicate(call, words[0], NewCodecs(words[1].lstrip("=") if len(words) > 1 else ""))


@command("uuid_early_ok", syntax="<uuid>", module="mod_commands")
async def uuid_early_ok(call: CommandCall, arguments: str) -> str:
    """Let a leg's early media count, though ``ignore_early_media`` was asked for."""
    session = find_live(call, arguments.strip())
    if session is None:
        return usage("uuid_early_ok") if not arguments.strip() else NO_SUCH_CHANNEL
    session.early_ok = True
    session.tell("early_ok")
    return OK


def _indicate(call: CommandCall, uuid: str, what: Indication) -> str:
    session = find_live(call, uuid)
    if session is None:
        return NO_SUCH_CHANNEL
    try:
        session.leg.indicate(what)
    except CallFailed as failure:
        return f"-ERR {failure}\n"
    return OK
