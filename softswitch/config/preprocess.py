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

from softswitch.config.element import Source
from softswitch.config.encoding import read_text
from softswitch.config.errors import Finding, Severity

PLACEHOLDER = "softswitch-include"
"""The processing instruction that marks where an included file belongs."""

_COMMAND_SECONDS = 30
_DIRECTIVE = re.compile(r'cmd.*?=.*?"([^"]*)".*?data.*?=.*?"([^"]*)"', re.I)
_COMMANDS = ("set", "env-set", "exec-set", "stun-set", "include", "exec")
_OLD_COMMANDS = ("set", "exec-set", "stun-set", "include", "exec")


@dataclass(slots=True)
class Document:
    """One preprocessed file, and the files that belong at each of its placeholders."""

    source: Source
    text: str = ""
    included: list[list[Document]] = field(default_factory=list)
    include_lines: list[tuple[int, int]] = field(default_factory=list)
    unset: list[Unset] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unset:
    """A ``$${name}`` that had no value."""

    name: str
    line: int
    column: int
    offset: int
    """Where it would be in the preprocessed line."""


class Preprocessor:
    """Reads a root file and all it includes; afterwards ``variables`` are the global variables.

    ``resolve`` looks up a ``stun:`` or ``host:`` address for ``stun-set`` (None: leave unset);
    ``allow_commands`` lets ``exec-set`` and ``exec`` run commands.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        *,
        allow_commands: bool = False,
        resolve: Callable[[str], str | None] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.variables = dict(variables)
        self.assigned: dict[str, str | None] = {}
        """What directives set, or deleted (None)."""
        self.findings: list[Finding] = []
        self.files: list[str] = []
        self._allow_commands = allow_commands
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
            return self._process(source)
        finally:
            self._reading.pop()

    def _process(self, source: Source) -> Document:
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
                self._add(
                    document, number, start, "P209", "'$${' has no closing '}'", "add the brace"
                )
                break
            name = line[start + 3 : end - 1]
            value = self.variables.get(name)
            before = line[position:start]
            pieces.append(before)
            length += len(before)
            shifts.append((length, start))
            if value is None and name not in self._not_looked_up:
                unset.append(Unset(name, number, start + 1, length))
            # A line stays one line, and in an attribute XML reads a line break as a space anyway.
            shown = (value or "").replace("\r", "").replace("\n", " ")
            pieces.append(shown)
            length += len(shown)
            shifts.append((length, end))
            position = end
        pieces.append(line[position:])
        if shifts:
            document.source.shifts[number] = shifts
        return "".join(pieces), unset

    def _tell_dropped(self, document: Document, number: int, text: str) -> None:
        mark = next(mark for mark in ("<include>", "</include>", "<?") if mark in text)
        rest = re.sub(r"</?include>|<\?.*?\?>|<!--.*?(-->|$)", "", text).strip()
        if not rest:
            return
        self._add(
            document,
            number,
            text.find(mark),
            "P215",
            f"the whole line is dropped because it contains {mark}",
            "put it on a line of its own"
            if "include" in mark
            else "write '&lt;?' where the characters are meant",
            Severity.WARNING,
        )

    def _directive(self, document: Document, number: int, text: str, offset: int) -> str:
        """Execute ``<X-PRE-PROCESS cmd="" data=""/>``; what stands in its place."""
        start = text.lower().index("<x-pre-process", offset)
        found = _DIRECTIVE.search(text, start)
        if not found:
            self._add(
                document,
                number,
                start,
                "P201",
                "X-PRE-PROCESS needs cmd and data, in this order and on one line",
                'write <X-PRE-PROCESS cmd="set" data="name=value"/>, with double quotes',
                Severity.ERROR if "cmd" in text[start:].lower() else Severity.WARNING,
            )
            return ""
        rest = text[found.end() :].strip()
        rest = re.sub(r"^/?>(\s*</X-PRE-PROCESS>)?|<!--.*?-->|-->", "", rest, flags=re.I).strip()
        if rest or text[:start].replace("<!--", "").strip():
            self._add(
                document,
                number,
                start,
                "P214",
                "what else stands on a directive's line is lost",
                "give each directive a line of its own",
                Severity.WARNING,
            )
        return self._execute(document, number, found.start(2), found[1], found[2], _COMMANDS)

    def _old_directive(
        self, document: Document, number: int, text: str, start: int
    ) -> tuple[str, bool]:
        """Execute ``<!--#cmd data-->``; what stands in its place, and whether it is still open."""
        start = text.find("<!--#", start)
        end = text.find("-->", start)
        open_ended = end < 0
        content = text[start + 5 : None if open_ended else end].rstrip("\r")
        command, space, data = content.partition(" ")
        place = ""
        if space and command in _OLD_COMMANDS:
            if quoted := re.search(r'"([^"]*)"', data):
                data = quoted[1]
            place = self._execute(
                document, number, start + 6 + len(command), command, data.strip(), _OLD_COMMANDS
            )
        after = "" if open_ended else text[end + 3 :]
        return text[:start] + place + after, open_ended

    def _execute(
        self,
        document: Document,
        line: int,
        offset: int,
        command: str,
        data: str,
        known: tuple[str, ...],
    ) -> str:
        match command.lower():
            case "include":
                return self._include(document, line, offset, data)
            case "exec":
                return self._exec(document, line, offset, data)
            case "set" | "env-set" | "exec-set" | "stun-set" as verb:
                name, equals, value = data.partition("=")
                name, value = name.rstrip(" "), value.lstrip(" ")
                if not equals or not name:
                    self._add(
                        document,
                        line,
                        offset,
                        "P203",
                        f'cmd="{verb}" needs data="name=value"',
                        "",
                        Severity.WARNING,
                    )
                else:
                    self._set(document, line, offset, verb, name, value)
            case other:
                close = difflib.get_close_matches(other, known, 1)
                self._add(
                    document,
                    line,
                    offset,
                    "P202",
                    f"there is no directive {command!r}",
                    f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}",
                    Severity.WARNING,
                )
        return ""

    def _set(
        self, document: Document, line: int, offset: int, verb: str, name: str, value: str
    ) -> None:
        result: str | None
        match verb:
            case "set":
                result = value
            case "env-set":
                result = self._environment.get(value[1:]) if value.startswith("$") else None
                if result is None:
                    self._add(
                        document,
                        line,
                        offset,
                        "P216",
                        f"{value!r} is no environment variable; {name!r} stays as it is",
                        'write data="name=$VARIABLE"' if not value.startswith("$") else "",
                        Severity.WARNING,
                    )
                    return
            case "exec-set":
                result = self._run(document, line, offset, value)
                if result is None:
                    return
                result = result.rstrip()
            case _:
                result = self._look_up(document, line, offset, name, value)
                if result is None:
                    return
        if result:
            self.variables[name] = result
            self.assigned[name] = result
            self._not_looked_up.discard(name)
        else:
            self.variables.pop(name, None)
            self.assigned[name] = None

    def _look_up(
        self, document: Document, line: int, offset: int, name: str, value: str
    ) -> str | None:
        result = self._resolve(value) if self._resolve else None
        if result is None:
            if name not in self.variables:
                self._not_looked_up.add(name)
            self._add(
                document,
                line,
                offset,
                "P212",
                f"{value!r} was not looked up; {name!r} stays as it is",
                'give the address itself: cmd="set" data="name=address"',
                Severity.WARNING if self._resolve else Severity.NOTE,
            )
        return result

    def _run(self, document: Document, line: int, offset: int, command: str) -> str | None:
        if not self._allow_commands:
            self._add(
                document,
                line,
                offset,
                "P210",
                "the configuration may not run commands",
                "set the value itself, or allow commands when starting",
                Severity.WARNING,
            )
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
        self._add(document, line, offset, "P211", f"the command {problem}", "", Severity.WARNING)
        return None

    def _exec(self, document: Document, line: int, offset: int, command: str) -> str:
        output = self._run(document, line, offset, command)
        if output is None:
            return ""
        # What a command prints goes into the document as it is, without directives.
        made = Document(Source(f"{document.source.path} (output of {command})", output), output)
        return self._place(document, line, offset, [made])

    def _include(self, document: Document, line: int, offset: int, pattern: str) -> str:
        folder = Path(document.source.path).parent
        found = sorted(glob.glob(str(folder / pattern)))
        paths = [Path(os.path.normpath(path)) for path in found]
        if not paths:
            self._tell_missing(document, line, offset, folder, pattern)
        files = []
        for path in paths:
            if path.resolve() in self._reading:
                chain = self._reading[self._reading.index(path.resolve()) :]
                names = " → ".join(p.name for p in [*chain, path])
                message = f"{path.name} includes itself: {names}"
                self._add(document, line, offset, "P207", message, "take this include out")
            else:
                files.append(self.read(path))
        return self._place(document, line, offset, files)

    def _place(self, document: Document, line: int, offset: int, files: list[Document]) -> str:
        document.included.append(files)
        document.include_lines.append((line, offset))
        return f"<?{PLACEHOLDER} {len(document.included) - 1}?>"

    def _tell_missing(
        self, document: Document, line: int, offset: int, folder: Path, pattern: str
    ) -> None:
        if glob.has_magic(pattern):
            message = f"no file matches {pattern}"
            self._add(document, line, offset, "P205", message, "", Severity.NOTE)
            return
        wanted = folder / pattern
        try:
            there = [p.name for p in wanted.parent.iterdir()]
            close = difflib.get_close_matches(wanted.name, there, 1)
            hint = f"did you mean {close[0]}?" if close else f"looked in {wanted.parent}"
        except OSError:
            hint = f"there is no folder {wanted.parent}"
        message = f"there is no file {pattern}"
        self._add(document, line, offset, "P204", message, hint, Severity.WARNING)

    def _add(
        self,
        document: Document,
        line: int,
        offset: int,
        code: str,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        column = document.source.column(line, offset)
        self.findings.append(document.source.finding(line, column, code, message, hint, severity))
