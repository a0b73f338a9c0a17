"""How applications take their data apart: separators, quotes, bracketed variables, booleans."""

from __future__ import annotations

import re

_UNESCAPED = {"n": "\n", "r": "\r", "t": "\t", "s": " "}
_NUMBER = re.compile(r"[+-]?[0-9.]*\Z")
_TRUE = frozenset(("yes", "on", "true", "t", "enabled", "active", "allow"))
_FALSE = frozenset(("no", "off", "false", "f", "disabled", "inactive", "disallow"))

MAX_VARIABLES = 1024
"""Items that are read from one list of variables."""


def is_true(text: str | None) -> bool:
    """Whether ``text`` says yes: a word such as ``true``, or a number other than 0."""
    if not text:
        return False
    return text.lower() in _TRUE or (_is_number(text) and _value(text) != 0)


def is_false(text: str | None) -> bool:
    """Whether ``text`` says no: a word such as ``false``, or the number 0."""
    if not text:
        return False
    return text.lower() in _FALSE or (_is_number(text) and _value(text) == 0)


def _is_number(text: str) -> bool:
    return _NUMBER.match(text) is not None


def _value(text: str) -> int:
    """The whole number in front, as C reads it."""
    digits = re.match(r"[+-]?[0-9]{1,15}", text)
    return int(digits[0]) if digits else 0


def split(text: str, delimiter: str = " ", limit: int = 128) -> list[str]:
    r"""The tokens of ``text``, at most ``limit``: the last one keeps what was not split.

    ``^^X`` in front replaces the delimiter by X. Single quotes protect delimiters and are
    removed; ``\'`` ``\"`` ``\\`` ``\n`` ``\r`` ``\t`` ``\s`` and the escaped delimiter are read
    as what they stand for. Outer spaces of each token are dropped. A run of spaces is one
    delimiter; other delimiters keep empty tokens, but for one at the very end.
    """
    if text.startswith("^^") and len(text) > 3:
        delimiter, text = text[2], text[3:]
    if not text or limit < 1:
        return []
    if delimiter == " ":
        return [_clean(token, "") for token in _split_blank(text, limit)]
    if "'" not in text and "\\" not in text:
        tokens = text.split(delimiter, limit - 1)
        if not tokens[-1]:
            tokens.pop()
        return [token.strip(" ") for token in tokens]
    return [_clean(token, delimiter) for token in _split_at(text, delimiter, limit)]


def _split_at(text: str, delimiter: str, limit: int) -> list[str]:
    tokens: list[str] = []
    start = position = 0
    last_quote = text.rfind("'")
    quoted = False
    while position < len(text) and len(tokens) < limit - 1:
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "'" and (quoted or position < last_quote):
            quoted = not quoted
        elif character == delimiter and not quoted:
            tokens.append(text[start:position])
            start = position + 1
        position += 1
    if start < len(text):
        tokens.append(text[start:])
    return tokens


def _split_blank(text: str, limit: int) -> list[str]:
    tokens: list[str] = []
    position, end = 0, len(text)
    while position < end:
        start = position
        if len(tokens) == limit - 1:
            tokens.append(text[start:])
            break
        while position < end and text[position] == " ":
            position += 1
        quoted = False
        while position < end and (quoted or text[position] != " "):
            if text[position] == "\\":
                position += 1
            elif text[position] == "'":
                quoted = not quoted
            position += 1
        tokens.append(text[start:position])
        while position < end and text[position] == " ":
            position += 1
    return tokens


def _clean(token: str, delimiter: str) -> str:
    """The token without its quotes, escapes and outer spaces."""
    if "\\" not in token and "'" not in token:
        return token.strip(" ")
    token = token.lstrip(" ")
    last_quote = token.rfind("'")
    output: list[str] = []
    keep = 0
    quoted = False
    position = 0
    while position < len(token):
        character = token[position]
        following = token[position + 1 : position + 2]
        if character == "\\" and following:
            escaped = _UNESCAPED.get(following, "")
            if following in ("'", '"', "\\") or following == delimiter:
                escaped = following
            if escaped:
                output.append(escaped)
                keep = len(output)
                position += 2
                continue
        if character == "'" and (quoted or position < last_quote):
            quoted = not quoted
            if quoted:
                keep = len(output)
        else:
            output.append(character)
            if character != " " or quoted:
                keep = len(output)
        position += 1
    return "".join(output[:keep])


def take_bracket(text: str, opening: str, closing: str) -> tuple[str, str] | None:
    """What stands inside the bracket ``text`` begins with, and what follows it.

    Brackets of the same kind inside must balance; quotes protect nothing. None when ``text``
    does not begin with ``opening`` or its end is missing.
    """
    if not text.startswith(opening):
        return None
    depth = 0
    for position, character in enumerate(text):
        if character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            if not depth:
                return text[1:position], text[position + 1 :]
    return None


def split_variables(text: str, separator: str = ",") -> list[tuple[str, str]]:
    """The ``name=value`` pairs of a list such as ``a=1,b=2``; items without a value are dropped.

    ``^^X`` in front replaces the separator.
    """
    variables: list[tuple[str, str]] = []
    for item in split(text, separator, MAX_VARIABLES):
        pair = split(item, "=", 2)
        if len(pair) == 2:
            variables.append((pair[0], pair[1]))
    return variables


def take_variables(
    text: str, opening: str, closing: str, separator: str = ","
) -> tuple[list[tuple[str, str]], str]:
    """The variables of all brackets of one kind in front of ``text``, and the rest.

    Raises ``ValueError`` when a bracket is not closed.
    """
    variables: list[tuple[str, str]] = []
    rest = text.lstrip(" ")
    if not rest.startswith(opening):
        return variables, text
    while rest.startswith(opening):
        taken = take_bracket(rest, opening, closing)
        if taken is None:
            raise ValueError(f"{opening} without its {closing}: {rest[:40]}")
        variables.extend(split_variables(taken[0], separator))
        rest = taken[1].lstrip(" ")
    return variables, rest


def take_scope(text: str) -> tuple[list[tuple[str, str]], str]:
    """The scope variables of ``%[a=b]data`` or ``%;[a=b;c=d]data``, and the data itself.

    Text without such a prefix, or with an unfinished one, comes back whole.
    """
    if text.startswith("%["):
        separator, bracket = ",", text[1:]
    elif text.startswith("%") and text[2:3] == "[":
        separator, bracket = text[1], text[2:]
    else:
        return [], text
    try:
        return take_variables(bracket, "[", "]", separator)
    except ValueError:
        return [], text


def whole(text: str, default: int) -> int:
    """A number of at most nine digits that a call or an operator wrote; else the default."""
    return int(text) if text.isdecimal() and len(text) < 10 else default
