"""Rewrites a PCRE2 pattern for the ``regex`` package, keeping PCRE2's meaning.

PCRE2 without options matches bytes; patterns and subjects arrive here as text with one character
for each byte. What cannot be expressed is refused with a sentence. pcre2pattern(3).
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from softswitch.dialplan import bytesets
from softswitch.dialplan.bytesets import ByteSet

MAX_SIZE = 65_536
"""Items in a pattern once its counted repeats are written out."""
MAX_DEPTH = 100
MAX_LENGTH = 8192
_ENDLESS = 10**9
"""Ways to match that are as good as without limit."""

_HEX = frozenset(string.hexdigits)
_OCTAL = frozenset(string.octdigits)
_SIMPLE_ESCAPES = {"a": 7, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9}
_QUANTIFIER = re.compile(r"\{([0-9]+)(,([0-9]*))?\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SIGNED = re.compile(r"[+-]?[0-9]+")
_ALPHA_GROUPS = {
    "atomic": ">",
    "pla": "=",
    "positive_lookahead": "=",
    "nla": "!",
    "negative_lookahead": "!",
    "plb": "<=",
    "positive_lookbehind": "<=",
    "nlb": "<!",
    "negative_lookbehind": "<!",
}
_IGNORED_SETTINGS = re.compile(
    r"\(\*(?:NO_JIT|NO_AUTO_POSSESS|NO_START_OPT|NO_DOTSTAR_ANCHOR|LF|BSR_UNICODE"
    r"|LIMIT_(?:MATCH|DEPTH|HEAP|RECURSION)=[0-9]+)\)"
)


class PatternError(ValueError):
    """A pattern that PCRE2 refuses or that cannot be expressed here, and where."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} (at offset {offset})")
        self.reason = reason
        self.offset = offset


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


@dataclass(slots=True)
class Rewriter:
    """One reading of a pattern; ``rewrite`` below is the way in."""

    text: str
    flags: frozenset[str]
    names: dict[str, int] = field(default_factory=dict)
    position: int = 0
    groups: int = 0
    widths: dict[int, int | None] = field(default_factory=dict)
    highest_reference: tuple[int, int] = (0, 0)
    unresolved: bool = False
    depth: int = 0
    lookarounds: int = 0
    _named: dict[str, int] = field(default_factory=dict)
    _quoting: bool = False

    def pattern(self) -> Node:
        """The whole pattern rewritten; raises ``PatternError``."""
        while setting := _IGNORED_SETTINGS.match(self.text, self.position):
            self.position = setting.end()
        node, _ = self._alternatives()
        if self.position < len(self.text):
            self._fail("unmatched closing parenthesis")
        if self.unresolved and not self.names:
            self.names = self._named
            return self._again()
        number, offset = self.highest_reference
        if number > self.groups:
            raise PatternError(f"there is no group {number}", offset)
        return node

    def _again(self) -> Node:
        second = Rewriter(self.text, self.flags, dict(self._named))
        node = second.pattern()
        self.groups = second.groups
        return node

    def _fail(self, reason: str) -> NoReturn:
        raise PatternError(reason, self.position)

    def _peek(self, length: int = 1) -> str:
        return self.text[self.position : self.position + length]

    def _take(self, expected: str) -> bool:
        if self.text.startswith(expected, self.position):
            self.position += len(expected)
            return True
        return False

    def _until(self, closing: str, missing: str) -> str:
        """The text up to ``closing``, which is taken too."""
        end = self.text.find(closing, self.position)
        if end < 0:
            self._fail(missing)
        found = self.text[self.position : end]
        self.position = end + len(closing)
        return found

    # ── structure ────────────────────────────────────────────────────────────────────────────

    def _alternatives(self, reset: bool = False) -> tuple[Node, list[int | None]]:
        """Branches up to a closing parenthesis or the end, and their widths."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._fail("parentheses are nested too deeply")
        outer = self.flags
        first_group = highest = self.groups
        branches = [self._branch()]
        while self._take("|"):
            highest = max(highest, self.groups)
            if reset:
                self.groups = first_group
            branches.append(self._branch())
        self.groups = max(highest, self.groups)
        self.flags = outer
        self.depth -= 1
        widths = [branch.width for branch in branches]
        node = Node(
            "|".join(branch.text for branch in branches),
            widths[0] if len(set(widths)) == 1 else None,
            min(sum(branch.ways for branch in branches), _ENDLESS),
            max(branch.degree for branch in branches),
            self._bounded(sum(branch.size for branch in branches)),
        )
        return node, widths

    def _bounded(self, size: int) -> int:
        if size > MAX_SIZE:
            self._fail("the pattern is too large once its repeats are written out")
        return size

    def _branch(self) -> Node:
        nodes: list[Node] = []
        repeatable = False
        while self.position < len(self.text):
            if self._quoting or self._peek(2) in ("\\Q", "\\E"):
                literal = self._quoted()
                if literal is not None:
                    nodes.append(literal)
                    repeatable = True
                continue
            character = self._peek()
            if character in "|)":
                break
            if "x" in self.flags and character in " \t\n\x0b\f\r":
                self.position += 1
            elif "x" in self.flags and character == "#":
                end = self.text.find("\n", self.position)
                self.position = len(self.text) if end < 0 else end + 1
            elif self._take("(?#"):
                self._until(")", "missing ) after (?# comment")
            elif repeat := self._quantifier():
                if not repeatable:
                    self._fail("a quantifier does not follow a repeatable item")
                nodes.append(self._repeated(nodes.pop(), *repeat))
                repeatable = False
            else:
                node = self._item()
                repeatable = node.repeatable
                nodes.append(node)
        width: int | None = 0
        ways, degree, size = 1, 0, 0
        for node in nodes:
            width = None if width is None or node.width is None else width + node.width
            ways = min(ways * node.ways, _ENDLESS)
            degree += node.degree
            size += node.size
        return Node("".join(node.text for node in nodes), width, ways, degree, self._bounded(size))

    def _quoted(self) -> Node | None:
        """The next character of ``\\Q…\\E``, or None when only its marks were taken."""
        if self._take("\\E"):
            self._quoting = False
            return None
        if not self._quoting:
            self.position += 2
            self._quoting = True
            return None
        self.position += 1
        return self._literal(ord(self.text[self.position - 1]))

    def _quantifier(self) -> tuple[int, int | None, str] | None:
        """Minimum, maximum and manner (lazy ``?``, possessive ``+``) of a repeat, if one is here."""
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self._peek())
        if simple is not None:
            self.position += 1
            low, high = simple
        else:
            found = _QUANTIFIER.match(self.text, self.position)
            if found is None:
                return None
            self.position = found.end()
            if len(found[1]) > 5 or int(found[1]) > 65535:
                self._fail("the number in the {} quantifier is too big")
            low = int(found[1])
            high = low
            if found[2]:
                if len(found[3]) > 5 or int(found[3] or 0) > 65535:
                    self._fail("the number in the {} quantifier is too big")
                high = int(found[3]) if found[3] else None
            if high is not None and high < low:
                self._fail("the numbers in the {} quantifier are out of order")
        manner = self._peek() if self._peek() in ("?", "+") and self._peek() else ""
        self.position += len(manner)
        if "U" in self.flags and manner != "+":
            manner = "" if manner else "?"
        return low, high, manner

    def _repeated(self, node: Node, low: int, high: int | None, manner: str) -> Node:
        if (low, high) == (0, None):
            mark = "*"
        elif (low, high) == (1, None):
            mark = "+"
        elif (low, high) == (0, 1):
            mark = "?"
        elif low == high:
            mark = f"{{{low}}}"
        else:
            mark = f"{{{low},{'' if high is None else high}}}"
        text = node.text + mark + manner
        if low == high == 1:
            text = node.text
        elif low == high and manner == "?":
            text = node.text + mark
        times = max(low, 1) if high is None else max(high, 1)
        branching = node.ways > 1 or node.degree > 0
        width = node.width * low if low == high and node.width is not None else None
        if node.width == 0:
            width = 0
        if high is None:
            endless = branching or not node.width
            ways, degree = (_ENDLESS, 0) if endless else (1, 1)
        elif branching and times > 20:
            ways, degree = _ENDLESS, 0
        else:
            ways, degree = (times - low + 1) * node.ways**times, node.degree * times
        return Node(
            text, width, min(ways, _ENDLESS), degree, self._bounded(node.size * times), False
        )

    # ── items ────────────────────────────────────────────────────────────────────────────────

    def _item(self) -> Node:
        character = self._peek()
        if character == "\\":
            return self._escape()
        if character == "[":
            return self._class()
        if character == "(":
            return self._group()
        self.position += 1
        if character == "^":
            return _zero_width(r"(?:\A|(?<=\n)(?!\Z))" if "m" in self.flags else "^")
        if character == "$":
            return _zero_width(r"(?=\n|\Z)" if "m" in self.flags else "$")
        if character == ".":
            dot = bytesets.ALL if "s" in self.flags else bytesets.ALL - bytesets.NEWLINE
            return Node("[^\\n]" if dot != bytesets.ALL else bytesets.pattern_of(dot))
        return self._literal(ord(character))

    def _literal(self, code: int) -> Node:
        return self._set(frozenset((code,)))

    def _set(self, members: ByteSet) -> Node:
        return Node(bytesets.pattern_of(bytesets.fold(members) if "i" in self.flags else members))

    def _escape(self) -> Node:
        start = self.position
        self.position += 1
        letter = self._peek()
        if not letter:
            self._fail("\\ at end of pattern")
        self.position += 1
        if letter in bytesets.ESCAPES:
            return Node(bytesets.pattern_of(bytesets.ESCAPES[letter]))
        if letter in "pP":
            return Node(bytesets.pattern_of(self._property(letter == "P")))
        match letter:
            case "A" | "G":
                return _zero_width("\\A")
            case "z":
                return _zero_width("\\Z")
            case "Z":
                return _zero_width("(?=\\n?\\Z)")
            case "b" | "B":
                return _zero_width("\\" + letter)
            case "K":
                if self.lookarounds:
                    self._fail("\\K is not allowed in lookarounds")
                return _zero_width("\\K")
            case "N":
                if self._peek() == "{" and not _QUANTIFIER.match(self.text, self.position):
                    self._fail("\\N{name} is not supported by PCRE2")
                return Node("[^\\n]")
            case "R":
                return Node("(?>\\r\\n|[\\n\\x0b\\x0c\\r\\x85])", None, 2)
            case "X":
                return Node("(?>\\r\\n|[\\x00-\\xff])", None, 2)
            case "C":
                return Node(bytesets.pattern_of(bytesets.ALL))
            case "g":
                return self._g_reference()
            case "k":
                return self._backreference(self._name_reference())
        if letter in string.digits and letter != "0":
            digits = re.compile("[0-9]+").match(self.text, start + 1)
            assert digits is not None
            number = int(digits[0]) if len(digits[0]) < 6 else _ENDLESS
            if number < 10 or letter in "89" or number <= self.groups:
                self.position = digits.end()
                return self._backreference(number, start)
        self.position = start
        return self._literal(self._character_escape())

    def _character_escape(self) -> int:
        """The byte value of an escape that stands for one character, inside or outside a class."""
        self.position += 1
        letter = self._peek()
        self.position += 1
        if letter in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[letter]
        if not letter.isascii() or not letter.isalnum():
            return ord(letter)
        if letter == "x":
            if self._take("{"):
                return self._braced(_HEX, 16)
            digits = "".join(c for c in self._peek(2))
            if digits[:1] not in _HEX or not digits:
                digits = ""
            elif digits[1:] not in _HEX:
                digits = digits[:1]
            self.position += len(digits)
            return int(digits or "0", 16)
        if letter == "o":
            if not self._take("{"):
                self._fail("\\o is not followed by {")
            return self._braced(_OCTAL, 8)
        if letter in _OCTAL:
            digits = letter
            while len(digits) < 3 and self._peek() and self._peek() in _OCTAL:
                digits += self._peek()
                self.position += 1
            return self._byte(int(digits, 8))
        if letter == "c":
            control = self._peek()
            if not control:
                self._fail("\\c at end of pattern")
            if not " " <= control <= "~":
                self._fail("\\c must be followed by a printable character")
            self.position += 1
            return ord(control.upper()) ^ 0x40
        self.position -= 1
        self._fail(f"unrecognised letter {letter} behind \\")

    def _braced(self, digits: frozenset[str], base: int) -> int:
        text = self._until("}", "missing } behind \\x{ or \\o{")
        if not text or not set(text) <= digits:
            self._fail("digits are missing in \\x{} or \\o{}")
        return self._byte(int(text[:40], base))

    def _byte(self, code: int) -> int:
        if code > 255:
            self._fail("the character code is above 255, and patterns match bytes")
        return code

    def _property(self, negated: bool) -> ByteSet:
        if self._take("{"):
            name = self._until("}", "missing } behind \\p{").strip()
        else:
            name = self._peek()
            self.position += 1
        if name.startswith("^"):
            name, negated = name[1:], not negated
        members = bytesets.property_set(name)
        if members is None:
            self._fail(f"the Unicode property {name!r} cannot be expressed")
        return bytesets.ALL - members if negated else members

    # ── references ───────────────────────────────────────────────────────────────────────────

    def _number(self, name: str) -> int:
        """The number of the named group; 1 on the first reading, while it is still unknown."""
        number = self.names.get(name) or self._named.get(name)
        if number is None:
            if self.names:
                self._fail(f"there is no group named {name!r}")
            self.unresolved = True
            return 0
        return number

    def _relative(self, text: str) -> int:
        number = int(text) if len(text) < 7 else _ENDLESS
        if text[0] == "-":
            number = self.groups + 1 + number
            if number <= 0 or text == "-0":
                self._fail("the reference is to a group that does not exist")
        elif text[0] == "+":
            number = self.groups + number
        return number

    def _noted(self, number: int, offset: int) -> int:
        self.highest_reference = max(self.highest_reference, (number, offset))
        return number

    def _backreference(self, number: int, offset: int | None = None) -> Node:
        number = self._noted(number, self.position if offset is None else offset)
        text = f"(?i:\\{number})" if "i" in self.flags else f"(?:\\{number})"
        if number == 0:
            text = "(?:)"
        return Node(text, self.widths.get(number, 0) or 0)

    def _call(self, number: int) -> Node:
        self._noted(number, self.position)
        return Node(f"(?{number or 'R'})", self.widths.get(number, 0), _ENDLESS)

    def _g_reference(self) -> Node:
        for opening, closing in (("<", ">"), ("'", "'")):
            if self._take(opening):
                name = self._until(closing, f"missing {closing} behind \\g{opening}")
                if _SIGNED.fullmatch(name):
                    return self._call(self._relative(name))
                return self._call(self._known_call(name))
        if self._take("{"):
            name = self._until("}", "missing } behind \\g{")
        else:
            found = _SIGNED.match(self.text, self.position)
            if found is None:
                self._fail("\\g is not followed by a number or a name")
            name = found[0]
            self.position = found.end()
        if not _SIGNED.fullmatch(name):
            return self._backreference(self._number(name))
        number = self._relative(name)
        if number == 0:
            self._fail("the reference is to a group that does not exist")
        return self._backreference(number)

    def _known_call(self, name: str) -> int:
        number = self._number(name)
        return number or 1

    def _name_reference(self) -> int:
        for opening, closing in (("<", ">"), ("'", "'"), ("{", "}")):
            if self._take(opening):
                name = self._until(closing, f"missing {closing} behind \\k{opening}")
                return self._number(name)
        self._fail("\\k is not followed by a name")

    # ── classes ──────────────────────────────────────────────────────────────────────────────

    def _class(self) -> Node:
        for mark, rewritten in (("[[:<:]]", "\\b(?=\\w)"), ("[[:>:]]", "\\b(?<=\\w)")):
            if self._take(mark):
                return _zero_width(f"(?:{rewritten})")
        if re.compile(r"\[([:.=])[^\]]*\1\]").match(self.text, self.position):
            self._fail("POSIX named classes are supported only within a class")
        self.position += 1
        negated = self._take("^")
        members: set[int] = set()
        quoting = False
        first = True
        pending: int | None = None
        """The character that a hyphen behind it would make a range of."""
        while True:
            if self.position >= len(self.text):
                self._fail("missing terminating ] for character class")
            if quoting or self._peek(2) in ("\\Q", "\\E"):
                if self._take("\\E"):
                    quoting = False
                    continue
                if not quoting:
                    self.position += 2
                    quoting = True
                    continue
            elif self._peek() == "]" and not first:
                self.position += 1
                break
            elif "xx" in self.flags and self._peek() in " \t":
                self.position += 1
                continue
            elif self._peek() == "-" and not first and pending != -1 and pending is not None:
                following = self._class_range_end()
                if following is not None:
                    if following < pending:
                        self._fail("range out of order in character class")
                    members.update(range(pending, following + 1))
                    pending = None
                    continue
            elif self._peek() == "-" and pending == -1 and self._peek(2) != "-]":
                self._fail("invalid range in character class")
            first = False
            if quoting:
                pending = ord(self._peek())
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
            kept = bytesets.fold(kept)
        return Node(bytesets.pattern_of(bytesets.ALL - kept if negated else kept))

    def _class_range_end(self) -> int | None:
        """The end of a range whose hyphen is next, None when that hyphen is a literal."""
        start = self.position
        self.position += 1
        quoted = False
        while self._peek(2) in ("\\Q", "\\E"):
            quoted = self._peek(2) == "\\Q"
            self.position += 2
        if self._peek() == "]" and not quoted:
            self.position = start
            return None
        if quoted:
            found: int | ByteSet = ord(self._peek() or "]")
            self.position += 1
            if not self._take("\\E"):
                self._fail("\\Q inside a range cannot be expressed")
        else:
            if not self._peek():
                self._fail("missing terminating ] for character class")
            found = self._class_item()
        if not isinstance(found, int):
            self._fail("invalid range in character class")
        return found

    def _class_item(self) -> int | ByteSet:
        if self._peek() == "[":
            posix = re.compile(r"\[([:.=])(\^?)([^\]]*?)\1\]").match(self.text, self.position)
            if posix is not None:
                if posix[1] != ":":
                    self._fail("POSIX collating elements are not supported")
                members = bytesets.POSIX.get(posix[3])
                if members is None:
                    self._fail("unknown POSIX class name")
                if "i" in self.flags and posix[3] in ("upper", "lower"):
                    members = bytesets.POSIX["alpha"]
                self.position = posix.end()
                return bytesets.ALL - members if posix[2] else members
        if self._peek() != "\\":
            self.position += 1
            return ord(self.text[self.position - 1])
        letter = self.text[self.position + 1 : self.position + 2]
        if not letter:
            self._fail("\\ at end of pattern")
        if letter in bytesets.ESCAPES:
            self.position += 2
            return bytesets.ESCAPES[letter]
        if letter in "pP":
            self.position += 2
            return self._property(letter == "P")
        if letter == "b":
            self.position += 2
            return 8
        if letter in "89":
            self.position += 2
            return ord(letter)
        if letter in "ABCGKNRXZgkz":
            self._fail(f"\\{letter} is invalid in a character class")
        return self._character_escape()

    # ── groups ───────────────────────────────────────────────────────────────────────────────

    def _group(self) -> Node:
        if self._take("(*"):
            return self._verb()
        if not self._take("(?"):
            self.position += 1
            if "n" in self.flags:
                return self._close("(?:")
            return self._capture(None)
        for mark in (":", "|", ">", "=", "!", "<=", "<!"):
            if self._take(mark):
                return self._assertion_or_group(mark)
        if self._take("*"):
            self._fail("a non-atomic lookahead cannot be expressed")
        for opening, closing in (("P<", ">"), ("<", ">"), ("'", "'")):
            if self._take(opening):
                name = _NAME.match(self.text, self.position)
                if name is None or len(name[0]) > 32:
                    self._fail("a group name must be 1 to 32 letters, digits, _; no digit first")
                self.position = name.end()
                if not self._take(closing):
                    self._fail(f"missing {closing} behind a group name")
                return self._capture(name[0])
        if self._take("P="):
            return self._backreference(
                self._number(self._until(")", "missing closing parenthesis"))
            )
        if self._take("P>") or self._take("&"):
            return self._call(self._known_call(self._until(")", "missing closing parenthesis")))
        if self._take("R)"):
            return self._call(0)
        if number := _SIGNED.match(self.text, self.position):
            self.position = number.end()
            if not self._take(")"):
                self._fail("(?R or (?[+-]digits must be followed by )")
            return self._call(self._relative(number[0]))
        if self._take("("):
            return self._conditional()
        if self._take("C"):
            return self._callout()
        return self._settings()

    def _close(self, opening: str, reset: bool = False) -> Node:
        """The rest of a group whose opening was taken."""
        node, _ = self._alternatives(reset)
        if not self._take(")"):
            self._fail("missing closing parenthesis")
        return node._replace(text=f"{opening}{node.text})")

    def _capture(self, name: str | None) -> Node:
        self.groups += 1
        number = self.groups
        if name is not None:
            if self._named.get(name, number) != number:
                self._fail(f"two groups are named {name!r}")
            self._named[name] = number
        node = self._close("(")
        self.widths[number] = node.width
        return node

    def _assertion_or_group(self, mark: str) -> Node:
        if mark in (":", ">", "|"):
            return self._close(f"(?{mark}", reset=mark == "|")
        start = self.position
        self.lookarounds += 1
        node, widths = self._alternatives()
        self.lookarounds -= 1
        if not self._take(")"):
            self._fail("missing closing parenthesis")
        if mark[0] == "<" and None in widths:
            raise PatternError("a lookbehind assertion is not of fixed length", start)
        return node._replace(text=f"(?{mark}{node.text})", width=0)

    def _conditional(self) -> Node:
        if self._take("?"):
            for mark in ("=", "!", "<=", "<!"):
                if self._take(mark):
                    condition = self._assertion_or_group(mark).text
                    break
            else:
                self._fail("an assertion is expected behind (?( ")
        else:
            name = self._until(")", "missing ) behind a condition")
            if name == "DEFINE":
                condition = "(DEFINE)"
            elif _SIGNED.fullmatch(name):
                condition = f"({self._noted(self._relative(name), self.position)})"
            elif re.fullmatch(r"R[0-9]*|R&\w+|VERSION.*", name) and name not in self._named:
                self._fail(f"the condition {name!r} cannot be expressed")
            else:
                bare = re.fullmatch(r"<(\w+)>|'(\w+)'|(\w+)", name)
                if bare is None:
                    self._fail("a condition is not understood")
                condition = f"({self._number(bare[1] or bare[2] or bare[3]) or 1})"
        node, widths = self._alternatives()
        if not self._take(")"):
            self._fail("missing closing parenthesis")
        if len(widths) > (1 if condition == "(DEFINE)" else 2):
            self._fail("a conditional group has too many branches")
        width = node.width if len(widths) == 2 else None
        if condition == "(DEFINE)":
            width = 0
        return node._replace(text=f"(?{condition}{node.text})", width=width, ways=node.ways + 1)

    def _callout(self) -> Node:
        """Callouts do nothing here."""
        delimiter = self._peek()
        if delimiter and delimiter in "`'\"^%#${":
            self.position += 1
            self._until("}" if delimiter == "{" else delimiter, "missing end of callout")
            if not self._take(")"):
                self._fail("missing ) behind a callout")
        else:
            number = self._until(")", "missing ) behind (?C")
            if number and (not number.isdecimal() or int(number[:5]) > 255):
                self._fail("the number behind (?C must be 0 to 255")
        return _zero_width("")

    def _settings(self) -> Node:
        """``(?i)`` for the rest of the group, ``(?i:…)`` for a group of its own."""
        flags = set(self.flags)
        adding = True
        if self._take("^"):
            flags -= {"i", "m", "s", "x", "xx", "n"}
        while (letter := self._peek()) and letter not in ":)":
            self.position += 1
            if letter == "-" and adding and self.text[self.position - 2] != "^":
                adding = False
            elif letter == "J":
                self._fail("(?J), several groups of one name, cannot be expressed")
            elif letter in "imsxnU":
                if letter == "x" and self._take("x"):
                    letter = "xx"
                changed = {"x", "xx"} if letter == "xx" or not adding else {letter}
                changed = changed if letter in ("x", "xx") else {letter}
                flags = flags | changed if adding else flags - changed
                if letter == "x" and adding:
                    flags.discard("xx")
            else:
                self.position -= 1
                self._fail("unrecognised character behind (?")
        if self._take(")"):
            self.flags = frozenset(flags)
            return _zero_width("")
        if not self._take(":"):
            self._fail("missing closing parenthesis")
        outer, self.flags = self.flags, frozenset(flags)
        node = self._close("(?:")
        self.flags = outer
        return node

    def _verb(self) -> Node:
        start = self.position - 2
        found = re.compile(r"([A-Za-z0-9_]*)(?:([:=])([^)]*))?").match(self.text, self.position)
        assert found is not None
        name = found[1]
        if name in _ALPHA_GROUPS and found[2] == ":":
            self.position = found.end(1) + 1
            return self._assertion_or_group(_ALPHA_GROUPS[name])
        self.position = found.end()
        if self._take(")"):
            if name in ("F", "FAIL"):
                return _zero_width("(?!)")
            if name in ("", "MARK") and found[3]:
                return _zero_width("")
            if name == "PRUNE" or (name == "SKIP" and not found[2]):
                return _zero_width(f"(*{name})")
        raise PatternError(f"(*{name}) cannot be expressed", start)


def _zero_width(text: str) -> Node:
    """An assertion or a mark, which cannot be repeated."""
    return Node(text, 0, repeatable=False)


def rewrite(text: str, flags: str = "") -> tuple[Node, int]:
    """The pattern for ``regex`` (VERSION0, ASCII, no flags) and its number of groups.

    ``flags``: ``i`` caseless, ``s`` dot matches newline. Raises ``PatternError``.
    """
    if len(text) > MAX_LENGTH:
        raise PatternError(f"the pattern is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    rewriter = Rewriter(text, frozenset(flags))
    node = rewriter.pattern()
    return node, rewriter.groups
