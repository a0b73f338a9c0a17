"""Looks at extensions side by side: which can never be reached, which share a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.dialplan.arguments import take_bracket
from softswitch.dialplan.expansion import static_text
from softswitch.dialplan.model import Condition, Extension
from softswitch.dialplan.pcre import Expression, PatternError, compile_expression

_CAPTURE = re.compile(r"\$(?:([0-9]{1,9})|\{([0-9]{1,9})\})")
_ANYTHING = frozenset(("", "^", "$", ".*", "^.*", "^.*$", "(.*)", "^(.*)", "^(.*)$", "_."))
"""Expressions that every number fits."""


def used_captures(data: str) -> set[int]:
    """The groups that ``$1`` and ``${1}`` name in an action's data."""
    return {int(found[1] or found[2]) for found in _CAPTURE.finditer(data)}


def has_open_reference(data: str) -> bool:
    """Whether a ``${`` of an action's data has no end: all that follows is taken for a name."""
    position = data.find("${")
    while position >= 0:
        if data[:position].endswith("\\"):
            position = data.find("${", position + 2)
            continue
        taken = take_bracket(data[position + 1 :], "{", "}")
        if taken is None:
            return True
        position = data.find("${", len(data) - len(taken[1]))
    return False


def captured_groups(condition: Condition, compiled: Expression | None) -> int | None:
    """How many groups actions may name, -1 when nothing is captured, None when not known."""
    if condition.regex is not None:
        counts = [_groups(test.expression) for test in condition.tests if test.field is not None]
        known = [count for count in counts if count is not None]
        return max(known, default=-1) if len(known) == len(counts) else None
    if condition.field is None:
        return -1
    if compiled is None:
        return None
    return compiled.groups if "(" in compiled.text else -1


def _groups(expression: str) -> int | None:
    static = static_text(expression)
    try:
        compiled = compile_expression(static) if static is not None else None
    except PatternError:
        return None
    if compiled is None:
        return None
    return compiled.groups if "(" in compiled.text else -1


def review_context(
    extensions: Sequence[tuple[Element, Extension]], findings: list[Finding]
) -> None:
    """Tell of extensions of one context that cannot be reached or share a name."""
    names: dict[str, Extension] = {}
    sure: dict[tuple[str, str], Extension] = {}
    catching: Extension | None = None
    for element, extension in extensions:
        first = names.setdefault(extension.name.lower(), extension)
        if first is not extension and extension.name:
            findings.append(
                element.finding(
                    "R709",
                    f"another extension is named {extension.name!r}, {first.file}:{first.line}",
                    "auto_hunt and logs cannot tell them apart",
                    Severity.NOTE,
                    attribute="name",
                )
            )
        if not extension.conditions:
            continue
        key = _key(extension.conditions[0])
        before = catching or (sure.get(key) if key else None)
        if before is not None:
            findings.append(
                element.finding(
                    "R708",
                    f"extension {extension.name!r} is never reached: {before.name!r} "
                    f"({before.file}:{before.line}) takes its calls before it",
                    'put it in front, or write continue="true" in the other',
                    Severity.WARNING,
                )
            )
            continue
        if extension.continues:
            continue
        if all(_always_passes(condition) for condition in extension.conditions):
            catching = extension
        elif len(extension.conditions) == 1 and key and _nests_freely(extension.conditions[0]):
            sure.setdefault(key, extension)


def _key(condition: Condition) -> tuple[str, str] | None:
    """What the condition tests, when that is a field of the caller and nothing else."""
    field = condition.field
    if field is None or "$" in field or condition.times or condition.regex is not None:
        return None
    if static_text(condition.expression) is None or condition.anti_actions:
        return None
    if condition.break_when.value not in ("on-false", "always"):
        return None
    return field.lower(), condition.expression


def _nests_freely(condition: Condition) -> bool:
    """Whether nested conditions cannot undo the match."""
    return not condition.conditions or not condition.require_nested


def _always_passes(condition: Condition) -> bool:
    if condition.regex is not None or condition.times or not _nests_freely(condition):
        return False
    return condition.field is None or (
        condition.field.lower() == "destination_number" and condition.expression in _ANYTHING
    )
