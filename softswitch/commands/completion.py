"""Completion for consoles of others: ``complete`` and ``console_complete``."""

from __future__ import annotations

from softswitch import registry
from softswitch.commands.reply import OK
from softswitch.commands.words import WORDS
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

_USAGE = "-USAGE: add <word>|del [<word>|*]\n"


@command("complete", syntax="add <word>|del [<word>|*]", module="mod_commands")
async def complete(call: CommandCall, arguments: str) -> str:
    """Teach consoles a line of words that may be completed, or take it back."""
    verb, _, line = arguments.strip().partition(" ")
    verb = verb.lower()
    words = " ".join(line.split())
    known = call.switch.completions
    if verb in ("add", "stickyadd"):
        known.add(words)
        known.discard("")
    elif verb == "del" and words == "*":
        known.clear()
    elif verb == "del" and words:
        known.discard(words)
    else:
        return _USAGE
    return OK


@command("console_complete", syntax="<line>", module="mod_commands")
async def console_complete(call: CommandCall, arguments: str) -> str:
    """Show what the last word of a line may become, and what all of that begins with.

    ``write=<n>:<text>``: the last n characters typed are to be replaced by the text.
    """
    *before, word = arguments.lstrip(" ").split(" ")
    found = sorted(name for name in _candidates(call, before) if name.startswith(word))
    if not found:
        return ""
    rows = [
        "".join(f"[{name:>20}]\t" for name in found[first : first + 4])
        for first in range(0, len(found), 4)
    ]
    shown = "\n".join(rows)
    return f"{shown}\n\nwrite={len(word)}:{_common(found[0], found[-1])}"


def _common(first: str, last: str) -> str:
    """What two names, and all between them in order, begin with."""
    length = 0
    while length < len(first) and first[: length + 1] == last[: length + 1]:
        length += 1
    return first[:length]


def _candidates(call: CommandCall, before: list[str]) -> set[str]:
    words = [word for word in before if word]
    if not words:
        names = {entry.name for entry in registry.command}
    elif len(words) == 1 and words[0].startswith("uuid_"):
        names = set(call.switch.sessions)
    elif len(words) == 1 and words[0] in ("load", "unload", "reload"):
        names = {entry.name for entry in registry.module}
    else:
        names = set(WORDS.get(" ".join(words), ()))
    for line in call.switch.completions:
        taught = line.split(" ")
        if taught[: len(words)] == words and len(taught) > len(words):
            names.add(taught[len(words)])
    return names
