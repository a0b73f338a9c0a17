"""Matching and choosing: ``regex`` and ``cond``."""

from __future__ import annotations

import re

from softswitch.dialplan.hunt import substitute
from softswitch.dialplan.pcre import PatternError, compile_expression
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

_ERROR = "-ERR"
_NUMBER = re.compile(r"[+-]?\d*\.?\d+\Z")
_OPERAND = r"(?:'(?P<{0}q>[^']*)'|(?P<{0}>[^\s']\S*))"
_CONDITION = re.compile(
    rf"\s*{_OPERAND.format('a')}\s+(?P<op>==|!=|>=|<=|>|<|=)\s+{_OPERAND.format('b')}\s+\?\s*"
    r"(?P<rest>.*)\Z",
    re.DOTALL,
)


@command("regex", syntax="<data>|<pattern>[|<subst string>][n|b]", module="mod_commands")
async def regex(call: CommandCall, arguments: str) -> str:
    """Match text: ``true`` or ``false``, or a third part with ``%1`` or ``$1`` filled in.

    Without a match the data comes back, with the flag ``n`` nothing, with ``b`` ``false``.
    ``m:~`` in front makes ``~`` the separator.
    """
    delimiter = "|"
    if arguments.startswith("m:") and len(arguments) > 3:
        delimiter, arguments = arguments[2], arguments[3:]
    words = arguments.split(delimiter)
    if len(words) < 2:
        return _ERROR
    data, pattern = words[0], words[1]
    try:
        captures = compile_expression(pattern).match(data)
    except PatternError:
        return _ERROR
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
    beside a number counts as its length. Quotes make anything a text.
    """
    found = _CONDITION.match(arguments)
    if found is None:
        return _ERROR
    true_value, false_value = _split_values(found["rest"])
    if not true_value and not false_value:
        return _ERROR
    holds = compare(
        found["aq"] if found["a"] is None else found["a"],
        found["bq"] if found["b"] is None else found["b"],
        found["op"],
        quoted=(found["a"] is None, found["b"] is None),
    )
    return true_value if holds else false_value


def compare(a: str, b: str, operator: str, quoted: tuple[bool, bool] = (False, False)) -> bool:
    """Whether the comparison of two operands holds."""
    a_number = not quoted[0] and _NUMBER.match(a) is not None
    b_number = not quoted[1] and _NUMBER.match(b) is not None
    if operator == "=":
        operator = "=="
    if not a_number and not b_number and operator in ("==", "!="):
        return (a == b) is (operator == "==")
    left = float(a) if a_number else float(len(a))
    right = float(b) if b_number else float(len(b))
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


def _split_values(text: str) -> tuple[str, str]:
    """The values for true and false of ``<t> : <f>``; quotes around them are dropped."""
    found = re.match(r"\s*'(?P<q>[^']*)'\s*(?::(?P<f>.*))?\Z", text, re.DOTALL)
    if found is not None:
        return found["q"], _unquote(found["f"] or "")
    true_value, colon, false_value = f"{text} ".partition(" : ")
    if not colon:
        true_value, _, false_value = text.partition(":") if text.count(":") == 1 else (text, "", "")
    return true_value.strip(), _unquote(false_value)


def _unquote(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
