"""Reads the characters, escapes and classes of a PCRE2 pattern."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

from softswitch.dialplan import pcre_sets
from softswitch.dialplan.pcre_sets import ByteSet

_HEX = frozenset(string.hexdigits)
_OCTAL = frozenset(string.octdigits)
_SIMPLE_ESCAPES = {"a": 7, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9}
_POSIX_CLASS = re.compile(r"\[([:.=])(\^?)([^\]]*?)\1\]")


class PatternError(ValueError):
    """A pattern that PCRE2 refuses or that cannot be expressed here, and where."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} (at offset {offset})")
        self.reason = reason
        self.offset = offset


@dataclass(slots=True)
class CharacterReader:
    """A place in a pattern, and the settings (``i`` ``m`` ``s`` ``x`` …) in force there."""

    text: str
    flags: frozenset[str]
    position: int = 0

    def error(self, reason: str) -> PatternError:
        """The error to raise at this place."""
        return PatternError(reason, self.position)

    def peek(self, length: int = 1) -> str:
        """The next characters, left where they are."""
        return self.text[self.position : self.position + length]

    def take(self, expected: str) -> bool:
        """Whether ``expected`` comes next; it is then taken."""
        if self.text.startswith(expected, self.position):
            self.position += len(expected)
            return True
        return False

    def until(self, closing: str, missing: str) -> str:
        """The text up to ``closing``, which is taken too; ``missing`` is the error without it."""
        end = self.text.find(closing, self.position)
        if end < 0:
            raise self.error(missing)
        found = self.text[self.position : end]
        self.position = end + len(closing)
        return found

    def character_escape(self) -> int:
        """The byte value of an escape that stands for one character, inside or outside a class."""
        self.position += 1
        letter = self.peek()
        self.position += 1
        if letter in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[letter]
        if not letter.isascii() or not letter.isalnum():
            return ord(letter)
        if letter == "x":
            if self.take("{"):
                return self._braced(_HEX, 16)
            digits = "".join(c for c in self.peek(2))
            if digits[:1] not in _HEX or not digits:
                digits = ""
            elif digits[1:] not in _HEX:
                digits = digits[:1]
            self.position += len(digits)
            return int(digits or "0", 16)
        if letter == "o":
            if not self.take("{"):
                raise self.error("\\o is not followed by {")
            return self._braced(_OCTAL, 8)
        if letter in _OCTAL:
            digits = letter
            while len(digits) < 3 and self.peek() and self.peek() in _OCTAL:
                digits += self.peek()
                self.position += 1
            return self._byte(int(digits, 8))
        if letter == "c":
            control = self.peek()
            if not control:
                raise self.error("\\c at end of pattern")
            if not " " <= control <= "~":
                raise self.error("\\c must be followed by a printable character")
            self.position += 1
            return ord(control.upper()) ^ 0x40
        self.position -= 1
        raise self.error(f"unrecognised letter {letter} behind \\")

    def _braced(self, digits: frozenset[str], base: int) -> int:
        text = self.until("}", "missing } behind \\x{ or \\o{")
        if not text or not set(text) <= digits:
            raise self.error("digits are missing in \\x{} or \\o{}")
        return self._byte(int(text[:40], base))

    def _byte(self, code: int) -> int:
        if code > 255:
            raise self.error("the character code is above 255, and patterns match bytes")
        return code

    def property(self, negated: bool) -> ByteSet:
        if self.take("{"):
            name = self.until("}", "missing } behind \\p{").strip()
        else:
            name = self.peek()
            self.position += 1
        if name.startswith("^"):
            name, negated = name[1:], not negated
        members = pcre_sets.property_set(name)
        if members is None:
            raise self.error(f"the Unicode property {name!r} cannot be expressed")
        return pcre_sets.ALL - members if negated else members

    def class_members(self) -> ByteSet:
        """The members of the class that begins here, which is taken."""
        if _POSIX_CLASS.match(self.text, self.position):
            raise self.error("POSIX named classes are supported only within a class")
        self.position += 1
        negated = self.take("^")
        members: set[int] = set()
        quoting = False
        first = True
        pending: int | None = None
        """The character that a hyphen behind it would make a range of."""
        while True:
            if self.position >= len(self.text):
                raise self.error("missing terminating ] for character class")
            if quoting or self.peek(2) in ("\\Q", "\\E"):
                if self.take("\\E"):
                    quoting = False
                    continue
                if not quoting:
                    self.position += 2
                    quoting = True
                    continue
            elif self.peek() == "]" and not first:
                self.position += 1
                break
            elif "xx" in self.flags and self.peek() in " \t":
                self.position += 1
                continue
            elif self.peek() == "-" and not first and pending != -1 and pending is not None:
                following = self._class_range_end()
                if following is not None:
                    if following < pending:
                        raise self.error("range out of order in character class")
                    members.update(range(pending, following + 1))
                    pending = None
                    continue
            elif self.peek() == "-" and pending == -1 and self.peek(2) != "-]":
                raise self.error("invalid range in character class")
            first = False
            if quoting:
                pending = ord(self.peek())
                self.position += 1
                members.add(pending)
                continue
            found = self._class_item()
            if isinstance(found, int):
                pending = found
                members.add(found)
            else:
                pending = -1
                members |= found
        kept = frozenset(members)
        if "i" in self.flags:
            kept = pcre_sets.fold(kept)
        return pcre_sets.ALL - kept if negated else kept

    def _class_range_end(self) -> int | None:
        """The end of a range whose hyphen is next, None when that hyphen is a literal."""
        start = self.position
        self.position += 1
        quoted = False
        while self.peek(2) in ("\\Q", "\\E"):
            quoted = self.peek(2) == "\\Q"
            self.position += 2
        if self.peek() == "]" and not quoted:
            self.position = start
            return None
        if quoted:
            found: int | ByteSet = ord(self.peek() or "]")
            self.position += 1
            if not self.take("\\E"):
                raise self.error("\\Q inside a range cannot be expressed")
        else:
            if not self.peek():
                raise self.error("missing terminating ] for character class")
            found = self._class_item()
        if not isinstance(found, int):
            raise self.error("invalid range in character class")
        return found

    def _class_item(self) -> int | ByteSet:
        if self.peek() == "[":
            posix = _POSIX_CLASS.match(self.text, self.position)
            if posix is not None:
                if posix[1] != ":":
                    raise self.error("POSIX collating elements are not supported")
                members = pcre_sets.POSIX.get(posix[3])
                if members is None:
                    raise self.error("unknown POSIX class name")
                if "i" in self.flags and posix[3] in ("upper", "lower"):
                    members = pcre_sets.POSIX["alpha"]
                self.position = posix.end()
                return pcre_sets.ALL - members if posix[2] else members
        if self.peek() != "\\":
            self.position += 1
            return ord(self.text[self.position - 1])
        letter = self.text[self.position + 1 : self.position + 2]
        if not letter:
            raise self.error("\\ at end of pattern")
        if letter in pcre_sets.ESCAPES:
            self.position += 2
            return pcre_sets.ESCAPES[letter]
        if letter in "pP":
            self.position += 2
            return self.property(letter == "P")
        if letter == "b":
            self.position += 2
            return 8
        if letter in "89":
            self.position += 2
            return ord(letter)
        if letter in "ABCGKNRXZgkz":
            raise self.error(f"\\{letter} is invalid in a character class")
        return self.character_escape()
