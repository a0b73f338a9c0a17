"""Rewrites the single items of a PCRE2 pattern: literals, escapes, classes, references."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from typing import NamedTuple

from softswitch.dialplan import pcre_sets
from softswitch.dialplan.pcre_characters import CharacterReader
from softswitch.dialplan.pcre_sets import ByteSet

ENDLESS = 10**9
"""Ways to match that are as good as without limit."""

QUANTIFIER = re.compile(r"\{([0-9]+)(,([0-9]*))?\}")
SIGNED = re.compile(r"[+-]?[0-9]+")


class Node(NamedTuple):
    """A piece of the rewritten pattern and what is known of it."""

    text: str
    width: int | None = 1
    """Characters it consumes, None when that varies."""
    ways: int = 1
    """In how many ways it can match at one place, not counting unlimited repeats."""
    degree: int = 0
    """How many unlimited repeats multiply those ways by the subject's length."""
    size: int = 1
    repeatable: bool = True


def zero_width(text: str) -> Node:
    """An assertion or a mark, which cannot be repeated."""
    return Node(text, 0, repeatable=False)


@dataclass(slots=True)
class ItemRewriter(CharacterReader):
    """Knows the groups read so far, so that references to them can be worked out."""

    names: dict[str, int] | None = None
    """Numbers of all named groups, once an earlier reading collected them."""
    named: dict[str, int] = field(default_factory=dict)
    """Numbers of the named groups read so far."""
    groups: int = 0
    widths: dict[int, int | None] = field(default_factory=dict)
    highest_reference: tuple[int, int] = (0, 0)
    """The highest group number that is referred to, and where."""
    unresolved: bool = False
    """A name was used before its group; the pattern must be read again."""
    lookarounds: int = 0

    def character_class(self) -> Node:
        """The class that begins here."""
        for mark, rewritten in (("[[:<:]]", r"\b(?=\w)"), ("[[:>:]]", r"\b(?<=\w)")):
            if self.take(mark):
                return zero_width(f"(?:{rewritten})")
        return Node(pcre_sets.pattern_of(self.class_members()))

    def literal(self, code: int) -> Node:
        return self._set(frozenset((code,)))

    def _set(self, members: ByteSet) -> Node:
        return Node(pcre_sets.pattern_of(pcre_sets.fold(members) if "i" in self.flags else members))

    def escape(self) -> Node:
        start = self.position
        self.position += 1
        letter = self.peek()
        if not letter:
            raise self.error("\\ at end of pattern")
        self.position += 1
        if letter in pcre_sets.ESCAPES:
            return Node(pcre_sets.pattern_of(pcre_sets.ESCAPES[letter]))
        if letter in "pP":
            return Node(pcre_sets.pattern_of(self.property(letter == "P")))
        match letter:
            case "A" | "G":
                return zero_width("\\A")
            case "z":
                return zero_width("\\Z")
            case "Z":
                return zero_width("(?=\\n?\\Z)")
            case "b" | "B":
                return zero_width("\\" + letter)
            case "K":
                if self.lookarounds:
                    raise self.error("\\K is not allowed in lookarounds")
                return zero_width("\\K")
            case "N":
                if self.peek() == "{" and not QUANTIFIER.match(self.text, self.position):
                    raise self.error("\\N{name} is not supported by PCRE2")
                return Node("[^\\n]")
            case "R":
                return Node("(?>\\r\\n|[\\n\\x0b\\x0c\\r\\x85])", None, 2)
            case "X":
                return Node("(?>\\r\\n|[\\x00-\\xff])", None, 2)
            case "C":
                return Node(pcre_sets.pattern_of(pcre_sets.ALL))
            case "g":
                return self._g_reference()
            case "k":
                return self.backreference(self._name_reference())
        if letter in string.digits and letter != "0":
            digits = re.compile("[0-9]+").match(self.text, start + 1)
            assert digits is not None
            number = int(digits[0]) if len(digits[0]) < 6 else ENDLESS
            if number < 10 or letter in "89" or number <= self.groups:
                self.position = digits.end()
                return self.backreference(number, start)
        self.position = start
        return self.literal(self.character_escape())

    def number(self, name: str) -> int:
        """The number of the named group; 0 on a first reading that has not come to it yet."""
        number = self.named.get(name) or (self.names or {}).get(name)
        if number is None:
            if self.names is not None:
                raise self.error(f"there is no group named {name!r}")
            self.unresolved = True
            return 0
        return number

    def relative(self, text: str) -> int:
        number = int(text) if len(text) < 7 else ENDLESS
        if text[0] == "-":
            number = self.groups + 1 + number
            if number <= 0 or text == "-0":
                raise self.error("the reference is to a group that does not exist")
        elif text[0] == "+":
            number = self.groups + number
        return number

    def noted(self, number: int, offset: int) -> int:
        self.highest_reference = max(self.highest_reference, (number, offset))
        return number

    def backreference(self, number: int, offset: int | None = None) -> Node:
        number = self.noted(number, self.position if offset is None else offset)
        text = f"(?i:\\{number})" if "i" in self.flags else f"(?:\\{number})"
        if number == 0:
            text = "(?:)"
        return Node(text, self.widths.get(number, 0) or 0)

    def call(self, number: int) -> Node:
        self.noted(number, self.position)
        return Node(f"(?{number or 'R'})", self.widths.get(number, 0), ENDLESS)

    def _g_reference(self) -> Node:
        for opening, closing in (("<", ">"), ("'", "'")):
            if self.take(opening):
                name = self.until(closing, f"missing {closing} behind \\g{opening}")
                if SIGNED.fullmatch(name):
                    return self.call(self.relative(name))
                return self.call(self.known_number(name))
        if self.take("{"):
            name = self.until("}", "missing } behind \\g{")
        else:
            found = SIGNED.match(self.text, self.position)
            if found is None:
                raise self.error("\\g is not followed by a number or a name")
            name = found[0]
            self.position = found.end()
        if not SIGNED.fullmatch(name):
            return self.backreference(self.number(name))
        number = self.relative(name)
        if number == 0:
            raise self.error("the reference is to a group that does not exist")
        return self.backreference(number)

    def known_number(self, name: str) -> int:
        number = self.number(name)
        return number or 1

    def _name_reference(self) -> int:
        for opening, closing in (("<", ">"), ("'", "'"), ("{", "}")):
            if self.take(opening):
                name = self.until(closing, f"missing {closing} behind \\k{opening}")
                return self.number(name)
        raise self.error("\\k is not followed by a name")
