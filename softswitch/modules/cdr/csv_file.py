"""Records as lines of files: ``Master.csv`` and one for each account."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softswitch.modules.cdr.legs import Legs
from softswitch.modules.cdr.settings import CsvSettings
from softswitch.modules.cdr.template import Expand, Get, Template
from softswitch.switch.event_expansion import expand_event

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

MASTER = "Master"
_NOT_A_NAME = re.compile(r"[^\w.@+-]|^\.+")


class CsvFiles:
    """Appends each record to the files it belongs to, once, whatever happens in between.

    The mark of a delivery is how long each file was after it. After a crash what a file has
    beyond its mark was written and not noted: those lines are not written again, and half a
    line is cut off.
    """

    def __init__(self, switch: Switch, settings: CsvSettings, texts: Mapping[str, str]) -> None:
        """Raises ValueError where the default template is not there."""
        if settings.default_template not in texts:
            raise ValueError(f"cdr_csv.conf has no template {settings.default_template!r}")
        self.legs = Legs(settings.legs)
        self._switch = switch
        self._settings = settings
        self._templates = {name: Template(text) for name, text in texts.items()}
        base = settings.log_base or switch.globals.get("log_dir") or switch.folders.data / "log"
        self.folder = Path(base) / "cdr-csv"
        self._base = str(self.folder)
        self._found: dict[str, _Found] = {}

    def __repr__(self) -> str:
        return f"<CsvFiles {self.folder}>"

    async def render(self, session: Session) -> list[tuple[str, str]]:
        """File and line, for each file of the record."""
        bleg = session.channel.variables.get("bridge_uuid") or ""
        session.scopes.append({"bleg_uuid": session.get("bleg_uuid") or bleg})
        try:
            folder = session.get("cdr_csv_base") or self._base
            account = session.get("accountcode") or ""
            return await self._lines(folder, account, session.get, session.expand)
        finally:
            session.scopes.pop()

    async def render_cut_off(self, variables: Mapping[str, str]) -> list[tuple[str, str]]:
        """The same for a call of which only these variables are known."""

        async def expand(text: str) -> str:
            return await expand_event(self._switch, text, variables)

        account = variables.get("accountcode", "")
        return await self._lines(self._base, account, variables.get, expand)

    async def _lines(
        self, folder: str, account: str, get: Get, expand: Expand
    ) -> list[tuple[str, str]]:
        default = self._templates[self._settings.default_template]
        lines = [(os.path.join(folder, f"{MASTER}.csv"), await default.fill(get, expand))]
        if account and not self._settings.master_file_only:
            name = _NOT_A_NAME.sub("_", account)
            own = self._templates.get(account, default)
            lines.append((os.path.join(folder, f"{name}.csv"), await own.fill(get, expand)))
        return lines

    async def deliver(self, records: list[tuple[str, Any]], mark: Any, *, again: bool) -> Any:
        """Append the lines. Raises OSError where a file cannot be written."""
        sizes: dict[str, int] = dict(mark or {})
        lines: dict[str, list[str]] = {}
        for _, record in records:
            for path, line in record:
                lines.setdefault(path, []).append(line)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._append, lines, sizes, again)

    def _append(
        self, lines: dict[str, list[str]], sizes: dict[str, int], again: bool
    ) -> dict[str, int]:
        found = dict(self._found) if again else {}
        for name, wanted in lines.items():
            try:
                self._extend(name, wanted, sizes, found, again)
            except OSError as error:
                # A write that fails does not say where.
                raise OSError(error.errno, error.strerror, error.filename or name) from None
        self._found = found
        return sizes

    def _extend(
        self,
        name: str,
        wanted: list[str],
        sizes: dict[str, int],
        found: dict[str, _Found],
        again: bool,
    ) -> None:
        """Append to one file the lines it does not have."""
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            # Two calls may have equal lines.
            known: Counter[bytes] = Counter()
            if name in found:
                known = found[name].lines + Counter(_beyond(file.fileno(), found[name].size))
            elif again:
                known = Counter(_written(path, file.fileno(), sizes.get(name)))
            new = []
            for line in wanted:
                text = line.encode("utf-8", "replace")
                if known[text]:
                    known[text] -= 1
                else:
                    new.append(text + b"\n")
            file.write(b"".join(new))
            file.flush()
            os.fsync(file.fileno())
            sizes[name] = file.tell()
            if again:
                found[name] = _Found(known, sizes[name])

    def rotate(self) -> None:
        """Begin new files; the old ones get the time in their names. Blocks."""
        stamp = time.strftime("%Y-%m-%d-%H-%M-%S")
        for path in sorted(self.folder.glob("*.csv")):
            path.rename(path.with_name(f"{path.name}.{stamp}"))

    async def close(self) -> None:
        """Nothing is kept open."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Lines of a file that no record was found to have written yet, up to a size of it."""

    lines: Counter[bytes]
    size: int


def _written(path: Path, descriptor: int, size: int | None) -> Iterator[bytes]:
    """The lines that may be of records which come again: of the file, and of those it was before
    it was moved away. ``size`` is the mark; None looks through them all."""
    if size is None or os.fstat(descriptor).st_size < size:
        older = sorted(path.parent.glob(f"{path.name}.*"), key=lambda file: file.stat().st_mtime)
        for file in older if size is None else older[-1:]:
            with file.open("rb") as lines:
                lines.seek(size or 0)
                yield from (line.rstrip(b"\n") for line in lines)
    yield from _beyond(descriptor, size or 0)


def _beyond(descriptor: int, size: int) -> list[bytes]:
    """The whole lines that a file has after ``size`` bytes; half a line at its end is cut off."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    if end < size:
        # The file was moved away and begun anew since.
        size = 0
    data = os.pread(descriptor, end - size, size)
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.ftruncate(descriptor, size + whole)
    return data[:whole].split(b"\n")[:-1]
