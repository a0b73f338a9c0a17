"""Matching and choosing: ``regex`` and ``cond``."""

from __future__ import annotations

import logging
import re

from softswitch.commands.reply import split_marked
from softswitch.dialplan.arguments import split
from softswitch.dialplan.hunt import substitute
from softswitch.dialplan.pcre import PatternError, compile_expression
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

log = logging.getLogger(__name__)

_ERROR = "-ERR"
_NUMBER = re.compile(r"[+-]?[0-9.]*\Z")
_LEADING = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_QUOTED = re.compile(r"'((?:[^'\\]|\\['\\]|\\(?!['\\]))*)'\s+", re.DOTALL)
_BARE = re.compile(r"([^' ][^ ]*) +\s*", re.DOTALL)
_OPERATOR = re.compile(r"(==|!=|>=|<=|>|<)\s+")


@command("regex", syntax="<data>|<pattern>[|<subst string>][n|b]", module="mod_commands")
async def regex(call: CommandCall, arguments: str) -> str:
    """Match text: ``true`` or ``false``, or a third part with ``%1`` or ``$1`` filled in.

    Without a match the data comes back, with the flag ``n`` nothing, with ``b`` ``false``.
    ``m:~`` or ``m:/`` in front makes that the separator; a pattern that cannot be read matches
    nothing.
    """
    words = split_marked(arguments, 4)
    if len(words) < 2:
        return _ERROR
    data, pattern = words[0], words[1]
    try:
        captures = compile_expression(pattern).match(data)
    except PatternError as error:
        log.error("regex %s: %s", pattern, error)
        captures = None
    if len(words) == 2:
        return "false" if captures is None else "true"
    if captures is not None:
        return substitute(words[2].replace("%", "$"), captures)
    flags = words[3] if len(words) > 3 else ""
    if "n" in flags:
        return ""
    return "false" if "b" in flags else data


@command("cond", syntax="<expr> ? <true val> : <false val>", module="mod_commands")
async def cond(call: CommandCall, arguments: str) -> str:
    """Choose between two values: ``cond(${a} == 5 ? yes : no)``.

    Two texts are compared as such by ``==`` and ``!=`` and by their lengths otherwise; a text
    beside a number counts as its length. Quotes make anything a text, and keep a colon in a
    value: ``cond(1 == 1 ? 'a:b' : c)``.
    """
    position = 0
    operands = []
    operator = ""
    for _ in range(2):
        quoted = _QUOTED.match(arguments, position)
        found = quoted or _BARE.match(arguments, position)
        if found is None:
            return _ERROR
        operands.append((found[1], quoted is not None))
        position = found.end()
        if not operator:
            sign = _OPERATOR.match(arguments, position)
            if sign is None:
                return _ERROR
            operator, position = sign[1], sign.end()
    if arguments[position : position + 1] != "?":
        return _ERROR
    # The question mark stands for a colon: an empty word, the true value and the false one.
    values = split(":" + arguments[position + 1 :], ":", 3)[1:]
    if not values:
        return _ERROR
    (a, a_quoted), (b, b_quoted) = operands
    holds = compare(a, b, operator, quoted=(a_quoted, b_quoted))
    return values[0] if holds else "".join(values[1:])


def compare(a: str, b: str, operator: str, quoted: tuple[bool, bool] = (False, False)) -> bool:
    """Whether the comparison of two operands holds."""
    a_number = not quoted[0] and _NUMBER.match(a) is not None
    b_number = not quoted[1] and _NUMBER.match(b) is not None
    if not a_number and not b_number and operator in ("==", "!="):
        return (a == b) is (operator == "==")
    left = _value(a) if a_number else len(a.encode("utf-8", "surrogateescape"))
    right = _value(b) if b_number else len(b.encode("utf-8", "surrogateescape"))
    match operator:
        case "==":
            return left == right
        case "!=":
            return left != right
        case ">=":
            return left >= right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left < right


def _value(text: str) -> float:
    """The number a text begins with, as C reads it."""
    found = _LEADING.match(text)
    return float(found[0]) if found else 0.0
