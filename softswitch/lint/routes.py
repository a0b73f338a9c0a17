"""Rules about where calls go: contexts, dialplans, numbers nobody takes or two take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from softswitch import registry
from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.dialplan.arguments import split
from softswitch.dialplan.model import Condition, Context, Extension
from softswitch.dialplan.pcre import Expression, PatternError, compile_expression
from softswitch.lint.numbers import numbers_of
from softswitch.lint.rules import PlacedAction, Subject, each_once, nearest, params, rule

CODES.update(
    {
        "L811": "a context does not exist",
        "L812": "a dialplan is not known",
        "L813": "no extension of the context takes a number",
        "L814": "an extension takes numbers that another takes before it",
    }
)

_CORE = frozenset(("xml", "inline"))
_FOREIGN = frozenset(("asterisk", "directory", "lua", "signalwire"))
"""Dialplans of FreeSWITCH that are not here."""


@rule
def targets(subject: Subject) -> Iterator[Finding]:
    """``transfer`` and its like to contexts, dialplans or numbers that are not there."""
    yield from each_once(_wrong_targets(subject))


def _wrong_targets(subject: Subject) -> Iterator[Finding]:
    for action in subject.actions:
        words = _target(action)
        if not words:
            continue
        number, dialplan, context = [*words, "", "", ""][:3]
        if "$" not in dialplan and dialplan and dialplan.lower() not in _CORE:
            name = dialplan.partition(":")[0].lower()
            if name not in _CORE and name not in registry.dialplan:
                hint = "FreeSWITCH has it, softswitch does not" if name in _FOREIGN else ""
                hint = hint or nearest(name, _CORE) or "write XML"
                yield action.finding("L812", f"there is no dialplan {dialplan!r}", hint)
            continue
        if dialplan.lower() == "inline":
            continue
        context = context or action.context
        if "$" in context or not context:
            continue
        found = subject.dialplan.find(context)
        if found is None:
            yield action.finding(
                "L811", f"there is no context {context!r}", _near_context(subject, context)
            )
        elif number and "$" not in number and not _takes(subject, found, number):
            message = f"no extension of context {context!r} takes {number!r}"
            yield action.finding("L813", message, "the call would end with NO_ROUTE_DESTINATION")


def _target(action: PlacedAction) -> list[str]:
    """Number, dialplan and context that an action sends a call to."""
    name = action.application.lower()
    words = split(action.data, " ", 8)
    if name == "transfer":
        return words[1:] if words and words[0] in ("-bleg", "-both") else words
    if name == "execute_extension":
        return words
    if name == "sched_transfer":
        return words[1:]
    if name == "limit":
        target = words[4:]
        return [] if target and target[0].startswith("!") else target
    return []


@rule
def contexts(subject: Subject) -> Iterator[Finding]:
    """Contexts of users, profiles and gateways that are not there, each told once."""
    told: set[str] = set()
    for element, context in _named_contexts(subject):
        missing = context and "$" not in context and subject.dialplan.find(context) is None
        if missing and context.lower() not in told:
            told.add(context.lower())
            yield element.finding(
                "L811",
                f"there is no context {context!r}",
                _near_context(subject, context),
                Severity.WARNING,
                attribute="value",
            )


def _named_contexts(subject: Subject) -> Iterator[tuple[Element, str]]:
    section = subject.configuration.section("directory")
    for variable in section.iter("variable") if section else ():
        if variable.get("name", "").lower() == "user_context":
            yield variable, variable.get("value", "")
    for profile in subject.profiles():
        if item := params(profile, "settings").get("context"):
            yield item, item.get("value", "")
    for _, gateway in subject.gateways():
        if item := params(gateway).get("context"):
            yield item, item.get("value", "")


def _near_context(subject: Subject, context: str) -> str:
    names = [known.name for known in subject.dialplan.contexts]
    return nearest(context, names) or f"contexts are {', '.join(names) or 'not there at all'}"


def _takes(subject: Subject, context: Context, number: str) -> bool:
    extensions = (
        context.extensions[position]
        for position in subject.dialplan.index(context).candidates(number)
    )
    return any(
        all(_may_take(condition, number) for condition in extension.conditions)
        for extension in extensions
        if extension.conditions
    )


def _may_take(condition: Condition, number: str) -> bool:
    """False only where the condition surely fails for the number and ends the extension."""
    if condition.anti_actions or condition.break_when.value in ("never", "on-true"):
        return True
    expression = _expression(condition)
    return expression is None or expression.match(number) is not None


def _expression(condition: Condition) -> Expression | None:
    """What a condition on nothing but the number holds it against."""
    if condition.field is None or condition.field.lower() != "destination_number":
        return None
    if condition.regex is not None or condition.times or "$" in condition.expression.rstrip("$"):
        return None
    try:
        return compile_expression(condition.expression)
    except PatternError:
        return None


Taker = tuple[Extension, Expression, str]
"""An extension that keeps every number its expression fits, and how that is written."""


@rule
def collisions(subject: Subject) -> Iterator[Finding]:
    """Extensions some of whose numbers an extension before them takes."""
    section = subject.configuration.section("dialplan")
    places = {
        (element.file, element.line): element
        for element in (section.iter("extension") if section else ())
    }
    for context in subject.dialplan.contexts:
        index = subject.dialplan.index(context)
        taking: dict[int, Taker] = {}
        for position, extension in enumerate(context.extensions):
            only = extension.conditions[0] if len(extension.conditions) == 1 else None
            expression = _expression(only) if only is not None else None
            if only is None or expression is None:
                continue
            numbers = numbers_of(only.expression)
            # Only what may fit one of the numbers is looked at, however large the dialplan is.
            near = {q for number in numbers for q in index.candidates(number) if q in taking}
            before = [taking[q] for q in sorted(near)]
            if finding := _collision(extension, only, numbers, before, places):
                yield finding
            whole = not only.conditions and not only.anti_actions and not extension.continues
            if whole and only.break_when.value in ("on-false", "always"):
                taking[position] = (extension, expression, only.expression)


def _collision(
    extension: Extension,
    condition: Condition,
    numbers: Sequence[str],
    taking: Iterable[Taker],
    places: dict[tuple[str, int], Element],
) -> Finding | None:
    for before, expression, written in taking:
        if written == condition.expression:  # R708 tells of it
            continue
        taken = [number for number in numbers if expression.match(number)]
        element = places.get((extension.file, extension.line))
        if not taken or element is None:
            continue
        every = len(taken) == len(numbers)
        which = "all its numbers" if every else f"{len(taken)} of its {len(numbers)} numbers"
        example = f"such as {taken[0]}, " if len(taken) > 1 else f"{taken[0]}, "
        if len(numbers) == 1:
            which, example = f"its number {taken[0]},", ""
        message = (
            f"extension {extension.name!r} does not get {which} {example}which {before.name!r} "
            f"({before.file}:{before.line}) takes before it"
        )
        severity = Severity.WARNING if every else Severity.NOTE
        return element.finding("L814", message.replace(",,", ","), "put it in front", severity)
    return None
