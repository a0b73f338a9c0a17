"""What commands say when they cannot do as told, in FreeSWITCH's words."""

from __future__ import annotations

from softswitch import registry
from softswitch.dialplan.arguments import split
from softswitch.switch.commands import CommandCall
from softswitch.switch.session import Session

OK = "+OK\n"
SUCCESS = "+OK Success\n"
NO_SUCH_CHANNEL = "-ERR No such channel!\n"
CANNOT_LOCATE = "-ERR Cannot locate session!\n"
FAILED = "-ERR Operation failed\n"
FAILED_TOO = "-ERR Operation Failed\n"
"""The same by the commands that write it so."""


def usage(name: str) -> str:
    """The ``-USAGE:`` line of a command, from its registered syntax."""
    entry = registry.command.find(name)
    return f"-USAGE: {entry.syntax if entry else name}\n"


def no_such(uuid: str) -> str:
    """There is no channel of that uuid, in the words of those commands that name it."""
    return f"-ERR No such channel {uuid}!\n"


def split_marked(text: str, limit: int) -> list[str]:
    r"""The parts between bars, or between ``~`` or ``/`` where ``m:~`` or ``m:/`` stands in front.

    Quotes and backslashes work as in all arguments: ``\|`` is a bar, ``\s`` a blank.
    """
    delimiter = "|"
    if text[:2] == "m:" and text[2:3] in ("|", "~", "/"):
        delimiter, text = text[2], text[3:]
    return split(text, delimiter, limit)


def find_live(call: CommandCall, uuid: str) -> Session | None:
    """The session of that uuid if it is not hung up."""
    session = call.switch.find(uuid)
    return session if session is not None and session.channel.up else None
