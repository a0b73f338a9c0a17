"""What a client may do: everything, or what the directory says of its user."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch import registry
from softswitch.dialplan.arguments import is_true
from softswitch.directory.user import User
from softswitch.modules.event_socket.names import ALL, Wish, parse_names

_WRAPPERS = frozenset("bgapi sched_api eval expand xml_wrap".split())
"""Commands that run the command in their arguments, which is what counts then."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Events, commands and logs that a client may have; None stands for all."""

    events: Wish | None = None
    commands: frozenset[str] | None = None
    log: bool = True

    def allowed_events(self, wish: Wish) -> Wish | None:
        """The wish if all of it is allowed: each name and each subclass must be listed."""
        allowed = self.events
        if allowed is None or ALL in allowed.names:
            return wish
        if wish.names <= allowed.names and wish.subclasses <= allowed.subclasses:
            return wish
        return None

    def allows_command(self, line: str) -> bool:
        """Whether a console command may be run, and what it would run in turn."""
        if self.commands is None or "all" in self.commands:
            return True
        words = line.replace("${", " ").split()
        if not words or words[0].lower() not in self.commands:
            return False
        if words[0].lower() not in _WRAPPERS:
            return True
        # A wrapper has words of its own in front of the command: any word may be one.
        return all(_bare(word) in self.commands for word in words[1:] if _is_command(word))


UNLIMITED = Rights()
EVERYTHING = "all"
"""What a user has whose parameters say nothing; an empty list allows nothing."""


def rights_of(user: User) -> tuple[Rights, list[tuple[str, str]]]:
    """A user's rights by its parameters ``esl-allowed-…``, and the headers that tell them."""
    events = user.param("esl-allowed-events", EVERYTHING)
    commands = user.param("esl-allowed-api", EVERYTHING)
    rights = Rights(
        parse_names(_split(events)) if events != EVERYTHING else None,
        frozenset(word.lower() for word in _split(commands)) if commands != EVERYTHING else None,
        is_true(user.param("esl-allowed-log", "true")),
    )
    return rights, [
        ("Allowed-Events", events),
        ("Allowed-API", commands),
        ("Allowed-LOG", "true" if rights.log else "false"),
    ]


def _split(text: str) -> list[str]:
    words = text.split(" ") if " " in text else text.split(",")
    return [word.strip() for word in words if word.strip()]


def _bare(word: str) -> str:
    return word.partition("(")[0].lower()


def _is_command(word: str) -> bool:
    return _bare(word) in registry.command
