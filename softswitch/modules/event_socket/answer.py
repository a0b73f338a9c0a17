"""What a command is answered with."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.modules.event_socket.protocol import reply


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back, and whether the connection ends then."""

    data: bytes
    close: bool = False


BYE = Answer(reply("+OK bye"), close=True)
UNKNOWN = Answer(reply(""))
DENIED = Answer(reply("-ERR permission denied"))
NOT_CONTROLLING = Answer(reply("-ERR not controlling a session"))


def begins(line: str, prefix: str) -> bool:
    """Commands are known by how their line begins, in any case."""
    return line[: len(prefix)].lower() == prefix
