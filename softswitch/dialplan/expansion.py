r"""The ``${}`` language of channel variables: references, slices, arrays, commands, escapes.

Expansion is a coroutine without I/O: it yields each command it meets and is sent its output.
Offsets and lengths count characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import lru_cache

from softswitch.dialplan import arrays

Lookup = Callable[[str], str | None]
"""A variable's value by name, None when there is none."""
RunCommand = Callable[[str, str], str]
"""Runs a command by name and arguments and returns its output."""

MAX_DEPTH = 100
"""Deeper nested text is left as it stands."""
MAX_REFERENCES = 10_000
"""References that one expansion follows; the rest expand to nothing."""
MAX_OUTPUT = 1_000_000
"""Characters that one expansion may insert; values beyond expand to nothing."""

_SPECIAL = re.compile(r"[\\$]")
_ESCAPED = re.compile(r"\\[\\nst']")
_COMMAND = re.compile(r"[ ({}]")
_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,15})")
_REFERENCE = re.compile(r"\$(?=\\*\{)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class CommandCall:
    """A command that an expansion needs; send its output back into the coroutine."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class _Variable:
    """``${name[index]:offset:length}``; ``text`` is set instead when it must be expanded first."""

    text: str
    name: str
    index: int | None
    offset: int
    length: int
    global_only: bool


@dataclass(frozen=True, slots=True)
class _Command:
    name: str
    arguments: str


_Template = tuple["str | _Variable | _Command", ...]


class _Budget:
    """What one expansion may still spend."""

    __slots__ = ("characters", "references")

    def __init__(self) -> None:
        self.references = MAX_REFERENCES
        self.characters = MAX_OUTPUT

    def afford(self, value: str) -> str:
        """``value``, or nothing once the limit is reached."""
        if len(value) > self.characters:
            return ""
        self.characters -= len(value)
        return value


def needs_expansion(text: str) -> bool:
    """Whether ``text`` has a reference or an escape; anything else is returned untouched."""
    return "${" in text or ("\\" in text and _ESCAPED.search(text) is not None)


def is_harmless(text: str) -> bool:
    """Whether ``text`` from outside may become a variable's value: it refers to nothing."""
    return "$" not in text or _REFERENCE.search(text) is None


def disarm(text: str) -> str:
    """``text`` from outside, fit to be put into data: ``${`` becomes ``%{``.

    Whoever is dialled, or calls himself, ``${system(...)}`` must not have that run.
    """
    if "$" in text:
        text = _REFERENCE.sub("%", text)
    return _CONTROL.sub(" ", text)


def static_text(text: str) -> str | None:
    """What ``text`` always expands to, or None when that depends on variables or commands."""
    if not needs_expansion(text):
        return text
    template = _parse(text)
    if all(isinstance(part, str) for part in template):
        return "".join(part for part in template if isinstance(part, str))
    return None


def references(text: str) -> tuple[list[str], list[CommandCall]]:
    """The names of variables and the commands (unexpanded) that ``text`` mentions outermost."""
    names: list[str] = []
    calls: list[CommandCall] = []
    for part in _parse(text) if needs_expansion(text) else ():
        if isinstance(part, _Variable):
            names.append(part.text or part.name)
        elif isinstance(part, _Command):
            calls.append(CommandCall(part.name, part.arguments))
    return names, calls


def expand(text: str, lookup: Lookup) -> Generator[CommandCall, str, str]:
    """Expand ``text`` for a channel: values of variables are expanded in their turn.

    Yields a ``CommandCall`` for each ``${command(arguments)}`` and is sent its output, which is
    inserted verbatim. Never raises; ends for every text and every set of variables.
    """
    if not needs_expansion(text):
        return text
    return (yield from _expand(text, lookup, None, 0, _Budget()))


def expand_event(
    text: str, headers: Lookup, global_variables: Lookup
) -> Generator[CommandCall, str, str]:
    """Expand ``text`` for an event: its headers, verbatim, then global variables, expanded.

    ``$${name}`` reads global variables only.
    """
    if not needs_expansion(text):
        return text
    return (yield from _expand(text, headers, global_variables, 0, _Budget()))


def drive(expansion: Generator[CommandCall, str, str], command: RunCommand | None = None) -> str:
    """Run an expansion to its end; without ``command`` every command answers nothing."""
    try:
        call = next(expansion)
        while True:
            call = expansion.send(command(call.name, call.arguments) if command else "")
    except StopIteration as finished:
        result: str = finished.value
        return result


def expand_now(text: str, lookup: Lookup, command: RunCommand | None = None) -> str:
    """``expand`` driven at once."""
    if "${" not in text and "\\" not in text:
        return text
    return drive(expand(text, lookup), command)


def _expand(
    text: str, lookup: Lookup, global_variables: Lookup | None, depth: int, budget: _Budget
) -> Generator[CommandCall, str, str]:
    """The body of both variants; ``text`` is known to need expansion."""
    if depth > MAX_DEPTH:
        return text
    output: list[str] = []
    for part in _parse(text):
        if isinstance(part, str):
            output.append(part)
            continue
        budget.references -= 1
        if budget.references < 0:
            continue
        if isinstance(part, _Command):
            name, arguments = part.name, part.arguments
            if needs_expansion(name):
                name = yield from _expand(name, lookup, global_variables, depth + 1, budget)
            if needs_expansion(arguments):
                arguments = yield from _expand(
                    arguments, lookup, global_variables, depth + 1, budget
                )
            output.append(budget.afford((yield CommandCall(name, arguments)) or ""))
            continue
        if part.text:
            name = yield from _expand(part.text, lookup, global_variables, depth + 1, budget)
            part = _variable(name, part.global_only)
        recursive = True
        if global_variables is None:
            value = lookup(part.name)
        else:
            value = None if part.global_only else lookup(part.name)
            if value is None:
                value = global_variables(part.name)
            else:
                recursive = False
        if not value:
            continue
        if part.index is not None and part.index >= 0:
            value = arrays.element(value, part.index)
            if not value:
                continue
        if recursive and needs_expansion(value):
            value = yield from _expand(value, lookup, global_variables, depth + 1, budget)
        if part.offset or part.length > 0:
            value = _slice(value, part.offset, part.length)
        output.append(budget.afford(value))
    return "".join(output)


def _slice(value: str, offset: int, length: int) -> str:
    """The part from ``offset`` (negative: from the end) of at most ``length`` characters.

    A negative offset beyond the value, and a length of zero or less, cut nothing.
    """
    if offset > 0 or -offset <= len(value):
        value = value[offset:]
    return value[:length] if length > 0 else value


def _integer(text: str) -> int:
    """The number that ``text`` begins with, 0 when there is none."""
    found = _INTEGER.match(text)
    return int(found[1]) if found else 0


def _variable(text: str, global_only: bool) -> _Variable:
    name, colon, rest = text.partition(":")
    offset = length = 0
    if colon:
        first, colon, second = rest.partition(":")
        offset = _integer(first)
        length = _integer(second) if colon else 0
    index: int | None = None
    head, bracket, tail = name.partition("[")
    if bracket and "]" in tail:
        name, index = head, _integer(tail)
    return _Variable("", name, index, offset, length, global_only)


def _name_end(text: str) -> int | None:
    """Where a command's name ends, at a space or ``(``; None where a variable is named.

    Braces keep together what stands in them: ``${${verb} a}`` is a command whose name a variable
    holds, ``${x${expr 1 + 1}}`` a variable whose name a command makes.
    """
    depth = 0
    for found in _COMMAND.finditer(text):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        elif not depth:
            return found.start()
    return None


def _reference(text: str, open_braces: int, global_only: bool) -> _Variable | _Command:
    """What stands inside ``${}``; ``open_braces`` is more than 0 when the end was missing."""
    end = _name_end(text)
    if end is None:
        if needs_expansion(text):
            return _Variable(text, "", None, 0, 0, global_only)
        return _variable(text, global_only)
    name, arguments = text[:end], text[end + 1 :]
    depth = 1 if text[end] == "(" else open_braces
    for position, character in enumerate(arguments):
        if character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
            if not depth:
                arguments = arguments[:position]
                break
    return _Command(name, arguments)


@lru_cache(maxsize=8192)
def _parse(text: str) -> _Template:
    """Literal pieces and references in order."""
    parts: list[str | _Variable | _Command] = []
    literal: list[str] = []
    position, end = 0, len(text)
    while position < end:
        found = _SPECIAL.search(text, position)
        if found is None:
            literal.append(text[position:])
            break
        at = found.start()
        literal.append(text[position:at])
        following = text[at + 1 : at + 2]
        if text[at] == "\\":
            position = at + 2
            if following == "$":
                literal.append("$")
                position += text[position : position + 1] == "$"
            elif following == "\\":
                literal.append("\\")
            elif following != "'":
                literal.append("\\")
                position = at + 1
            continue
        at += following == "$"
        if text[at + 1 : at + 2] != "{":
            literal.append("$")
            position = at + 1
            continue
        start = at + 2
        stop, depth = start, 1
        while stop < end:
            if text[stop] == "}":
                depth -= 1
                if not depth:
                    break
            elif text[stop] == "{" and stop != start:
                depth += 1
            stop += 1
        parts.append("".join(literal))
        parts.append(_reference(text[start:stop], depth, following == "$"))
        literal.clear()
        position = stop + 1
        # What stands right behind the brace is copied without a look at escapes.
        if position < end and text[position] != "$":
            literal.append(text[position])
            position += 1
    parts.append("".join(literal))
    return tuple(part for part in parts if part != "")
