"""mod_python: applications and commands from the operator's own folder."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch import registry
from softswitch.modules.python import command
from softswitch.modules.python.files import (
    MODULE,
    FileRefused,
    forget_helpers,
    load,
    python_files,
)
from softswitch.modules.python.settings import PythonSettings, folder_of

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

__all__ = ["OperatorFiles", "command"]

log = logging.getLogger(__name__)


@registry.module(MODULE, settings=PythonSettings)
class OperatorFiles:
    """Loads the files of a folder; what decorators in them register is there at once."""

    def __init__(self) -> None:
        self.folder = Path()
        self.loaded: dict[str, registry.Aside] = {}
        """What each file registered, by the file's name."""
        self._switch: Switch | None = None

    async def start(self, switch: Switch) -> None:
        """Load all files; one that fails is told and left out, the others count."""
        self._switch = switch
        self.folder = folder_of(switch.generation.configuration)
        if str(self.folder) not in sys.path:
            sys.path.append(str(self.folder))
        for problem in await self.reload():
            log.error("%s", problem)

    async def stop(self) -> None:
        """Withdraw everything; calls that run such an application go on with it."""
        for name in list(self.loaded):
            self._withdraw(name)
        if str(self.folder) in sys.path:
            sys.path.remove(str(self.folder))

    async def reload(self, only: str = "") -> list[str]:
        """Load one file or all anew; what was wrong, with file and line.

        A file that fails leaves what it registered before; one that is gone is withdrawn.
        """
        assert self._switch is not None, "it was started"
        loop = self._switch.loop
        paths = await loop.run_in_executor(None, python_files, self.folder)
        names = {path.name for path in paths}
        if only:
            paths = [path for path in paths if path.name in (only, f"{only}.py")]
            if not paths and only not in self.loaded:
                return [f"{self.folder / only}: there is no such file"]
        forget_helpers(self.folder)
        for gone in [name for name in self.loaded if name not in names]:
            self._withdraw(gone)
        problems = []
        for path in paths:
            try:
                entries = await loop.run_in_executor(None, load, path)
                self._take(path, entries)
            except FileRefused as refused:
                problems.append(str(refused))
        return problems

    def _take(self, path: Path, entries: registry.Aside) -> None:
        """Put what a file registers in the place of what it registered before."""
        before = self.loaded.get(path.name, [])
        ours = {(id(where), entry.name.lower()) for where, entry in before}
        for where, entry in entries:
            known = where.find(entry.name)
            if known is not None and (id(where), entry.name.lower()) not in ours:
                owner = known.module or "the core"
                raise FileRefused(f"{path}: {where.kind} {entry.name} is there already ({owner})")
        self._withdraw(path.name)
        added: registry.Aside = []
        try:
            for where, entry in entries:
                where.add(entry)
                added.append((where, entry))
        except ValueError as error:
            for where, entry in added:
                where.remove(entry.name)
            for where, entry in before:
                where.add(entry)
            self.loaded[path.name] = before
            raise FileRefused(f"{path}: {error}") from error
        self.loaded[path.name] = entries
        names = ", ".join(entry.name for _, entry in entries) or "nothing"
        log.info("%s: %s", path, names)

    def _withdraw(self, name: str) -> None:
        for where, entry in self.loaded.pop(name, []):
            where.remove(entry.name)
