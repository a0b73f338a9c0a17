"""The configuration in use, and how another takes its place."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from softswitch.config.document import Configuration, in_order, load
from softswitch.config.errors import ConfigurationErrors, Finding, errors
from softswitch.config.validators import validate

log = logging.getLogger(__name__)

Listener = Callable[[Configuration], None]


class ConfigurationStore:
    """Holds one whole configuration at any moment.

    ``prepare`` may run in any thread; ``adopt`` and ``reload`` belong to the event loop's.
    ``globals`` are the live global variables: files and ``global_setvar`` write them.
    """

    def __init__(
        self,
        directory: Path,
        globals: Mapping[str, str],
        *,
        allow_commands: bool = False,
        resolve: Callable[[str], str | None] | None = None,
    ) -> None:
        """Load the first generation; raises ``ConfigurationErrors`` if it cannot be used."""
        self.directory = directory
        self.globals = dict(globals)
        self._allow_commands = allow_commands
        self._resolve = resolve
        self._numbers = itertools.count(1)
        self._listeners: list[Listener] = []
        self.current = self.prepare()
        self._take_globals(self.current)

    def prepare(self) -> Configuration:
        """Read and validate what is in the folder now; changes nothing.

        Raises ``ConfigurationErrors`` with everything found.
        """
        candidate = load(
            self.directory,
            dict(self.globals),
            number=next(self._numbers),
            allow_commands=self._allow_commands,
            resolve=self._resolve,
        )
        findings = in_order([*candidate.findings, *validate(candidate)])
        if errors(findings):
            raise ConfigurationErrors(findings)
        return replace(candidate, findings=findings)

    def adopt(self, candidate: Configuration) -> bool:
        """Put a prepared configuration in use, unless a later one already is; tells listeners."""
        if candidate.number <= self.current.number:
            return False
        self.current = candidate
        self._take_globals(candidate)
        for listener in tuple(self._listeners):
            try:
                listener(candidate)
            except Exception:
                log.exception("%r failed on the new configuration", listener)
        return True

    async def reload(self) -> tuple[Finding, ...]:
        """Prepare in a thread, then adopt; on errors the old configuration stays.

        Returns all findings, errors among them.
        """
        try:
            candidate = await asyncio.to_thread(self.prepare)
        except ConfigurationErrors as refused:
            return refused.findings
        self.adopt(candidate)
        return candidate.findings

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have ``listener`` told of each new configuration; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _take_globals(self, configuration: Configuration) -> None:
        # Only what the files set: a variable set while they were read must survive.
        for name, value in configuration.assigned.items():
            if value is None:
                self.globals.pop(name, None)
            else:
                self.globals[name] = value

    def __repr__(self) -> str:
        return f"<ConfigurationStore {self.directory}: generation {self.current.number}>"
