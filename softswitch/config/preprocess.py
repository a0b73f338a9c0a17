"""FreeSWITCH's preprocessor: ``X-PRE-PROCESS`` directives and ``$${name}``, line by line.

Each file keeps its own text and its lines keep their numbers; an included file is hung where its
directive stood, to be parsed by itself.
"""

from __future__ import annotations

import difflib
import glob
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from softswitch.config.element import Source
from softswitch.config.encoding import read_text
from softswitch.config.errors import Finding, Severity

PLACEHOLDER = "softswitch-include"
"""The processing instruction that marks where an included file belongs."""

_COMMAND_SECONDS = 30
_DIRECTIVE = re.compile(r'cmd.*?=.*?"([^"]*)".*?data.*?=.*?"([^"]*)"', re.I)
_REST = re.compile(
    r"""^(?:\s*[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>(?:\s*</X-PRE-PROCESS>)?|<!--.*?-->|-->""",
    re.I,
)
"""What may follow a directive's data: attributes that portals keep there, its end, comments."""
_SLIP = re.compile(r"^\s*<(X?[-_]?PRE[-_]?PROCESS(?:OR|ING)?)\s+cmd\s*=", re.I)
_COMMANDS = ("set", "env-set", "exec-set", "stun-set", "include", "exec")
_OLD_COMMANDS = ("set", "exec-set", "stun-set", "include", "exec")


@dataclass(slots=True)
class Document:
    """One preprocessed file, and the files that belong at each of its placeholders."""

    source: Source
    text: str = ""
    included: list[list[Document]] = field(default_factory=list)
    unset: list[Unset] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unset:
    """A ``$${name}`` that had no value."""

    name: str
    line: int
    column: int
    offset: int
    """Where it would be in the preprocessed line."""


class _Place(NamedTuple):
    """A line of a file being read, and an offset in it after ``$${}`` was replaced."""

    document: Document
    line: int
    offset: int


class Preprocessor:
    """Reads a root file and all it includes; afterwards ``variables`` are the global variables.

    ``resolve`` looks up a ``stun:`` or ``host:`` address for ``stun-set`` (None: leave unset);
    ``allow_commands`` lets ``exec-set`` and ``exec`` run commands, ``allow_includes`` lets
    ``include`` read files.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        *,
        allow_commands: bool = False,
        allow_includes: bool = True,
        resolve: Callable[[str], str | None] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.variables = dict(variables)
        self.assigned: dict[str, str | None] = {}
        """What directives set, or deleted (None)."""
        self.findings: list[Finding] = []
        self.files: list[str] = []
        self._allow_commands = allow_commands
        self._allow_includes = allow_includes
        self._resolve = resolve
        self._environment = os.environ if environment is None else environment
        self._reading: list[Path] = []
        self._not_looked_up: set[str] = set()

    def read(self, path: Path) -> Document:
        """The preprocessed file; what is wrong with it goes to ``findings``."""
        text, finding = read_text(path)
        source = Source(str(path), text)
        if finding:
            self.findings.append(finding)
        self.files.append(str(path))
        self._reading.append(path.resolve())
        try:
            return self.process(source)
        finally:
            self._reading.pop()

    def process(self, source: Source) -> Document:
        """The preprocessed text of a source that was read already."""
        document = Document(source)
        lines = []
        in_comment = False
        for number, written in enumerate(source.lines, 1):
            text, unset = written, list[Unset]()
            if "$${" in written:
                text, unset = self._expand(document, number, written)
            if "<include>" in text or "</include>" in text or "<?" in text:
                if not in_comment:
                    self._tell_dropped(document, number, text)
                lines.append("")
                continue
            before = ""
            if in_comment:
                end = text.find("-->")
                if end < 0:
                    lines.append("")
                    continue
                in_comment = False
                before, text = " " * (end + 3), text[end + 3 :]
            keyword = text.lower().find("x-pre-process")
            if keyword >= 0:
                if keyword == 0 or text[keyword - 1] != "<":
                    lines.append("")
                else:
                    lines.append(self._directive(document, number, before + text, len(before)))
                    document.unset.extend(unset)
            elif (start := text.find("<!--#")) >= 0:
                line, in_comment = self._old_directive(document, number, before + text, start)
                lines.append(line)
                document.unset.extend(unset)
            else:
                if slip := _SLIP.search(text):
                    place = _Place(document, number, len(before) + slip.start(1) - 1)
                    message = f"<{slip[1]}> is no directive and does nothing"
                    self._warn(place, "P202", message, "write <X-PRE-PROCESS")
                lines.append(before + text)
                document.unset.extend(unset)
        document.text = "\n".join(lines)
        return document

    def _expand(self, document: Document, number: int, line: str) -> tuple[str, list[Unset]]:
        """Replace each ``$${name}``, values taken as they are; also tell which had none."""
        unset: list[Unset] = []
        pieces: list[str] = []
        shifts: list[tuple[int, int]] = []
        position = length = 0
        while (start := line.find("$${", position)) >= 0:
            depth, end = 1, start + 3
            while end < len(line) and depth:
                depth += {"{": 1, "}": -1}.get(line[end], 0)
                end += 1
            if depth:
                place = _Place(document, number, start)
                self._tell(place, "P209", "'$${' has no closing '}'", "add the brace")
                break
            name = line[start + 3 : end - 1]
            value = self.variables.get(name)
            before = line[position:start]
            length += len(before)
            shifts.append((length, start))
            if value is None and name not in self._not_looked_up:
                unset.append(Unset(name, number, start + 1, length))
            # A line stays one line, and in an attribute XML reads a line break as a space anyway.
            shown = (value or "").replace("\r", "").replace("\n", " ")
            pieces += [before, shown]
            length += len(shown)
            shifts.append((length, end))
            position = end
        pieces.append(line[position:])
        if shifts:
            document.source.shifts[number] = shifts
        return "".join(pieces), unset

    def _tell_dropped(self, document: Document, number: int, text: str) -> None:
        mark = next(mark for mark in ("<include>", "</include>", "<?") if mark in text)
        if not re.sub(r"</?include>|<\?.*?\?>|<!--.*?(-->|$)", "", text).strip():
            return
        place = _Place(document, number, text.find(mark))
        message = f"the whole line is dropped because it contains {mark}"
        hint = "write '&lt;?' for the characters" if mark == "<?" else "put it on its own line"
        self._warn(place, "P215", message, hint)

    def _directive(self, document: Document, number: int, text: str, offset: int) -> str:
        """Execute ``<X-PRE-PROCESS cmd="" data=""/>``; what stands in its place."""
        start = text.lower().index("<x-pre-process", offset)
        place = _Place(document, number, start)
        found = _DIRECTIVE.search(text, start)
        if not found:
            self._tell(
                place,
                "P201",
                "X-PRE-PROCESS needs cmd and data, in this order and on one line",
                'write <X-PRE-PROCESS cmd="set" data="name=value"/>, with double quotes',
                Severity.ERROR if "cmd" in text[start:].lower() else Severity.WARNING,
            )
            return ""
        if _REST.sub("", text[found.end() :]).strip() or text[:start].replace("<!--", "").strip():
            message = "what else stands on a directive's line is lost"
            self._warn(place, "P214", message, "give each directive a line of its own")
        instead = self._execute(
            place._replace(offset=found.start(2)), found[1], found[2], _COMMANDS
        )
        return " " * start + instead if instead else ""

    def _old_directive(
        self, document: Document, number: int, text: str, start: int
    ) -> tuple[str, bool]:
        """Execute ``<!--#cmd data-->``; what stands in its place, and whether it is still open."""
        end = text.find("-->", start)
        open_ended = end < 0
        content = text[start + 5 : None if open_ended else end].rstrip("\r")
        command, space, data = content.partition(" ")
        instead = ""
        if space and command in _OLD_COMMANDS:
            if quoted := re.search(r'"([^"]*)"', data):
                data = quoted[1]
            place = _Place(document, number, start + 6 + len(command))
            instead = self._execute(place, command, data.strip(), _OLD_COMMANDS)
        after = "" if open_ended else text[end + 3 :]
        return text[:start] + instead + after, open_ended

    def _execute(self, place: _Place, command: str, data: str, known: tuple[str, ...]) -> str:
        match command.lower():
            case "include":
                return self._include(place, data)
            case "exec":
                return self._exec(place, data)
            case "set" | "env-set" | "exec-set" | "stun-set" as verb:
                name, equals, value = data.partition("=")
                name, value = name.rstrip(" "), value.lstrip(" ")
                if equals and name:
                    self._set(place, verb, name, value)
                else:
                    self._warn(place, "P203", f'cmd="{verb}" needs data="name=value"')
            case other:
                close = difflib.get_close_matches(other, known, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
                self._warn(place, "P202", f"there is no directive {command!r}", hint)
        return ""

    def _set(self, place: _Place, verb: str, name: str, value: str) -> None:
        result: str | None
        match verb:
            case "set":
                result = value
            case "env-set":
                result = self._from_environment(place, name, value)
            case "exec-set":
                output = self._run(place, value)
                result = None if output is None else output.rstrip()
            case _:
                result = self._look_up(place, name, value)
        if result is None:
            return
        if result:
            self.variables[name] = result
            self.assigned[name] = result
            self._not_looked_up.discard(name)
        else:
            self.variables.pop(name, None)
            self.assigned[name] = None

    def _from_environment(self, place: _Place, name: str, value: str) -> str | None:
        if not value.startswith("$"):
            message = f"{value!r} names no environment variable; {name!r} stays as it is"
            self._warn(place, "P216", message, f'write data="{name}=$VARIABLE"')
            return None
        result = self._environment.get(value[1:])
        if result is None:
            message = f"the environment has no {value[1:]}; {name!r} stays as it is"
            self._warn(place, "P216", message, f"export {value[1:]} before the start")
        return result

    def _look_up(self, place: _Place, name: str, value: str) -> str | None:
        result = self._resolve(value) if self._resolve else None
        if result is None:
            asking = value.lower().startswith(("stun:", "host:"))
            if self._resolve and asking and name not in self.variables:
                message = f"{value!r} does not answer; {name!r} stands for it as it is written"
                hint = "a profile's ext-sip-ip and ext-rtp-ip ask it until it answers"
                self._tell(place, "P212", message, hint, Severity.WARNING)
                return value
            if name not in self.variables:
                self._not_looked_up.add(name)
            self._tell(
                place,
                "P212",
                f"{value!r} was not looked up; {name!r} stays as it is",
                f'give the address itself: cmd="set" data="{name}=address"',
                Severity.WARNING if self._resolve else Severity.NOTE,
            )
        return result

    def _run(self, place: _Place, command: str) -> str | None:
        if not self._allow_commands:
            message = "the configuration may not run commands"
            hint = "set the value itself, or allow commands when starting"
            self._warn(place, "P210", message, hint)
            return None
        try:
            done = subprocess.run(
                command,
                shell=True,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_COMMAND_SECONDS,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except subprocess.TimeoutExpired:
            problem = f"took more than {_COMMAND_SECONDS} s"
        except OSError as error:
            problem = f"did not start: {error.strerror}"
        else:
            if done.returncode == 0:
                return done.stdout
            problem = f"ended with {done.returncode}: {done.stderr.strip()[:200]}"
        self._warn(place, "P211", f"the command {problem}")
        return None

    def _exec(self, place: _Place, command: str) -> str:
        output = self._run(place, command)
        if output is None:
            return ""
        # What a command prints goes into the document as it is, without directives.
        path = f"{place.document.source.path} (output of {command})"
        return self._hang(place, [Document(Source(path, output), output)])

    def _include(self, place: _Place, pattern: str) -> str:
        if not self._allow_includes:
            self._warn(place, "P218", f"{pattern} is not included: this text may read no files")
            return ""
        if not pattern:
            self._warn(place, "P203", 'cmd="include" needs data="file"')
            return ""
        folder = Path(place.document.source.path).parent
        found = sorted(glob.glob(pattern, root_dir=folder))
        if not found:
            self._tell_missing(place, folder, pattern)
        files = []
        for path in (Path(os.path.normpath(folder / name)) for name in found):
            if path.resolve() in self._reading:
                chain = self._reading[self._reading.index(path.resolve()) :]
                names = " → ".join(p.name for p in [*chain, path])
                message = f"{path.name} includes itself: {names}"
                self._tell(place, "P207", message, "take this include out")
            else:
                files.append(self.read(path))
        return self._hang(place, files)

    def _hang(self, place: _Place, files: list[Document]) -> str:
        place.document.included.append(files)
        return f"<?{PLACEHOLDER} {len(place.document.included) - 1}?>"

    def _tell_missing(self, place: _Place, folder: Path, pattern: str) -> None:
        if glob.has_magic(pattern):
            self._tell(place, "P205", f"no file matches {pattern}", "", Severity.NOTE)
            return
        wanted = folder / pattern
        try:
            there = [path.name for path in wanted.parent.iterdir()]
            close = difflib.get_close_matches(wanted.name, there, 1)
            hint = f"did you mean {close[0]}?" if close else f"looked in {wanted.parent}"
        except OSError:
            hint = f"there is no folder {wanted.parent}"
        self._warn(place, "P204", f"there is no file {pattern}", hint)

    def _warn(self, place: _Place, code: str, message: str, hint: str = "") -> None:
        self._tell(place, code, message, hint, Severity.WARNING)

    def _tell(
        self,
        place: _Place,
        code: str,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        source = place.document.source
        column = source.column(place.line, place.offset)
        self.findings.append(source.finding(place.line, column, code, message, hint, severity))
