"""The dialplan read from the configuration, and what is wrong with it, told with its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.dialplan.arguments import is_true
from softswitch.dialplan.expansion import static_text
from softswitch.dialplan.model import (
    MAX_LEVEL,
    Action,
    Break,
    Condition,
    Context,
    Dialplan,
    Extension,
    RegexMode,
    RegexTest,
    Times,
)
from softswitch.dialplan.pcre import Expression, PatternError, compile_expression
from softswitch.dialplan.review import (
    captured_groups,
    has_open_reference,
    review_context,
    used_captures,
)
from softswitch.dialplan.timeofday import ATTRIBUTES, never_holds, unread

__all__ = ["Dialplan", "read_context", "read_contexts", "read_dialplan"]

CODES.update(
    {
        "R701": "a regular expression is not understood",
        "R702": "a value of break is not known; on-false counts",
        "R703": "an attribute is not known",
        "R704": "an element is not known here",
        "R705": "data names a group that the expression does not have",
        "R706": "an action stands outside a condition",
        "R707": "an extension has no condition, so it never matches",
        "R708": "an extension can never be reached",
        "R709": "two extensions have one name",
        "R710": "a time attribute can never hold",
        "R711": "a context or an extension has no name",
        "R712": "two contexts have one name; the first one counts",
        "R713": "a value of regex is not known; any counts",
        "R714": "$1 and its like stay as they are here",
        "R715": "a condition has a field and times, of which either is enough",
        "R716": "an action's loop is no number, so it runs zero times",
        "R717": "an expression without a field is not looked at",
        "R718": "an action has no application",
        "R719": "a field is no field of the caller, so it is always empty",
        "R720": "a part of a time attribute is not looked at",
        "R721": "conditions are nested too deeply to be looked at",
        "R722": "a condition with regex has no <regex>",
        "R723": "a ${ has no }",
    }
)

CALLER_FIELDS = frozenset(
    """dialplan username caller_id_name caller_id_number orig_caller_id_name
    orig_caller_id_number callee_id_name callee_id_number ani aniii network_addr rdnis
    destination_number uuid source transfer_source context chan_name profile_index
    caller_ton caller_numplan destination_number_ton destination_number_numplan ani_ton
    ani_numplan rdnis_ton rdnis_numplan screen_bit privacy_hide_name privacy_hide_number
    profile_created_time created_time answered_time progress_time progress_media_time
    hungup_time transferred_time""".split()
)
"""What ``field`` may name without ``${}``."""

_TIMES = frozenset(ATTRIBUTES)
_BREAKS = {member.value: member for member in Break}
_MODES = {member.value: member for member in RegexMode}
_ATTRIBUTES: dict[str, frozenset[str]] = {
    "context": frozenset(("name",)),
    "extension": frozenset(("name", "continue", "uuid")),
    "condition": _TIMES | {"field", "expression", "break", "regex", "require-nested"},
    "regex": _TIMES | {"field", "expression"},
    "action": frozenset(("application", "data", "inline", "loop")),
    "anti-action": frozenset(("application", "data", "inline", "loop")),
    "expression": frozenset(),
}
_CHILDREN: dict[str, frozenset[str]] = {
    "context": frozenset(("extension",)),
    "extension": frozenset(("condition",)),
    "condition": frozenset(("action", "anti-action", "condition", "regex", "expression")),
    "regex": frozenset(("expression",)),
}


def read_dialplan(configuration: Configuration) -> tuple[Dialplan, list[Finding]]:
    """The contexts of the section ``dialplan``, and what was found wrong; nothing is fatal."""
    return read_contexts(configuration.section("dialplan"))


def read_contexts(section: Element | None) -> tuple[Dialplan, list[Finding]]:
    """The contexts of one section, and what was found wrong; nothing is fatal."""
    dialplan, findings = _read_contexts(section)
    return dialplan, list(findings)


@lru_cache(maxsize=1)
def _read_contexts(section: Element | None) -> tuple[Dialplan, tuple[Finding, ...]]:
    """The latest section is kept: a configuration is first judged, then built from."""
    findings: list[Finding] = []
    contexts: dict[str, Context] = {}
    for element in section.findall("context") if section else ():
        context = read_context(element, findings)
        if context.name.lower() in contexts:
            first = contexts[context.name.lower()]
            _tell(
                findings, element, "R712", f"context {context.name!r} stands twice",
                f"the first one, {first.file}:{first.line}, counts; move the extensions there",
                attribute="name",
            )  # fmt: skip
            continue
        contexts[context.name.lower()] = context
    dialplan = Dialplan(tuple(contexts.values()))
    for context in dialplan.contexts:  # now rather than in front of the first call
        dialplan.index(context)
    return dialplan, tuple(findings)


def read_context(element: Element, findings: list[Finding]) -> Context:
    """One ``<context>``; adds to ``findings``."""
    reader = _Reader(findings)
    reader.check_shape(element)
    name = element.get("name", "")
    if not name:
        _tell(findings, element, "R711", "a context has no name", 'write <context name="…">')
    pairs = [(child, reader.extension(child)) for child in element.findall("extension")]
    review_context(pairs, findings)
    reader.tell_ignored()
    extensions = tuple(extension for _, extension in pairs)
    return Context(name, extensions, element.file, element.line)


def _tell(
    findings: list[Finding],
    element: Element,
    code: str,
    message: str,
    hint: str,
    severity: Severity = Severity.WARNING,
    attribute: str = "",
) -> None:
    findings.append(element.finding(code, message, hint, severity, attribute=attribute))


class _Reader:
    """Turns elements into the model."""

    def __init__(self, findings: list[Finding]) -> None:
        self._findings = findings
        self._ignored: dict[tuple[str, str], list[Element]] = {}
        """By tag and attribute, where attributes stand that nothing is like."""

    def _tell(
        self,
        element: Element,
        code: str,
        message: str,
        hint: str = "",
        severity: Severity = Severity.WARNING,
        attribute: str = "",
    ) -> None:
        _tell(self._findings, element, code, message, hint, severity, attribute)

    def check_shape(self, element: Element) -> None:
        """Tell of attributes and children that mean nothing here."""
        known = _ATTRIBUTES[element.tag]
        for name in element.attributes:
            if name in known:
                continue
            if near := _nearest(name, known):
                message = f"<{element.tag}> has no attribute {name!r}"
                self._tell(element, "R703", message, f"did you mean {near}?", attribute=name)
            else:
                self._ignored.setdefault((element.tag, name), []).append(element)
        allowed = _CHILDREN.get(element.tag, frozenset())
        for child in element.children:
            if child.tag in allowed:
                continue
            if child.tag in ("action", "anti-action"):
                message = f"<{child.tag}> stands outside a condition, so it never runs"
                self._tell(child, "R706", message, "put it into a <condition>")
                continue
            near = _nearest(child.tag, allowed)
            hint = f"did you mean <{near}>?" if near else "it is ignored"
            self._tell(child, "R704", f"<{child.tag}> is not known in <{element.tag}>", hint)

    def tell_ignored(self) -> None:
        """Tell of attributes that mean nothing, of each once: portals write theirs everywhere."""
        for (tag, name), elements in self._ignored.items():
            message = f"<{tag}> has no attribute {name!r}"
            if len(elements) > 1:
                message += f" (and at {len(elements) - 1} other places)"
            self._tell(elements[0], "R703", message, "it is ignored", Severity.NOTE, name)

    def extension(self, element: Element) -> Extension:
        self.check_shape(element)
        name = element.get("name", "")
        if not name:
            hint = "a name makes logs readable"
            self._tell(element, "R711", "an extension has no name", hint, Severity.NOTE)
        conditions = tuple(self._condition(child) for child in element.findall("condition"))
        if not conditions:
            message = f"extension {name!r} has no condition, so it never matches"
            self._tell(element, "R707", message, "write <condition/> to match every call")
        return Extension(
            name, conditions, is_true(element.get("continue")), element.file, element.line
        )

    def _condition(self, element: Element, level: int = 0) -> Condition:
        self.check_shape(element)
        if level == MAX_LEVEL + 1:
            message = f"conditions are nested more than {MAX_LEVEL} deep"
            self._tell(element, "R721", message, "this one and those inside it never pass")
        leave = Break.ON_FALSE
        if text := element.get("break"):
            leave = _BREAKS.get(text.lower(), Break.ON_FALSE)
            if text.lower() not in _BREAKS:
                self._unknown_choice(element, "break", "R702", text, _BREAKS, "on-false")
        mode: RegexMode | None = None
        if (text := element.get("regex")) is not None:
            mode = _MODES.get(text.lower(), RegexMode.ANY)
            if text.lower() not in _MODES:
                self._unknown_choice(element, "regex", "R713", text, _MODES, "any")
        times = self._times(element)
        field = element.get("field")
        expression, compiled = self._expression(element, field, mode is not None)
        if field is not None and times and mode is None:
            self._tell(
                element, "R715", "field and times in one condition: either is enough for actions",
                "put the times into a condition of their own", attribute="field",
            )  # fmt: skip
        tests = tuple(self._test(child) for child in element.findall("regex"))
        if tests and mode is None:
            hint = 'write regex="all" or regex="any" in the condition'
            self._tell(element, "R704", "<regex> counts only in a condition with regex=", hint)
        if mode is not None and not tests:
            always = "always" if mode is RegexMode.ALL else "never"
            message = f"regex={mode.value!r} without any <regex> {always} passes"
            self._tell(element, "R722", message, "put <regex field= expression=/> into it")
        condition = Condition(
            field,
            expression,
            leave,
            mode,
            is_true(element.get("require-nested", "true")),
            times,
            tests,
            self._actions(element, "action"),
            self._actions(element, "anti-action"),
            tuple(self._condition(child, level + 1) for child in element.findall("condition")),
            element.file,
            element.line,
        )
        self._check_captures(element, condition, compiled)
        return condition

    def _unknown_choice(
        self,
        element: Element,
        attribute: str,
        code: str,
        text: str,
        choices: Iterable[str],
        default: str,
    ) -> None:
        choices = list(choices)
        near = _nearest(text.lower(), choices)
        hint = f"did you mean {near}?" if near else f"write one of {', '.join(choices)}"
        message = f"{attribute}={text!r} is not known; {default} counts"
        self._tell(element, code, message, hint, attribute=attribute)

    def _test(self, element: Element) -> RegexTest:
        self.check_shape(element)
        field = element.get("field")
        expression, _ = self._expression(element, field, False)
        return RegexTest(field, expression, self._times(element), element.file, element.line)

    def _expression(
        self, element: Element, field: str | None, ignored: bool
    ) -> tuple[str, Expression | None]:
        """The expression's text, and itself when it depends on no variable."""
        child = element.find("expression")
        text = child.text if child is not None else element.get("expression", "")
        place, attribute = (element, "expression") if child is None else (child, "")
        if field is None:
            if text and not ignored:
                hint = 'add field="destination_number"'
                message = "expression without field is not looked at: it always passes"
                self._tell(place, "R717", message, hint, attribute=attribute)
            return text, None
        if field and "$" not in field and field.lower() not in CALLER_FIELDS:
            message = f"{field!r} is no field of the caller, so it is always empty"
            self._tell(element, "R719", message, _field_hint(element, field), attribute="field")
        static = static_text(text)
        if static is None:
            return text, None
        try:
            return text, compile_expression(static)
        except PatternError as error:
            hint = "the condition fails for every call"
            message = f"{error.reason} at character {error.offset + 1} of {static!r}"
            self._tell(place, "R701", message, hint, attribute=attribute)
            return text, None

    def _times(self, element: Element) -> Times:
        times = tuple((n, element.attributes[n]) for n in ATTRIBUTES if n in element.attributes)
        for name, text in times:
            if reason := never_holds(name, text):
                hint = "the condition fails at every time"
                self._tell(element, "R710", f"{name}: {reason}", hint, attribute=name)
            elif rest := unread(name, text):
                whole = "the condition passes at every offset"
                hint = whole if name == "tz-offset" else "the rest of it counts"
                self._tell(element, "R720", f"{name}: {rest!r} is not read", hint, attribute=name)
        return times

    def _actions(self, element: Element, tag: str) -> tuple[Action, ...]:
        actions: list[Action] = []
        for child in element.findall(tag):
            self.check_shape(child)
            application = child.get("application", "")
            if not application:
                self._tell(child, "R718", f"<{tag}> has no application", "name one")
                continue
            loop = 1
            if (text := child.get("loop")) is not None:
                loop = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
                if not loop and text != "0":
                    hint = "write a number of 1 or more"
                    self._tell(child, "R716", f"loop={text!r} is no number", hint, attribute="loop")
            data = child.text or child.get("data", "")
            if has_open_reference(data):
                hint = "all behind it is taken for a variable's name"
                self._tell(child, "R723", "a ${ has no }", hint, attribute="data")
            inline = is_true(child.get("inline"))
            actions.append(Action(application, data, inline, loop, child.file, child.line))
        return tuple(actions)

    def _check_captures(
        self, element: Element, condition: Condition, compiled: Expression | None
    ) -> None:
        groups = captured_groups(condition, compiled)
        if groups is None:
            return
        for child in element.children:
            if child.tag not in ("action", "anti-action"):
                continue
            used = used_captures(child.text or child.get("data", ""))
            if not used:
                continue
            highest = max(used)
            if child.tag == "anti-action" or groups < 0:
                why = "anti-actions have no captures" if groups >= 0 else "nothing is captured here"
                message = f"${highest} stays as it is: {why}"
                hint = "put what to capture into parentheses in this condition's expression"
                self._tell(child, "R714", message, hint, attribute="data")
            elif highest > groups:
                there = "there is only group 1" if groups == 1 else f"there are {groups} groups"
                if groups == 0:
                    there = "the expression's parentheses capture nothing"
                hint = "add parentheses or use a lower number"
                self._tell(child, "R705", f"${highest}: {there}", hint, attribute="data")


def _field_hint(element: Element, field: str) -> str:
    line, column = element.attribute_place("field")
    written = element.source.line(line)[column - 1 :] if element.source else ""
    if found := re.match(r"\$\$\{([^{}]*)\}", written):
        return f"$${{{found[1]}}} is {field!r}: write ${{{found[1]}}}, with one $, for a variable"
    near = _nearest(field.lower(), CALLER_FIELDS)
    hint = f"write ${{{field}}} for a variable"
    return f"did you mean {near}? Or {hint}" if near else hint


def _nearest(name: str, known: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(name.lower(), list(known), 1, 0.7)
    return close[0] if close else None
