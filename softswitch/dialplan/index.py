"""Finds the extensions that a number can fit without trying each of them.

An extension may be passed over when its first condition wants ``destination_number`` to be, or to
begin with, something else, and would do nothing on failing but give up the extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import static_text
from softswitch.dialplan.pcre import PatternError, split_expression

if TYPE_CHECKING:
    from softswitch.dialplan.model import Condition, Extension

_MANY = 32
"""Texts that one pattern may contribute."""
_SMALL = 8
"""Contexts of no more extensions are simply read through."""
_PLAIN = re.compile(r"\^([0-9A-Za-z#]+)(\$?)")
_LITERAL_ESCAPES = frozenset("*#+.-/\\^$|()[]{}?@:=_ ")


class ExtensionIndex:
    """Extensions by the numbers, or beginnings of numbers, that they demand."""

    __slots__ = ("_always", "_exact", "_lengths", "_names", "_prefixes", "extensions")

    def __init__(self, extensions: Sequence[Extension]) -> None:
        self.extensions = extensions
        self._always: list[int] = []
        self._exact: dict[str, list[int]] = {}
        self._prefixes: dict[str, list[int]] = {}
        self._names: dict[str, int] = {}
        for position, extension in enumerate(extensions):
            self._names.setdefault(extension.name.lower(), position)
            texts = None
            if len(extensions) > _SMALL and extension.conditions:
                texts = demanded(extension.conditions[0])
            if texts is None:
                self._always.append(position)
                continue
            for text, exact in texts:
                self._exact.setdefault(text, []).append(position) if exact else (
                    self._prefixes.setdefault(text, []).append(position)
                )
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})

    def __repr__(self) -> str:
        return (
            f"<ExtensionIndex {len(self.extensions)} extensions, {len(self._exact)} numbers, "
            f"{len(self._prefixes)} beginnings, {len(self._always)} always tried>"
        )

    def named(self, name: str) -> int | None:
        """The position of the first extension of that name."""
        return self._names.get(name.lower())

    def candidates(self, number: str, start: int = 0) -> Iterable[int]:
        """Positions from ``start`` on, in order, of the extensions that ``number`` may fit."""
        if number.endswith("\n"):  # $ also matches in front of a last newline
            return range(start, len(self.extensions))
        found: list[int] = []
        if exact := self._exact.get(number):
            found.extend(exact)
        for length in self._lengths:
            if length > len(number):
                break
            if positions := self._prefixes.get(number[:length]):
                found.extend(positions)
        if not found:
            positions = self._always
        elif self._always or len(found) > 1:
            positions = sorted({*self._always, *found})
        else:
            positions = found
        return (p for p in positions if p >= start) if start else positions


def demanded(condition: Condition) -> list[tuple[str, bool]] | None:
    """The whole numbers (True) or beginnings (False) one of which the condition needs to pass.

    None when that cannot be told, or when failing the condition has other effects.
    """
    from softswitch.dialplan.model import Break  # the model holds an index

    if (
        condition.field is None
        or condition.field.lower() != "destination_number"
        or condition.regex is not None
        or condition.times
        or condition.anti_actions
        or condition.break_when not in (Break.ON_FALSE, Break.ALWAYS)
    ):
        return None
    if plain := _PLAIN.fullmatch(condition.expression):
        return [(plain[1], bool(plain[2]))]
    expression = static_text(condition.expression)
    if expression is None:
        return None
    try:
        pattern, flags, _ = split_expression(expression)
    except PatternError:
        return None
    if "i" in flags or not pattern.isascii():
        return None
    return _Beginnings(pattern).read()


class _Beginnings:
    """Reads how the texts that a pattern matches must begin."""

    __slots__ = ("pattern", "position")

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0

    def read(self) -> list[tuple[str, bool]] | None:
        """Each text with whether it is complete, None when the pattern says too little."""
        if "(?" in self.pattern or "(*" in self.pattern or "\\Q" in self.pattern:
            return None
        texts: set[tuple[str, bool]] = set()
        for branch in self._branches():
            if not branch.startswith("^"):
                return None
            self.pattern, self.position = branch, 1
            beginnings, exact = self._sequence({""})
            if "" in beginnings:
                return None
            texts |= {(text, exact) for text in beginnings}
            if len(texts) > _MANY:
                return None
        return sorted(texts)

    def _branches(self) -> list[str]:
        """The pattern cut at each ``|`` outside parentheses and classes; nothing if in doubt."""
        branches = [""]
        depth, in_class, position = 0, False, 0
        while position < len(self.pattern):
            character = self.pattern[position]
            if character == "\\":
                branches[-1] += self.pattern[position : position + 2]
                position += 2
                continue
            if in_class:
                in_class = character != "]"
            elif character == "[":
                in_class = True
                if self.pattern[position + 1 : position + 2] in ("]", "^"):
                    return [""]
            depth += (character == "(") - (character == ")") if not in_class else 0
            if character == "|" and not depth and not in_class:
                branches.append("")
            else:
                branches[-1] += character
            position += 1
        return branches

    def _sequence(self, texts: set[str]) -> tuple[set[str], bool]:
        """``texts`` continued by what follows, and whether the pattern's end was reached.

        Stops in front of what it does not understand, so that the texts are beginnings.
        """
        while self.position < len(self.pattern):
            if self.pattern[self.position :] == "$":
                return texts, True
            if self.pattern[self.position] in "|)":
                break
            start, complete = self.position, True
            if self.pattern[start] == "(":
                choices, complete = self._group()
            else:
                choices = self._character()
            repeated = self.pattern[self.position : self.position + 1] in tuple("*+?{")
            extended = {text + choice for text in texts for choice in choices}
            if not choices or repeated or len(extended) > _MANY:
                self.position = start
                break
            texts = extended
            if not complete:
                self.position = start
                break
        return texts, False

    def _group(self) -> tuple[set[str], bool]:
        """How the texts of a group begin, and whether that is all of them; nothing if in doubt."""
        self.position += 1
        choices: set[str] = set()
        complete = True
        while True:
            beginnings, _ = self._sequence({""})
            choices |= beginnings
            if self.pattern[self.position : self.position + 1] not in ("|", ")"):
                complete = False
                if not self._skip():
                    return set(), False
            self.position += 1
            if self.pattern[self.position - 1] == ")":
                return choices, complete

    def _skip(self) -> bool:
        """Go to the end of a branch inside a group; False when in doubt about where that is."""
        depth = 0
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            if character == "[":
                return False
            if not depth and character in "|)":
                return True
            depth += (character == "(") - (character == ")")
            self.position += 2 if character == "\\" else 1
        return False

    def _character(self) -> set[str]:
        """The choices for one character; nothing if in doubt."""
        character = self.pattern[self.position]
        following = self.pattern[self.position + 1 : self.position + 2]
        if character == "\\":
            self.position += 2
            if following == "d":
                return set("0123456789")
            return {following} if following and following in _LITERAL_ESCAPES else set()
        if character == "[":
            end = self.pattern.find("]", self.position)
            inside = self.pattern[self.position + 1 : end]
            self.position = end + 1
            if end < 0 or not inside:
                return set()
            return _small_class(inside)
        self.position += 1
        return set() if character in ".^$*+?{" else {character}


def _small_class(inside: str) -> set[str]:
    """The characters of a class of letters, digits and ranges of digits; nothing if in doubt."""
    members: set[str] = set()
    position = 0
    while position < len(inside):
        low = inside[position]
        if not low.isalnum() and low not in "*#+":
            return set()
        if inside[position + 1 : position + 2] == "-":
            high = inside[position + 2 : position + 3]
            if not (low.isdigit() and high.isdigit() and low <= high):
                return set()
            members.update(chr(code) for code in range(ord(low), ord(high) + 1))
            position += 3
        else:
            members.add(low)
            position += 1
    return members
