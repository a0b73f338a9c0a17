"""Dialplan expressions with PCRE2's meaning: ``/pattern/flags``, ``_asterisk`` or plain.

The ``regex`` package matches what ``rewrite`` made of them, never longer than a time limit.
"""

from __future__ import annotations

import enum
import logging
import re
from functools import lru_cache

import regex

from softswitch.dialplan.pcre_characters import PatternError
from softswitch.dialplan.pcre_rewrite import rewrite

__all__ = ["Expression", "Fit", "MatchTimeout", "PatternError", "compile_expression"]

logger = logging.getLogger(__name__)

TIME_LIMIT = 0.05
"""Seconds that one match may take."""
CACHE_SIZE = 65_536
_CHEAP = 20_000
"""Ways through a pattern that need no clock: even all of them take less than the limit."""
_LITERAL = re.compile(r"\^([0-9A-Za-z]+)\$")
_ASTERISK = {"N": "[2-9]", "X": "[0-9]", "Z": "[1-9]", ".": ".*"}


class MatchTimeout(Exception):
    """A match that took longer than the time limit."""


class Fit(enum.Enum):
    """What collected digits mean for a pattern."""

    NONE = "none"
    """No further digits can make a match."""
    PARTIAL = "partial"
    """More digits could make a match."""
    FULL = "full"


class Expression:
    """One compiled expression.

    ``match`` searches anywhere in the subject; characters count as their UTF-8 bytes.
    """

    __slots__ = (
        "_compiled",
        "_degree",
        "_greedy",
        "_literal",
        "_ways",
        "groups",
        "pattern",
        "text",
    )

    def __init__(self, text: str) -> None:
        """Raises ``PatternError`` with the offset into ``text``."""
        self.text = text
        self._greedy: regex.Pattern[str] | None = None
        self._compiled: regex.Pattern[str] | None = None
        literal = _LITERAL.fullmatch(text)
        self._literal = literal[1] if literal else None
        if literal is not None:
            # A number as it stands: most of a large dialplan. Comparing needs no compiling.
            self.pattern, self.groups, self._ways, self._degree = text, 0, 1, 1
            return
        pattern, flags, start = split_expression(text)
        self.pattern = pattern
        try:
            node, self.groups = rewrite(_as_bytes(pattern), flags)
            self._compiled = regex.compile(node.text, regex.VERSION0 | regex.ASCII)
        except PatternError as error:
            raise PatternError(error.reason, error.offset + start) from None
        except (regex.error, RecursionError, MemoryError, OverflowError) as error:
            raise PatternError(f"the pattern cannot be expressed: {error}", start) from error
        self._ways = node.ways
        self._degree = node.degree + 1

    def __repr__(self) -> str:
        return f"<Expression {self.text!r}, groups={self.groups}>"

    def _search(self, subject: str, limit: float) -> regex.Match[str] | None:
        if self._compiled is None:
            self._compiled = regex.compile(self.pattern, regex.VERSION0 | regex.ASCII)
        try:
            if self._ways * (len(subject) + 1) ** self._degree <= _CHEAP:
                return self._compiled.search(subject)
            return self._compiled.search(subject, timeout=limit)
        except TimeoutError:
            raise self._timeout(subject, limit) from None

    def _timeout(self, subject: str, limit: float) -> MatchTimeout:
        took = f"took longer than {limit * 1000:g} ms"
        return MatchTimeout(f"matching {subject[:60]!r} with {self.text!r} {took}")

    def search(self, subject: str, limit: float = TIME_LIMIT) -> list[str | None] | None:
        """The match and its groups, None without a match.

        Groups behind the last one that matched are left out, unset ones before it are None.
        Raises ``MatchTimeout`` after ``limit`` seconds.
        """
        if self._literal is not None:
            # $ also matches in front of a last newline.
            return [self._literal] if subject.removesuffix("\n") == self._literal else None
        plain = subject.isascii()
        found = self._search(subject if plain else _as_bytes(subject), limit)
        if found is None:
            return None
        captures: list[str | None] = [found[0], *found.groups()]
        while captures[-1] is None:
            captures.pop()
        if plain:
            return captures
        return [None if capture is None else _as_text(capture) for capture in captures]

    def match(self, subject: str, limit: float = TIME_LIMIT) -> list[str | None] | None:
        """As ``search``, but a match that takes too long is reported and counts as none."""
        try:
            return self.search(subject, limit)
        except MatchTimeout as timeout:
            logger.error("%s", timeout)
            return None

    def fit(self, digits: str, limit: float = TIME_LIMIT) -> Fit:
        """Whether ``digits`` match, could with more of them, or never will."""
        subject = _as_bytes(digits)
        if self._greedy is None:
            # The regex package misjudges partial matches of repeats that prefer less.
            pattern, flags, _ = split_expression(self.text)
            node, _ = rewrite(_as_bytes(pattern), flags, lazy=False)
            self._greedy = regex.compile(node.text, regex.VERSION0 | regex.ASCII)
        try:
            if self._search(subject, limit) is not None:
                return Fit.FULL
            found = self._greedy.search(subject, timeout=limit, partial=True)
        except (MatchTimeout, TimeoutError):
            logger.error("%s", self._timeout(subject, limit))
            return Fit.NONE
        # At least one character must have been part of it, as with PCRE2_PARTIAL_SOFT.
        return Fit.PARTIAL if found is not None and found[0] else Fit.NONE


def split_expression(text: str) -> tuple[str, str, int]:
    """The pattern inside an expression, its flags (``i``, ``s``) and where it starts.

    Raises ``PatternError`` when ``/pattern`` lacks its closing slash.
    """
    if text.startswith("_"):
        return "^" + "".join(_ASTERISK.get(c, c) for c in text[1:]) + "$", "", 0
    if not text.startswith("/"):
        return text, "", 0
    end = text.rfind("/")
    if end == 0:
        raise PatternError("the closing / of the expression is missing", len(text))
    return text[1:end], "".join(c for c in text[end + 1 :] if c in "is"), 1


def _as_bytes(text: str) -> str:
    """One character for each byte of the text's UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _as_text(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


@lru_cache(maxsize=CACHE_SIZE)
def _compiled(text: str) -> Expression | PatternError:
    try:
        return Expression(text)
    except PatternError as error:
        # Not the one that was raised: its traceback holds whoever asked, with all they know.
        return PatternError(error.reason, error.offset)


def compile_expression(text: str) -> Expression:
    """The expression compiled, from a bounded cache; raises ``PatternError``."""
    found = _compiled(text)
    if isinstance(found, PatternError):
        raise PatternError(found.reason, found.offset)
    return found
