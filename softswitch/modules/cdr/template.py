"""Templates of records: ``${}`` in quotes, and values that cannot break out of them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from softswitch.switch.call_record import clean

Get = Callable[[str], str | None]
Expand = Callable[[str], Awaitable[str]]

_SQL = re.compile(r"\s*(?:insert|update|replace|call|select|with|merge)\b", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 :.@_-]*")
"""Values that CSV takes as they are."""
_FORMULA = re.compile(r"[=@\t]|[+-](?![\d(])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a template: plain text, or a ``${}``.

    ``quote`` is what a ``${}`` stands in, or what it is itself: the quote around one.
    """

    text: str
    quote: str = ""
    is_value: bool = False
    name: str = ""
    """The variable that a ``${}`` names; empty where it is more than a name."""


class Template:
    """A line of text with ``${}`` in it, as ``cdr_csv.conf`` has them.

    Values keep to their place: quotes in them are doubled, line breaks become spaces. In SQL
    ``"${…}"`` is written ``'…'``, which every database takes as text, and backslashes, an escape
    to some, become slashes. In CSV a value that a spreadsheet would run gets ``'`` in front.
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.sql = _SQL.match(self.text) is not None
        self.pieces = _pieces(self.text)

    def __repr__(self) -> str:
        return f"<Template {self.text[:40]}>"

    @property
    def names(self) -> list[str]:
        """The variables, in order."""
        return [piece.text[2:-1] for piece in self.pieces if piece.is_value]

    async def fill(self, get: Get, expand: Expand) -> str:
        """The line with each ``${name}`` replaced by what ``get`` has of that name, and all other
        ``${}`` by what ``expand`` makes of them."""
        filled = []
        for piece in self.pieces:
            if piece.is_value:
                value = (get(piece.name) if piece.name else await expand(piece.text)) or ""
                if self.sql or (value and _PLAIN.fullmatch(value) is None):
                    value = self._value(value, piece.quote)
                filled.append(value)
            elif self.sql and piece.quote == '"':
                filled.append("'")
            else:
                filled.append(piece.text)
        return "".join(filled)

    def _value(self, value: str, quote: str) -> str:
        if not (value.isascii() and value.isprintable()):
            value = " ".join(clean(value).replace("\0", "").splitlines())
        if self.sql:
            value = value.replace("\\", "/").replace("'", "''")
            return value if quote or _NUMBER.fullmatch(value) else f"'{value}'"
        if _FORMULA.match(value):
            value = f"'{value}"
        if quote:
            return value.replace(quote, quote * 2)
        if any(character in value for character in ',;"'):
            return '"' + value.replace('"', '""') + '"'
        return value


def _pieces(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    plain, quote, at = "", "", 0
    opened = 0
    while at < len(text):
        if text.startswith("${", at) and (end := _end(text, at)):
            if plain:
                pieces.append(Piece(plain))
            name = text[at + 2 : end - 1]
            name = name if name.isidentifier() else ""
            pieces.append(Piece(text[at:end], quote, is_value=True, name=name))
            plain, at = "", end
            continue
        character = text[at]
        if character in "\"'" and (not quote or character == quote):
            quote = "" if quote else character
            if plain:
                pieces.append(Piece(plain))
                plain = ""
            if quote:
                opened = len(pieces)
            surrounds = any(piece.is_value for piece in pieces[opened:])
            if not quote and surrounds:
                pieces[opened] = Piece(character, character)
            pieces.append(Piece(character, character if not quote and surrounds else ""))
        else:
            plain += character
        at += 1
    if plain:
        pieces.append(Piece(plain))
    return pieces


def _end(text: str, start: int) -> int:
    """Where the ``${`` at ``start`` ends, braces in it counted; 0 if it does not."""
    depth = 0
    for at in range(start + 1, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return at + 1
    return 0
