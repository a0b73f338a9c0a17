"""A dialplan on trial: what a call would do with this configuration, without a switch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from softswitch.config.document import Configuration
from softswitch.config.errors import ConfigurationErrors
from softswitch.config.plain import read_section
from softswitch.config.timezones import read_timezones
from softswitch.dialplan.model import Condition, Context, Dialplan, Extension
from softswitch.dialplan.simulate import Hunted, Simulation, simulate
from softswitch.dialplan.trace import StepKind
from softswitch.dialplan.xml import read_contexts, read_dialplan
from softswitch.directory.lookup import Directory
from softswitch.lint.answers import Answers
from softswitch.registry import ApplicationFlag, application

DEFAULT_CALLER = "1000"
DEFAULT_CONTEXT = "default"
SIMULATED_UUID = "00000000-0000-4000-8000-000000000001"
"""What ``${uuid}`` is: always the same, so that two runs tell the same."""


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls what, when; ``moment`` is aware, in the server's own zone."""

    number: str
    moment: datetime
    caller: str = DEFAULT_CALLER
    name: str = ""
    context: str = ""
    """Empty: the ``user_context`` of the user that calls, else ``default``."""
    variables: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)
    """Answers to ``${command(arguments)}``, by ``command(arguments)`` or by ``command``."""


class Trial:
    """Tries calls on one configuration; load the owners of registries before."""

    def __init__(self, configuration: Configuration) -> None:
        self.dialplan: Dialplan = read_dialplan(configuration)[0]
        self._globals = configuration.globals
        self._answers = Answers(configuration)
        self._zones = read_timezones(configuration)[0]
        self._directory = Directory.from_configuration(configuration)

    def global_value(self, found: re.Match[str]) -> str:
        """The global variable that the first group of a match names, for ``re.sub``."""
        return self._globals.get(found[1], "")

    def call(self, call: Call) -> Simulation:
        """The course of a call.

        Where the caller is a directory user and calls in that user's context, the user's
        variables are set, as they are behind an authenticated INVITE.
        """
        user = self._directory.user(call.caller, self._globals.get("domain", ""))
        context = call.context or (user.context if user else "") or DEFAULT_CONTEXT
        variables: dict[str, str] = {}
        if user is not None and context == (user.context or DEFAULT_CONTEXT):
            variables = {**user.variables, "user_name": user.id, "domain_name": user.domain}
        fields = {
            "destination_number": call.number,
            "caller_id_number": variables.get("effective_caller_id_number", call.caller),
            "caller_id_name": call.name or variables.get("effective_caller_id_name", ""),
            "username": call.caller,
            "ani": call.caller,
            "context": context,
            "dialplan": "XML",
            "uuid": SIMULATED_UUID,
        }

        def command(name: str, arguments: str) -> str | None:
            told = call.commands.get(f"{name}({arguments})", call.commands.get(name))
            return self._answers.answer(name, arguments) if told is None else told

        self._answers.at(call.moment)
        return simulate(
            self.dialplan,
            fields,
            {**variables, **call.variables},
            call.moment,
            global_variables=self._globals,
            command=command,
            may_run_inline=_may_run_inline,
            read_file=_read_file,
            zones=self._zones,
        )


def _may_run_inline(name: str) -> bool:
    entry = application.find(name)
    return entry is not None and ApplicationFlag.INLINE in entry.flags


def _read_file(path: str) -> Dialplan | str:
    """The contexts of a dialplan that stands for itself (``XML:/path``), or why there are none."""
    try:
        return read_contexts(read_section(Path(path), "dialplan"))[0]
    except ConfigurationErrors as refused:
        return str(refused.findings[0]).partition("\n")[0]


class Coverage:
    """Which extensions calls reached: those that gave an action, or were found."""

    def __init__(self, dialplan: Dialplan) -> None:
        self._dialplan = dialplan
        self._owners = {
            place: (context.name, extension)
            for context in dialplan.contexts
            for extension in context.extensions
            for place in _places(extension.conditions)
        }
        self._reached: set[int] = set()

    def add(self, simulation: Simulation) -> None:
        """Count what one call reached."""
        for event in simulation.events:
            if not isinstance(event, Hunted):
                continue
            for step in event.result.trace:
                if step.kind in (StepKind.ACTION, StepKind.ANTI_ACTION):
                    owner = self._owners.get((step.file, step.line))
                    if owner is not None:
                        self._reached.add(id(owner[1]))

    def unreached(self) -> list[tuple[Context, list[Extension]]]:
        """The extensions of each context that no call reached; contexts without any are out.

        Those without actions are left out too: nothing tells whether a call reached them.
        """
        found = []
        for context in self._dialplan.contexts:
            missing = [e for e in context.extensions if id(e) not in self._reached]
            missing = [e for e in missing if _places(e.conditions)]
            if missing:
                found.append((context, missing))
        return found

    @property
    def reached(self) -> int:
        """How many extensions were reached."""
        return len(self._reached)

    @property
    def total(self) -> int:
        """How many extensions there are that could give an action."""
        return sum(
            bool(_places(extension.conditions))
            for context in self._dialplan.contexts
            for extension in context.extensions
        )


def _places(conditions: tuple[Condition, ...]) -> list[tuple[str, int]]:
    """File and line of each action in conditions and those below them."""
    found: list[tuple[str, int]] = []
    for condition in conditions:
        found.extend((a.file, a.line) for a in (*condition.actions, *condition.anti_actions))
        found.extend(_places(condition.conditions))
    return found
