"""What commands say when they cannot do as told, in FreeSWITCH's words."""

from __future__ import annotations

from softswitch import registry
from softswitch.switch.commands import CommandCall
from softswitch.switch.session import Session

OK = "+OK\n"
NO_SUCH_CHANNEL = "-ERR No such channel!\n"


def usage(name: str) -> str:
    """The ``-USAGE:`` line of a command, from its registered syntax."""
    entry = registry.command.find(name)
    return f"-USAGE: {entry.syntax if entry else name}\n"


def find_live(call: CommandCall, uuid: str) -> Session | None:
    """The session of that uuid if it is not hung up."""
    session = call.switch.find(uuid)
    return session if session is not None and session.channel.up else None
