"""Answers to ``${command(arguments)}`` without a switch: what text, time and directory tell."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime
from typing import Any, cast

from softswitch import registry
from softswitch.config.document import Configuration
from softswitch.dialplan import expansion
from softswitch.switch.commands import CommandCall
from softswitch.switch.generation import Generation, build
from softswitch.switch.lookup import Lookups
from softswitch.switch.modules import BUILT_IN
from softswitch.switch.switch import Switch

ANSWERED = frozenset(
    """coalesce cond domain_data domain_exists echo escape expr group_call in_group md5
    module_exists quote_shell_arg regex replace sha1 sql_escape strepoch strftime strftime_tz
    strmicroepoch tolower toupper url_decode url_encode user_data user_exists
    sofia_contact""".split()
)
"""Commands that answer as they would on a switch at which nobody is registered."""


class Answers:
    """Runs commands on one configuration at one moment."""

    def __init__(self, configuration: Configuration) -> None:
        self._switch = _NoSwitch(configuration)

    def at(self, moment: datetime) -> None:
        """Have commands take this moment for now."""
        self._switch.microseconds = int(moment.timestamp() * 1_000_000)

    def answer(self, name: str, arguments: str) -> str | None:
        """What the command prints; None for one that needs a switch."""
        return _answer(self._switch, name, arguments)


def _answer(switch: _NoSwitch, name: str, arguments: str) -> str | None:
    if name.lower() not in ANSWERED:
        return None
    if name.lower() == "sofia_contact":
        return "error/user_not_registered"
    entry = registry.command.find(name)
    if entry is None:
        return None
    return _run(entry.target(CommandCall(cast(Switch, switch), None, "expansion"), arguments))


def _run(work: Coroutine[Any, Any, str]) -> str | None:
    """The result of a coroutine that never waits; None if it does."""
    try:
        work.send(None)
    except StopIteration as finished:
        return str(finished.value)
    work.close()
    return None


class _NoSwitch:
    """The parts of a switch that the answered commands read."""

    def __init__(self, configuration: Configuration) -> None:
        self.generation: Generation = build(configuration)
        self.globals = dict(configuration.globals)
        self.endpoints: dict[str, object] = {}
        self.lookups = Lookups(cast(Switch, self))
        self.modules = _Modules(configuration)
        self.microseconds = 0

    def now_us(self) -> int:
        return self.microseconds

    async def expansion_command(self, call: expansion.CommandCall) -> str:
        return _answer(self, call.name, call.arguments) or ""

    async def run_command(self, line: str, **about: object) -> str:
        name, _, arguments = line.partition(" ")
        return _answer(self, name, arguments) or ""


class _Modules:
    """Which modules a switch with this configuration would have loaded."""

    def __init__(self, configuration: Configuration) -> None:
        element = configuration.configuration("modules.conf")
        listed = {item.get("module", "") for item in element.iter("load")} if element else set()
        self._loaded = BUILT_IN | {name for name in listed if name in registry.module}

    def exists(self, name: str) -> bool:
        return name in self._loaded
