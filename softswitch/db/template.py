"""SQL that operators write with ``${variables}`` in it; values never become SQL.

What stands in quotes is quoted. What stands bare must be a number, or one of the names whose
values are made here and not taken from calls.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import Enum

Expand = Callable[[str], Awaitable[str]]

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_WORD = re.compile(r"\w+", re.ASCII)
_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<quote>[eE]?'|\")|(?P<reference>\$\{)|(?P<mark>%[a-z])",
    re.DOTALL,
)


class Place(Enum):
    """Where a reference stands."""

    BARE = "bare"
    TEXT = "in '...'"
    ESCAPED_TEXT = "in E'...'"
    NAME = 'in "..."'


@dataclass(frozen=True, slots=True)
class Reference:
    """``${name}``, ``${name:1:3}``, ``%q``."""

    text: str
    place: Place

    def quoted(self, value: str, *, verbatim: bool) -> str:
        """A value as it may stand here. Raises ValueError with a sentence."""
        if "\0" in value:
            raise ValueError(f"{self.text} holds a NUL")
        match self.place:
            case Place.TEXT:
                return value.replace("'", "''")
            case Place.ESCAPED_TEXT if "\\" not in value:
                return value.replace("'", "''")
            case Place.NAME if _WORD.fullmatch(value):
                return value
            case Place.BARE if verbatim or _NUMBER.fullmatch(value):
                return value
        raise ValueError(f"the value of {self.text} may not stand {self.place.value} in SQL")


class SqlTemplate:
    """A statement and the references in it: ``${...}``, and marks such as ``%q`` if asked for."""

    def __init__(self, text: str, marks: Iterable[str] = ()) -> None:
        self.text = text
        self._parts = tuple(_parse(text, frozenset(marks)))

    def __repr__(self) -> str:
        return f"<SqlTemplate {self.text[:60]!r}>"

    @property
    def references(self) -> tuple[Reference, ...]:
        """What is filled in, in order."""
        return tuple(part for part in self._parts if isinstance(part, Reference))

    async def render(self, expand: Expand, made_here: Iterable[str] = ()) -> str:
        """The statement with its references filled in by ``expand``.

        The values of those that are ``made_here`` may be any SQL where they stand bare.
        Raises ValueError where a value may not stand where it should.
        """
        own = frozenset(made_here)
        parts = []
        for part in self._parts:
            if isinstance(part, Reference):
                value = await expand(part.text)
                part = part.quoted(value, verbatim=part.text in own)
            parts.append(part)
        return "".join(parts)


def _parse(text: str, marks: frozenset[str]) -> Iterable[str | Reference]:
    position, place = 0, Place.BARE
    while found := _TOKEN.search(text, position):
        start, end = found.span()
        if position < start:
            yield text[position:start]
        kind = found.lastgroup
        written = found[0]
        if kind == "reference":
            end = _end_of_reference(text, start)
            yield Reference(text[start:end], place)
        elif kind == "mark":
            yield Reference(written, place) if written in marks else written
        else:
            if kind == "comment" and place is not Place.BARE:
                written = written[:1]
                end = start + 1
            elif kind == "quote":
                place, written = _after(place, written)
                end = start + len(written)
            yield written
        position = end
    if position < len(text):
        yield text[position:]


def _after(place: Place, quote: str) -> tuple[Place, str]:
    """The place behind a quote, and as much of the token as belongs to it."""
    match place, quote:
        case Place.BARE, '"':
            return Place.NAME, quote
        case Place.BARE, "'":
            return Place.TEXT, quote
        case Place.BARE, _:
            return Place.ESCAPED_TEXT, quote
        case Place.NAME, '"':
            return Place.BARE, quote
        case ((Place.TEXT | Place.ESCAPED_TEXT), "'"):
            return Place.BARE, quote
        case ((Place.TEXT | Place.ESCAPED_TEXT), _) if quote != '"':
            # A letter e, then the quote that ends the text.
            return place, quote[0]
        case _:
            return place, quote if len(quote) == 1 else quote[0]


def _end_of_reference(text: str, start: int) -> int:
    """Behind the brace that closes ``${`` at ``start``; the end where none does."""
    depth = 0
    for position in range(start + 1, len(text)):
        if text[position] == "{":
            depth += 1
        elif text[position] == "}":
            depth -= 1
            if not depth:
                return position + 1
    return len(text)
