"""The numbers that a regular expression stands for, where these are few."""

from __future__ import annotations

MOST = 2000
"""Longer lists are not made."""
_DIGITS = "0123456789"
_PLAIN = frozenset("#-_@abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + _DIGITS)


class _TooMany(Exception):
    """The expression has no short list of numbers, or uses what is not read here."""


def numbers_of(expression: str) -> list[str]:
    r"""All texts that ``^...$`` matches, nothing if they are many or not plain to see.

    Reads literals, ``\d``, ``[...]``, groups, ``|``, ``?`` and ``{n}``.
    """
    if not (expression.startswith("^") and expression.endswith("$")):
        return []
    reader = _Reader(expression[1:-1])
    try:
        found = reader.alternatives()
    except (_TooMany, IndexError, ValueError):
        return []
    return found if reader.done else []


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at == len(self._text)

    @property
    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def alternatives(self) -> list[str]:
        found = self._sequence()
        while self._next == "|":
            self._at += 1
            found = found + self._sequence()
        return list(dict.fromkeys(found))

    def _sequence(self) -> list[str]:
        found = [""]
        while self._next and self._next not in "|)":
            items = self._repeated(self._item())
            if len(found) * len(items) > MOST:
                raise _TooMany
            found = [front + item for front in found for item in items]
        return found

    def _repeated(self, items: list[str]) -> list[str]:
        if self._next == "?":
            self._at += 1
            return ["", *items]
        if self._next == "{":
            end = self._text.index("}", self._at)
            count = int(self._text[self._at + 1 : end])
            self._at = end + 1
            if len(items) ** count > MOST:
                raise _TooMany
            found = [""]
            for _ in range(count):
                found = [front + item for front in found for item in items]
            return found
        return items

    def _item(self) -> list[str]:
        character = self._next
        self._at += 1
        if character == "(":
            if self._next == "?":
                if self._text[self._at : self._at + 2] != "?:":
                    raise _TooMany
                self._at += 2
            found = self.alternatives()
            if self._next != ")":
                raise _TooMany
            self._at += 1
            return found
        if character == "[":
            return self._set()
        if character == "\\":
            escaped = self._next
            self._at += 1
            if escaped == "d":
                return list(_DIGITS)
            if escaped.isalnum() or not escaped:
                raise _TooMany
            return [escaped]
        if character not in _PLAIN:
            raise _TooMany
        return [character]

    def _set(self) -> list[str]:
        end = self._text.index("]", self._at + 1)
        inside = self._text[self._at : end]
        self._at = end + 1
        if inside.startswith("^") or "\\" in inside or "[" in inside:
            raise _TooMany
        found: list[str] = []
        position = 0
        while position < len(inside):
            if inside[position + 1 : position + 2] == "-" and position + 2 < len(inside):
                first, last = ord(inside[position]), ord(inside[position + 2])
                found.extend(chr(code) for code in range(first, last + 1))
                position += 3
            else:
                found.append(inside[position])
                position += 1
        return found
