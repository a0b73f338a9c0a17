"""Rewrites a PCRE2 pattern for the ``regex`` package, keeping PCRE2's meaning.

PCRE2 without options matches bytes; patterns and subjects arrive here as text with one character
for each byte. What cannot be expressed is refused with a sentence. pcre2pattern(3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from softswitch.dialplan import pcre_sets
from softswitch.dialplan.pcre_characters import PatternError
from softswitch.dialplan.pcre_items import (
    ENDLESS,
    SIGNED,
    Node,
    zero_width,
)
from softswitch.dialplan.pcre_repeats import RepeatRewriter

MAX_DEPTH = 100
MAX_LENGTH = 8192

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
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


@dataclass(slots=True)
class Rewriter(RepeatRewriter):
    """One reading of a pattern; ``rewrite`` below is the way in."""

    depth: int = 0
    quoting: bool = False

    def pattern(self) -> Node:
        """The whole pattern rewritten; raises ``PatternError``."""
        while setting := _IGNORED_SETTINGS.match(self.text, self.position):
            self.position = setting.end()
        node, _ = self._alternatives()
        if self.position < len(self.text):
            raise self.error("unmatched closing parenthesis")
        number, offset = self.highest_reference
        if number > self.groups and not self.unresolved:
            raise PatternError(f"there is no group {number}", offset)
        return node

    def _alternatives(self, reset: bool = False) -> tuple[Node, list[int | None]]:
        """Branches up to a closing parenthesis or the end, and their widths."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error("parentheses are nested too deeply")
        outer = self.flags
        first_group = highest = self.groups
        branches = [self._branch()]
        while self.take("|"):
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
            min(sum(branch.ways for branch in branches), ENDLESS),
            max(branch.degree for branch in branches),
            self.bounded(sum(branch.size for branch in branches)),
        )
        return node, widths

    def _branch(self) -> Node:
        nodes: list[Node] = []
        repeatable = False
        while self.position < len(self.text):
            if self.quoting or self.peek(2) in ("\\Q", "\\E"):
                literal = self._quoted()
                if literal is not None:
                    nodes.append(literal)
                    repeatable = True
                continue
            character = self.peek()
            if character in "|)":
                break
            if "x" in self.flags and character in " \t\n\x0b\f\r":
                self.position += 1
            elif "x" in self.flags and character == "#":
                end = self.text.find("\n", self.position)
                self.position = len(self.text) if end < 0 else end + 1
            elif self.take("(?#"):
                self.until(")", "missing ) after (?# comment")
            elif repeat := self.quantifier():
                if not repeatable:
                    raise self.error("a quantifier does not follow a repeatable item")
                nodes.append(self.repeated(nodes.pop(), *repeat))
                repeatable = False
            else:
                node = self._item()
                repeatable = node.repeatable
                nodes.append(node)
        width: int | None = 0
        ways, degree, size = 1, 0, 0
        for node in nodes:
            width = None if width is None or node.width is None else width + node.width
            ways = min(ways * node.ways, ENDLESS)
            degree += node.degree
            size += node.size
        return Node("".join(node.text for node in nodes), width, ways, degree, self.bounded(size))

    def _quoted(self) -> Node | None:
        """The next character of ``\\Q…\\E``, or None when only its marks were taken."""
        if self.take("\\E"):
            self.quoting = False
            return None
        if not self.quoting:
            self.position += 2
            self.quoting = True
            return None
        self.position += 1
        return self.literal(ord(self.text[self.position - 1]))

    def _item(self) -> Node:
        character = self.peek()
        if character == "\\":
            return self.escape()
        if character == "[":
            return self.character_class()
        if character == "(":
            return self._group()
        self.position += 1
        if character == "^":
            return zero_width(r"(?:\A|(?<=\n)(?!\Z))" if "m" in self.flags else "^")
        if character == "$":
            return zero_width(r"(?=\n|\Z)" if "m" in self.flags else "$")
        if character == ".":
            dot = pcre_sets.ALL if "s" in self.flags else pcre_sets.ALL - pcre_sets.NEWLINE
            return Node("[^\\n]" if dot != pcre_sets.ALL else pcre_sets.pattern_of(dot))
        return self.literal(ord(character))

    def _group(self) -> Node:
        if self.take("(*"):
            return self._verb()
        if not self.take("(?"):
            self.position += 1
            if "n" in self.flags:
                return self._close("(?:")
            return self._capture(None)
        for mark in (":", "|", ">", "=", "!", "<=", "<!"):
            if self.take(mark):
                return self._assertion_or_group(mark)
        if self.take("*"):
            raise self.error("a non-atomic lookahead cannot be expressed")
        for opening, closing in (("P<", ">"), ("<", ">"), ("'", "'")):
            if self.take(opening):
                name = _NAME.match(self.text, self.position)
                if name is None or len(name[0]) > 32:
                    raise self.error(
                        "a group name must be 1 to 32 letters, digits, _; no digit first"
                    )
                self.position = name.end()
                if not self.take(closing):
                    raise self.error(f"missing {closing} behind a group name")
                return self._capture(name[0])
        if self.take("P="):
            return self.backreference(self.number(self.until(")", "missing closing parenthesis")))
        if self.take("P>") or self.take("&"):
            return self.call(self.known_number(self.until(")", "missing closing parenthesis")))
        if self.take("R)"):
            return self.call(0)
        if number := SIGNED.match(self.text, self.position):
            self.position = number.end()
            if not self.take(")"):
                raise self.error("(?R or (?[+-]digits must be followed by )")
            return self.call(self.relative(number[0]))
        if self.take("("):
            return self._conditional()
        if self.take("C"):
            return self._callout()
        return self._settings()

    def _close(self, opening: str, reset: bool = False) -> Node:
        """The rest of a group whose opening was taken."""
        node, _ = self._alternatives(reset)
        if not self.take(")"):
            raise self.error("missing closing parenthesis")
        return node._replace(text=f"{opening}{node.text})")

    def _capture(self, name: str | None) -> Node:
        self.groups += 1
        number = self.groups
        if name is not None:
            if self.named.get(name, number) != number:
                raise self.error(f"two groups are named {name!r}")
            other = next((n for n, at in self.named.items() if at == number and n != name), None)
            if other is not None:
                raise self.error(f"group {number} has two names, {other!r} and {name!r}")
            self.named[name] = number
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
        if not self.take(")"):
            raise self.error("missing closing parenthesis")
        if mark[0] == "<" and None in widths:
            raise PatternError("a lookbehind assertion is not of fixed length", start)
        return node._replace(text=f"(?{mark}{node.text})", width=0)

    def _conditional(self) -> Node:
        if self.take("?"):
            for mark in ("=", "!", "<=", "<!"):
                if self.take(mark):
                    condition = self._assertion_or_group(mark).text
                    break
            else:
                raise self.error("an assertion is expected behind (?( ")
        else:
            name = self.until(")", "missing ) behind a condition")
            if name == "DEFINE":
                condition = "(DEFINE)"
            elif SIGNED.fullmatch(name):
                condition = f"({self.noted(self.relative(name), self.position)})"
            elif re.fullmatch(r"R[0-9]*|R&\w+|VERSION.*", name) and name not in self.named:
                raise self.error(f"the condition {name!r} cannot be expressed")
            else:
                bare = re.fullmatch(r"<(\w+)>|'(\w+)'|(\w+)", name)
                if bare is None:
                    raise self.error("a condition is not understood")
                condition = f"({self.number(bare[1] or bare[2] or bare[3]) or 1})"
        node, widths = self._alternatives()
        if not self.take(")"):
            raise self.error("missing closing parenthesis")
        if len(widths) > (1 if condition == "(DEFINE)" else 2):
            raise self.error("a conditional group has too many branches")
        width = node.width if len(widths) == 2 else None
        if condition == "(DEFINE)":
            width = 0
        return node._replace(text=f"(?{condition}{node.text})", width=width, ways=node.ways + 1)

    def _callout(self) -> Node:
        """Callouts do nothing here."""
        delimiter = self.peek()
        if delimiter and delimiter in "`'\"^%#${":
            self.position += 1
            self.until("}" if delimiter == "{" else delimiter, "missing end of callout")
            if not self.take(")"):
                raise self.error("missing ) behind a callout")
        else:
            number = self.until(")", "missing ) behind (?C")
            if number and (not number.isdecimal() or int(number[:5]) > 255):
                raise self.error("the number behind (?C must be 0 to 255")
        return zero_width("")

    def _settings(self) -> Node:
        """``(?i)`` for the rest of the group, ``(?i:…)`` for a group of its own."""
        flags = set(self.flags)
        adding = True
        if self.take("^"):
            flags -= {"i", "m", "s", "x", "xx", "n"}
        while (letter := self.peek()) and letter not in ":)":
            self.position += 1
            if letter == "-" and adding and self.text[self.position - 2] != "^":
                adding = False
            elif letter == "J":
                raise self.error("(?J), several groups of one name, cannot be expressed")
            elif letter in "imsxnU":
                if letter == "x":
                    flags -= {"x", "xx"}
                    changed = {"x", "xx"} if self.take("x") else {"x"}
                else:
                    changed = {letter}
                flags = flags | changed if adding else flags - changed
            else:
                self.position -= 1
                raise self.error("unrecognised character behind (?")
        if self.take(")"):
            self.flags = frozenset(flags)
            return zero_width("")
        if not self.take(":"):
            raise self.error("missing closing parenthesis")
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
        if self.take(")"):
            if name in ("F", "FAIL"):
                return zero_width("(?!)")
            if name in ("", "MARK") and found[3]:
                return zero_width("")
            plain = name == "PRUNE" or (name == "SKIP" and not found[2])
            # Inside a lookaround the regex package goes on where PCRE2 gives up.
            if plain and not self.lookarounds:
                return zero_width(f"(*{name})")
        raise PatternError(f"(*{name}) cannot be expressed", start)


def rewrite(text: str, flags: str = "", *, lazy: bool = True) -> tuple[Node, int]:
    """The pattern for ``regex`` (VERSION0, ASCII, no flags) and its number of groups.

    ``flags``: ``i`` caseless, ``s`` dot matches newline. Without ``lazy`` all repeats prefer more,
    which finds the same subjects but other captures. Raises ``PatternError``.
    """
    if len(text) > MAX_LENGTH:
        raise PatternError(f"the pattern is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    rewriter = Rewriter(text, frozenset(flags), lazy=lazy)
    node = rewriter.pattern()
    if rewriter.unresolved:
        rewriter = Rewriter(text, frozenset(flags), names=rewriter.named, lazy=lazy)
        node = rewriter.pattern()
    return node, rewriter.groups
