"""Hunting: which actions a call gets, from the dialplan, the caller, variables and the time.

A coroutine without I/O: it yields what needs the world and is sent the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from softswitch.config.timezones import SYSTEM_ZONES, TimeZones
from softswitch.dialplan.arguments import is_true
from softswitch.dialplan.arrays import ArrayValue
from softswitch.dialplan.expansion import CommandCall, Lookup, expand, needs_expansion
from softswitch.dialplan.model import (
    MAX_LEVEL,
    Action,
    Break,
    Condition,
    Context,
    Dialplan,
    Extension,
    RegexMode,
    Times,
)
from softswitch.dialplan.pcre import MatchTimeout, PatternError, compile_expression
from softswitch.dialplan.timeofday import first_failure, local_time
from softswitch.dialplan.trace import Step, Tracer

_TEST_MATCH = "DP_REGEX_MATCH_"
_CAPTURE = re.compile(r"\$(?:([0-9]{1,9})|\{([0-9]{1,9})\})")


@dataclass(frozen=True, slots=True)
class InlineAction:
    """An application to run now; ``data`` has its captures but is not expanded yet.

    What is sent back is a note for the trace, empty when all went well.
    """

    application: str
    data: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class SetVariable:
    """A channel variable to set now; the answer is ignored."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DeleteVariables:
    """Channel variables to delete now: all whose names start with ``prefix``."""

    prefix: str


HuntRequest = CommandCall | InlineAction | SetVariable | DeleteVariables
Hunting = Generator[HuntRequest, str, "HuntResult"]


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """An application to run once the hunt is over; variables in ``data`` expand only then."""

    application: str
    data: str
    file: str = ""
    line: int = 0
    extension: str = ""


@dataclass(frozen=True, slots=True)
class HuntResult:
    """What a hunt found."""

    found: bool
    """False: no route. True with no actions: the call is taken and ends at once."""
    extension: str
    """The extension that gave the first action; nested levels say ``name_recur_1``."""
    context: str
    number: str
    actions: tuple[PlannedAction, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    """What the hunt itself set (``DP_MATCH`` …), already handed out as requests."""
    trace: tuple[Step, ...] = ()
    problem: str = ""
    """Why nothing could be searched, for a warning."""

    def __repr__(self) -> str:
        if not self.found:
            return f"<HuntResult {self.number} in {self.context}: no route>"
        names = " ".join(action.application for action in self.actions)
        return f"<HuntResult {self.number} in {self.context}: {self.extension}: {names}>"


def substitute(data: str, captures: list[str | None]) -> str:
    """``data`` with ``$0``, ``$1``, ``${1}`` … replaced; groups that are not there become empty."""

    def capture(found: re.Match[str]) -> str:
        number = int(found[1] or found[2])
        return (captures[number] or "") if number < len(captures) and number <= 256 else ""

    return _CAPTURE.sub(capture, data) if "$" in data else data


def hunt(
    dialplan: Dialplan,
    caller: Lookup,
    variable: Lookup,
    now: datetime,
    *,
    zones: TimeZones = SYSTEM_ZONES,
    trace: bool = False,
) -> Hunting:
    """Search the caller's context for the actions of a call.

    ``caller`` gives fields of the caller profile by lower-case name (``destination_number``,
    ``context`` …), ``variable`` whatever ``${name}`` means in the channel; both are asked anew
    each time, so that requests take effect. ``now`` is aware and in the server's own zone;
    ``zones`` knows what the variable ``timezone`` may name.
    With ``trace`` every extension is tried and told of in the result; what is found is the same.
    """
    return _Hunt(dialplan, caller, variable, now, zones, trace).run()


def hunt_now(
    hunting: Hunting, answer: Callable[[HuntRequest], str] = lambda request: ""
) -> HuntResult:
    """Drive a hunt at once; ``answer`` does what each request asks."""
    try:
        request = next(hunting)
        while True:
            request = hunting.send(answer(request))
    except StopIteration as finished:
        result: HuntResult = finished.value
        return result


class _Hunt:
    """One hunt's state: the action list is shared by all extensions that were tried."""

    __slots__ = (
        "_actions",
        "_caller",
        "_dialplan",
        "_disturbed",
        "_extension",
        "_now",
        "_tracer",
        "_variable",
        "_variables",
        "_zones",
    )

    def __init__(
        self,
        dialplan: Dialplan,
        caller: Lookup,
        variable: Lookup,
        now: datetime,
        zones: TimeZones,
        trace: bool,
    ) -> None:
        self._dialplan = dialplan
        self._caller = caller
        self._variable = variable
        self._now = now
        self._zones = zones
        self._tracer = Tracer() if trace else None
        self._actions: list[PlannedAction] | None = None
        self._extension = ""
        self._variables: dict[str, str] = {}
        self._disturbed = False

    def run(self) -> Hunting:
        name = self._caller("context") or "default"
        number = self._caller("destination_number") or ""
        context = self._dialplan.find(name)
        if context is None:
            return HuntResult(False, "", name, number, problem=f"Context {name} not found")
        for extension in self._candidates(context, number):
            if self._tracer:
                self._tracer.enter(context.name, extension)
            matched = yield from self._conditions(
                extension.conditions, extension.name or "UNKNOWN", 0, True
            )
            if matched and not extension.continues:
                break
        return HuntResult(
            self._actions is not None,
            self._extension,
            context.name,
            number,
            tuple(self._actions or ()),
            self._variables,
            tuple(self._tracer.steps) if self._tracer else (),
        )

    def _candidates(self, context: Context, number: str) -> Iterator[Extension]:
        """The extensions worth trying; looked up anew when a request changed the number."""
        extensions = context.extensions
        index = self._dialplan.index(context)
        start = 0
        if is_true(self._variable("auto_hunt")):
            start = index.named(number) or 0
        while True:
            positions: Iterable[int] = (
                range(start, len(extensions)) if self._tracer else index.candidates(number, start)
            )
            for position in positions:
                yield extensions[position]
                if self._disturbed:
                    self._disturbed = False
                    changed = self._caller("destination_number") or ""
                    if changed != number:
                        number, start = changed, position + 1
                        break
            else:
                return

    def _conditions(
        self, conditions: tuple[Condition, ...], name: str, level: int, require_nested: bool
    ) -> Generator[HuntRequest, str, bool]:
        """Whether one extension, or one level of nested conditions, matches."""
        if level > MAX_LEVEL:
            if self._tracer:
                self._tracer.note(level, "conditions are nested too deeply")
            return False
        proceed = False
        for condition in conditions:
            passed = proceed = False
            captures: list[str | None] | None = None
            if condition.times:
                passed = proceed = self._in_time(condition.times, condition, level)
            if condition.regex is not None:
                proceed, captures = yield from self._tests(condition, condition.regex, level)
                passed = passed or proceed
            elif condition.field is not None:
                proceed, captures = yield from self._matches(
                    condition.field, condition.expression, condition, level
                )
                passed = passed or proceed
            elif not condition.times:
                passed = proceed = True
                if self._tracer:
                    self._tracer.absolute(level, condition)

            if not passed:
                if condition.anti_actions:
                    yield from self._take(condition.anti_actions, name, level, None, anti=True)
                    proceed = True
            else:
                if captures is not None and proceed:
                    yield self._set("DP_MATCH", captures)
                yield from self._take(condition.actions, name, level, captures)

            leave = condition.break_when
            if leave is not Break.NEVER and (
                leave is Break.ALWAYS or (leave is Break.ON_TRUE) is passed
            ):
                break
            if proceed and condition.conditions:
                proceed = yield from self._conditions(
                    condition.conditions, name, level + 1, condition.require_nested
                )
                if not proceed and leave is not Break.NEVER:
                    break
        return proceed or not require_nested

    def _in_time(self, times: Times, place: Condition, level: int) -> bool:
        offset, zone = self._variable("tod_tz_offset"), self._variable("timezone")
        local = local_time(self._now, offset, zone, self._zones)
        failed = first_failure(times, self._now, local)
        if self._tracer:
            self._tracer.time(level, place, times, failed, local)
        return failed is None

    def _matches(
        self, field_text: str, expression: str, place: Condition, level: int, child: bool = False
    ) -> Generator[HuntRequest, str, tuple[bool, list[str | None] | None]]:
        """Whether the field fits, and its captures: None for an expression without ``(``."""
        if "$" in field_text:
            value = field_text
            if needs_expansion(field_text):
                value = yield from self._expanded(field_text)
        else:
            value = self._caller(field_text.lower()) or ""
        if needs_expansion(expression):
            expression = yield from self._expanded(expression)
        problem = ""
        groups: list[str | None] | None = None
        try:
            groups = compile_expression(expression).search(value)
        except (PatternError, MatchTimeout) as error:
            problem = str(error)
        if self._tracer:
            self._tracer.regex(level, place, field_text, value, expression, groups, problem, child)
        if groups is None:
            return False, [] if "(" in expression else None
        return True, groups if "(" in expression else None

    def _expanded(self, text: str) -> Generator[HuntRequest, str, str]:
        expansion = expand(text, self._variable)
        try:
            call = next(expansion)
            while True:
                output = yield call
                self._disturbed = True
                call = expansion.send(output)
        except StopIteration as finished:
            result: str = finished.value
            return result

    def _tests(
        self, condition: Condition, mode: RegexMode, level: int
    ) -> Generator[HuntRequest, str, tuple[bool, list[str | None] | None]]:
        """Whether as many ``<regex>`` children pass as wanted, and the captures for actions."""
        yield DeleteVariables("DP_REGEX_MATCH")
        passes = failures = 0
        kept: list[str | None] | None = None
        for number, test in enumerate(condition.tests, start=1):
            captures: list[str | None] | None = None
            if test.field is not None:
                passed, captures = yield from self._matches(
                    test.field, test.expression, condition, level, child=True
                )
            elif test.times:
                passed = self._in_time(test.times, condition, level)
            else:
                passed = True
            if not passed:
                failures += 1
                if mode is RegexMode.ALL:
                    break
                continue
            passes += 1
            kept = kept if captures is None else captures
            if mode is RegexMode.ANY:
                break
            if captures is not None:
                yield self._set(f"{_TEST_MATCH}{number}", captures)
        if mode is RegexMode.ALL:
            return not failures, kept
        return (passes == 1 if mode is RegexMode.XOR else passes > 0), kept

    def _set(self, name: str, captures: list[str | None]) -> SetVariable:
        value = ArrayValue(capture or "" for capture in captures)
        self._variables[name] = value
        return SetVariable(name, value)

    def _take(
        self,
        actions: tuple[Action, ...],
        name: str,
        level: int,
        captures: list[str | None] | None,
        anti: bool = False,
    ) -> Generator[HuntRequest, str, None]:
        """Queue the actions, or run them now when they are inline."""
        for action in actions:
            data = action.data if captures is None else substitute(action.data, captures)
            if self._actions is None:
                # Also for an action that runs no times: the call has its extension.
                self._actions = []
                self._extension = f"{name}_recur_{level}" if level else name
            for _ in range(action.loop):
                note = ""
                if action.inline:
                    note = yield InlineAction(action.application, data, action.file, action.line)
                    self._disturbed = True
                else:
                    self._actions.append(
                        PlannedAction(action.application, data, action.file, action.line, name)
                    )
                if self._tracer:
                    self._tracer.action(level, action, data, anti, note or "")
