"""The applications of a chat plan: ``reply send set unset stop fire info``."""

from __future__ import annotations

import logging

from softswitch.dialplan.expansion import disarm
from softswitch.registry import chat_application
from softswitch.switch.chat import ChatMessage
from softswitch.switch.events import Event
from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)


@chat_application("reply", syntax="<text>", module="mod_sms")
async def reply(switch: Switch, message: ChatMessage, data: str) -> None:
    """Answer whoever sent the message."""
    switch.chat.deliver(message.answer(data))


@chat_application("send", syntax="[<proto>]", module="mod_sms")
async def send(switch: Switch, message: ChatMessage, data: str) -> None:
    """Send the message on as it is now, by a protocol if one is named."""
    if data.strip():
        message.set("to_proto", data.strip())
    switch.chat.deliver(message)


@chat_application("set", syntax="<name>=<value>", module="mod_sms")
async def set_(switch: Switch, message: ChatMessage, data: str) -> None:
    """Set a header of the message; ``_body`` is its text."""
    name, equals, value = data.partition("=")
    if not equals:
        log.error("set: <name>=<value> wanted, not %r", data)
    elif name.strip().lower() in ("body", "_body"):
        message.body = value
    else:
        message.set(name.strip(), disarm(value))


@chat_application("unset", syntax="<name>", module="mod_sms")
async def unset(switch: Switch, message: ChatMessage, data: str) -> None:
    """Remove a header of the message."""
    message.set(data.strip(), "")


@chat_application("stop", syntax="", module="mod_sms")
async def stop(switch: Switch, message: ChatMessage, data: str) -> None:
    """Let the message go no further: it is not delivered."""
    message.stopped = True


@chat_application("fire", syntax="", module="mod_sms")
async def fire(switch: Switch, message: ChatMessage, data: str) -> None:
    """Publish the message as an event MESSAGE."""
    if switch.bus.wants("MESSAGE"):
        switch.bus.publish(Event("MESSAGE", dict(message.headers), message.body))


@chat_application("info", syntax="", module="mod_sms")
async def info(switch: Switch, message: ChatMessage, data: str) -> None:
    """Log the message's headers and text."""
    lines = [f"{name}: {value}" for name, value in message.headers.items()]
    log.info("chat message\n%s\n\n%s", "\n".join(lines), message.body)
