"""Expansion on request: ``eval expand create_uuid``."""

from __future__ import annotations

from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.event_expansion import expand_event
from softswitch.switch.session import Session


@command("eval", syntax="[uuid:<uuid> ]<expression>", module="mod_commands")
async def eval_(call: CommandCall, arguments: str) -> str:
    """Expand variables and commands in a text, with a call's variables if one is named."""
    session, text = _call_and_text(call, arguments)
    return await _expanded(call, session, text)


@command("expand", syntax="[uuid:<uuid> ]<cmd> <args>", module="mod_commands")
async def expand(call: CommandCall, arguments: str) -> str:
    """Expand variables in a command line, then run it."""
    session, text = _call_and_text(call, arguments)
    if not text:
        return "-ERR No input\n"
    name, blank, rest = text.partition(" ")
    line = name + blank + await _expanded(call, session, rest)
    return await call.switch.run_command(line, session=session, source=call.source)


@command("create_uuid", syntax="<uuid> <other_uuid>", module="mod_commands")
async def create_uuid(call: CommandCall, arguments: str) -> str:
    """Make a new unique identifier."""
    return call.switch.new_uuid()


def _call_and_text(call: CommandCall, arguments: str) -> tuple[Session | None, str]:
    if arguments[:5].lower() == "uuid:":
        uuid, _, text = arguments[5:].partition(" ")
        return call.switch.find(uuid), text
    return call.session, arguments


async def _expanded(call: CommandCall, session: Session | None, text: str) -> str:
    if session is not None:
        return await session.expand(text)
    return await expand_event(call.switch, text, {})
