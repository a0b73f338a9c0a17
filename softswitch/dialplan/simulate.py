"""Tries a dialplan without a phone: what a call would run, and why, as far as that can be known.

Nothing leaves the process: variables are set by a small table of applications that do just that,
transfers and ``execute_extension`` are followed, every other application is only listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from softswitch.config.timezones import SYSTEM_ZONES, TimeZones
from softswitch.dialplan.arguments import split, take_scope
from softswitch.dialplan.expansion import CommandCall, expand_now
from softswitch.dialplan.hunt import (
    DeleteVariables,
    HuntRequest,
    HuntResult,
    InlineAction,
    PlannedAction,
    SetVariable,
    hunt,
    hunt_now,
)
from softswitch.dialplan.inline import inline_actions
from softswitch.dialplan.model import Dialplan
from softswitch.dialplan.simulated_call import PURE, SimulatedCall

Answer = Callable[[str, str], str | None]
"""What a command prints, by name and arguments; None if that is not known."""

MOST_TRANSFERS = 70
DEEPEST_EXTENSION = 32
_ENDING = {"hangup": "NORMAL_CLEARING", "respond": "", "deflect": ""}
"""Applications behind which nothing runs, and what ends the call if their data does not say."""


@dataclass(frozen=True, slots=True)
class Hunted:
    """One search of a context."""

    depth: int
    caller: str
    result: HuntResult


@dataclass(frozen=True, slots=True)
class Executed:
    """One application as it would run, its data expanded."""

    depth: int
    application: str
    data: str
    written: str
    """The data before it was expanded."""
    extension: str
    file: str
    line: int
    inline: bool = False
    note: str = ""
    """What came of it, where that is known."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulated call: its searches and applications in order, and how it ended."""

    events: tuple[Hunted | Executed, ...]
    ending: str
    variables: Mapping[str, str]
    unanswered: tuple[CommandCall, ...]
    """Commands that nobody was there to answer; their output was taken to be empty."""

    @property
    def actions(self) -> tuple[Executed, ...]:
        """The applications in the order in which they would run."""
        return tuple(event for event in self.events if isinstance(event, Executed))

    @property
    def extensions(self) -> tuple[str, ...]:
        """The extensions that were found, in order."""
        return tuple(
            event.result.extension
            for event in self.events
            if isinstance(event, Hunted) and event.result.found
        )

    def __repr__(self) -> str:
        names = " ".join(action.application for action in self.actions)
        return f"<Simulation {' → '.join(self.extensions)}: {names}: {self.ending}>"


@dataclass(frozen=True, slots=True)
class _Transfer:
    extension: str
    dialplan: str
    context: str


@dataclass(frozen=True, slots=True)
class _End:
    why: str


def simulate(
    dialplan: Dialplan,
    fields: Mapping[str, str],
    variables: Mapping[str, str],
    now: datetime,
    *,
    global_variables: Mapping[str, str] | None = None,
    command: Answer | None = None,
    may_run_inline: Callable[[str], bool] | None = None,
    read_file: Callable[[str], Dialplan | str] | None = None,
    zones: TimeZones = SYSTEM_ZONES,
) -> Simulation:
    """The course of a call with these caller fields (``destination_number``, ``context`` …).

    ``command`` answers ``${command(arguments)}``; ``may_run_inline`` says whether an application
    may run while hunting; ``read_file`` reads the dialplan of ``XML:/path``, or says why it
    cannot. ``now`` is aware, in the server's own zone.
    """
    call = SimulatedCall(fields, variables, global_variables or {})
    return _Simulator(dialplan, call, now, command, may_run_inline, read_file, zones).run()


class _Simulator:
    def __init__(
        self,
        dialplan: Dialplan,
        call: SimulatedCall,
        now: datetime,
        command: Answer | None,
        may_run_inline: Callable[[str], bool] | None,
        read_file: Callable[[str], Dialplan | str] | None,
        zones: TimeZones,
    ) -> None:
        self._dialplan = dialplan
        self._call = call
        self._now = now
        self._command = command
        self._may_run_inline = may_run_inline
        self._read_file = read_file
        self._zones = zones
        self._events: list[Hunted | Executed] = []
        self._unanswered: list[CommandCall] = []

    def run(self) -> Simulation:
        for _ in range(MOST_TRANSFERS):
            actions = self._find(0)
            if actions is None:
                return self._finished("NO_ROUTE_DESTINATION")
            outcome = self._run_all(actions, 0)
            if outcome is None:
                return self._finished("NORMAL_CLEARING")
            if isinstance(outcome, _End):
                return self._finished(outcome.why)
            self._call.transfer(outcome.extension, outcome.dialplan, outcome.context)
        return self._finished("EXCHANGE_ROUTING_ERROR")

    def _finished(self, ending: str) -> Simulation:
        return Simulation(
            tuple(self._events), ending, dict(self._call.variables), tuple(self._unanswered)
        )

    def _expand(self, text: str) -> str:
        return expand_now(text, self._call.lookup, self._answer_command)

    def _answer_command(self, name: str, arguments: str) -> str:
        told = self._command(name, arguments) if self._command is not None else None
        if told is not None:
            return told
        call = CommandCall(name, arguments)
        if call not in self._unanswered:
            self._unanswered.append(call)
        return ""

    def _find(self, depth: int) -> tuple[PlannedAction, ...] | None:
        """The actions for the caller's number, None without a route."""
        for part in split(self._expand(self._call.field("dialplan") or "XML"), ",", 25):
            name, _, argument = part.partition(":")
            if name.lower() == "inline":
                actions = inline_actions(argument or self._call.field("destination_number") or "")
                self._call.restore_number()
                return actions
            if name.lower() != "xml":
                continue
            number = self._call.field("caller_id_number") or ""
            caller = f"{self._call.field('caller_id_name') or ''} <{number}>"
            place = len(self._events)
            dialplan = self._dialplan_of(argument)
            if isinstance(dialplan, str):
                context = self._call.field("context") or ""
                result = HuntResult(False, "", context, argument, problem=dialplan)
            else:
                hunting = hunt(
                    dialplan,
                    self._call.field,
                    self._call.lookup,
                    self._now,
                    zones=self._zones,
                    trace=True,
                )
                result = hunt_now(hunting, lambda request: self._answer(request, depth))
            self._events.insert(place, Hunted(depth, caller, result))
            if result.found:
                return result.actions
        return None

    def _dialplan_of(self, file: str) -> Dialplan | str:
        """The dialplan of the configuration, or of a file; or why there is none."""
        if not file:
            return self._dialplan
        return self._read_file(file) if self._read_file else f"{file} is not read here"

    def _answer(self, request: HuntRequest, depth: int) -> str:
        match request:
            case CommandCall(name=name, arguments=arguments):
                return self._answer_command(name, arguments)
            case SetVariable(name=name, value=value):
                self._call.set(name, value)
            case DeleteVariables(prefix=prefix):
                self._call.delete(prefix)
            case InlineAction():
                if self._may_run_inline and not self._may_run_inline(request.application):
                    return "cannot be executed inline"
                planned = PlannedAction(
                    request.application, request.data, request.file, request.line
                )
                self._run_one(planned, depth, inline=True)
        return ""

    def _run_all(self, actions: tuple[PlannedAction, ...], depth: int) -> _Transfer | _End | None:
        for action in actions:
            outcome = self._run_one(action, depth)
            if outcome is not None:
                return outcome
        return None

    def _run_one(
        self, action: PlannedAction, depth: int, inline: bool = False
    ) -> _Transfer | _End | None:
        scope, data = take_scope(self._expand(action.data))
        name = action.application.lower()
        event = Executed(
            depth, action.application, data, action.data, action.extension, action.file,
            action.line, inline,
        )  # fmt: skip
        outcome: _Transfer | _End | None = None
        with self._call.scoped(scope):
            if name in PURE:
                event = replace(event, note=PURE[name](self._call, data, self._expand))
            elif name == "transfer":
                outcome = self._transfer(data)
            elif name in _ENDING:
                outcome = _End(data.strip() or _ENDING[name] or name)
        self._events.append(event)
        if name == "execute_extension":
            return self._execute_extension(data, depth)
        return outcome

    def _transfer(self, data: str) -> _Transfer | None:
        words = split(data, " ", 4)
        if words and words[0] == "-bleg":
            return None
        if words and words[0] == "-both":
            words = words[1:]
        words += [""] * (3 - len(words))
        before = self._call.field("dialplan") or "XML"
        dialplan = words[1] or self._call.lookup("force_transfer_dialplan") or before
        if not words[1] and before.lower() == "inline":
            dialplan = "XML"
        context = words[2] or self._call.lookup("force_transfer_context") or ""
        context = context or self._call.field("context") or "default"
        return _Transfer(words[0] or "service", dialplan, context)

    def _execute_extension(self, data: str, depth: int) -> _Transfer | _End | None:
        words = split(data, " ", 3)
        if not words or depth >= DEEPEST_EXTENSION:
            return None
        words += [""] * (3 - len(words))
        with self._call.as_extension(words[0], words[1], words[2]):
            actions = self._find(depth + 1)
            return self._run_all(actions or (), depth + 1)
