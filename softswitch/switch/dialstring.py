"""Dial strings: ``{a=b}[c=d]sofia/x|y,z`` parsed into what shall be rung, and when.

Grammar: enterprise strings separated by ``:_:``, each of serial groups separated by ``|``,
each of legs that ring together separated by ``,``. ``<>`` variables hold for all of it,
``{}`` for one string, ``[]`` for one leg.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from softswitch.dialplan.arguments import take_bracket, take_variables
from softswitch.switch.causes import CallFailed, HangupCause

_NOT_DIALABLE = re.compile(r"[^\w+*#.@()-]", re.ASCII)
MOST_GROUPS = 128
"""Serial groups and parallel legs beyond these numbers are refused."""


@dataclass(frozen=True, slots=True)
class DialedLeg:
    """One leg to ring: ``endpoint/target`` with its own variables."""

    endpoint: str
    target: str
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DialString:
    """Serial groups of parallel legs, and the variables that hold for all of them."""

    groups: tuple[tuple[DialedLeg, ...], ...]
    variables: dict[str, str] = field(default_factory=dict)


def flatten(text: str) -> str:
    """A dial string whose ``<>`` and ``{}`` variables stand as ``[]`` in front of each leg.

    So it can be joined with others. Those of the leg stand last and win, unless a bracket has
    ``local_var_clobber=true``.
    """
    shared, rest = _brackets(text.removesuffix(":_:").rstrip(",|"), "<", ">")
    written = []
    for number, string in enumerate(split_outside(rest, ":_:")):
        if number:
            written.append(":_:")
        own, string = _brackets(string, "{", "}")
        for position, group in enumerate(split_outside(string, "|")):
            legs = (_flat_leg(shared, own, leg) for leg in split_outside(group, ","))
            written.append(("|" if position else "") + ",".join(legs))
    return "".join(written)


def _flat_leg(shared: str, own: str, leg: str) -> str:
    variables, target = _brackets(leg, "[", "]")
    clobber = "local_var_clobber=true"
    before = "".join(item for item in (shared, own) if variables and clobber not in item)
    after = "".join(item for item in (own, shared) if not variables or clobber in item)
    return f"{before}{variables}{after}{target}"


def _brackets(text: str, opening: str, closing: str) -> tuple[str, str]:
    """All brackets of one kind in front of a text, as ``[]``, and what follows them."""
    taken = ""
    rest = text.lstrip(" ")
    while (found := take_bracket(rest, opening, closing)) is not None:
        taken += f"[{found[0]}]"
        rest = found[1].lstrip(" ")
    return taken, rest


@lru_cache(maxsize=1024)
def parse_enterprise(text: str) -> tuple[DialString, ...]:
    """The independent strings of a dial string; just one unless it has ``:_:``."""
    shared, rest = _variables(text.strip(), "<", ">")
    parts = split_outside(rest, ":_:")
    return tuple(_parse(part, shared) for part in parts)


def parse(text: str) -> DialString:
    """One dial string without ``:_:``.

    Raises `CallFailed` (DESTINATION_OUT_OF_ORDER) when there is nothing to ring.
    """
    return _parse(text, {})


def _parse(text: str, shared: dict[str, str]) -> DialString:
    inner, rest = _variables(text.strip(), "<", ">")
    own, rest = _variables(rest, "{", "}")
    variables = {**shared, **inner, **own}
    groups = []
    for part in split_outside(rest, "|"):
        legs = tuple(_leg(item) for item in split_outside(part, ",") if item.strip())
        if legs:
            groups.append(legs)
    if not groups:
        raise CallFailed(HangupCause.DESTINATION_OUT_OF_ORDER, "the dial string is empty")
    if len(groups) > MOST_GROUPS or any(len(legs) > MOST_GROUPS for legs in groups):
        raise CallFailed(HangupCause.DESTINATION_OUT_OF_ORDER, "too many legs in a dial string")
    return DialString(tuple(groups), variables)


def _leg(text: str) -> DialedLeg:
    variables, rest = _variables(text.strip(), "[", "]")
    endpoint, _, target = rest.partition("/")
    return DialedLeg(endpoint.strip(), target.strip() or "service", variables)


def _variables(text: str, opening: str, closing: str) -> tuple[dict[str, str], str]:
    try:
        pairs, rest = take_variables(text, opening, closing)
    except ValueError as error:
        raise CallFailed(HangupCause.DESTINATION_OUT_OF_ORDER, str(error)) from None
    return dict(pairs), rest


_CLOSING = {"{": "}", "[": "]", "<": ">"}


def split_outside(text: str, separator: str) -> list[str]:
    """Split at ``separator`` outside of brackets that open a leg or a string, and quotes.

    A bracket counts only where variables may stand (at the start of a part), so that a
    target such as ``sip:[::1]`` or a display name keeps its own brackets.
    """
    parts: list[str] = []
    start = position = 0
    at_start = True
    while position < len(text):
        character = text[position]
        if at_start and character in _CLOSING:
            taken = take_bracket(text[position:], character, _CLOSING[character])
            if taken is not None:
                position = len(text) - len(taken[1])
                continue
        if text.startswith(separator, position):
            parts.append(text[start:position])
            position += len(separator)
            start = position
            at_start = True
            continue
        if character in ",|":
            at_start = True
        elif not character.isspace():
            at_start = False
        if character == "\\" and position + 1 < len(text):
            position += 1
        position += 1
    parts.append(text[start:])
    return parts


def dialable(number: str) -> str:
    """A number from outside without what a dial string would read as more than a number."""
    return _NOT_DIALABLE.sub("", number)
