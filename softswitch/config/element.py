"""An element of the configuration: immutable, and it knows the place it was written at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import overload

from softswitch.config.errors import Finding, Severity


class Source:
    """One file as it was read; keeps its lines for findings."""

    __slots__ = ("lines", "path", "shifts")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines: Sequence[str] = text.split("\n")
        self.shifts: dict[int, list[tuple[int, int]]] = {}
        """Line to (offset after ``$${}`` was replaced, offset in the file), ascending."""

    def line(self, number: int) -> str:
        """The line of that number (from 1) without its end, or nothing."""
        if 1 <= number <= len(self.lines):
            return self.lines[number - 1].rstrip("\r")
        return ""

    def column(self, line: int, offset: int) -> int:
        """The column in the file of an offset (from 0) in the preprocessed line."""
        written = offset
        for after, before in self.shifts.get(line, ()):
            if after > offset:
                break
            written = before + offset - after
        return min(written, len(self.line(line))) + 1

    def finding(
        self,
        line: int,
        column: int,
        code: str,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding at a place of this file."""
        return Finding(self.path, line, column, code, message, hint, self.line(line), severity)

    def __repr__(self) -> str:
        return f"<Source {self.path}, {len(self.lines)} lines>"


class Element:
    """A tag with its attributes, children and text; never changes once it is parsed."""

    __slots__ = ("attributes", "children", "column", "line", "source", "tag", "text")

    def __init__(
        self,
        tag: str,
        attributes: Mapping[str, str],
        children: tuple[Element, ...] = (),
        text: str = "",
        source: Source | None = None,
        line: int = 0,
        column: int = 0,
    ) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children = children
        self.text = text
        """All its text pieces joined; empty if they are only white space."""
        self.source = source
        self.line = line
        self.column = column

    @property
    def file(self) -> str:
        """The path of the file it stands in; empty if it stands in none."""
        return self.source.path if self.source else ""

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: str) -> str: ...
    def get(self, name: str, default: str | None = None) -> str | None:
        """An attribute's value or the default; attribute names are case-sensitive."""
        return self.attributes.get(name, default)

    def find(self, tag: str, **attributes: str) -> Element | None:
        """The first child of that tag whose attributes have these values, compared without case."""
        return next(self.findall(tag, **attributes), None)

    def findall(self, tag: str, **attributes: str) -> Iterator[Element]:
        """The children of that tag whose attributes have these values, compared without case."""
        wanted = [(name, value.lower()) for name, value in attributes.items()]
        for child in self.children:
            if child.tag == tag and all(
                name in child.attributes and child.attributes[name].lower() == value
                for name, value in wanted
            ):
                yield child

    def iter(self, tag: str | None = None) -> Iterator[Element]:
        """Itself and all below it in document order, or those of one tag."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            if tag is None or element.tag == tag:
                yield element
            waiting.extend(reversed(element.children))

    def attribute_place(self, name: str) -> tuple[int, int]:
        """Line and column where the attribute's value is written, or the element's own."""
        pattern = re.compile(rf"(?:^|[\s\"']){re.escape(name)}\s*=\s*[\"']")
        start = self.column
        for line in range(self.line, self.line + 40):
            text = self.source.line(line) if self.source else ""
            if found := pattern.search(text, start):
                return line, found.end() + 1
            if ">" in text[start:]:
                break
            start = 0
        return self.line, self.column

    @property
    def written(self) -> str:
        """The line of the file that it begins in, before variables were replaced."""
        return self.source.line(self.line) if self.source else ""

    def finding(
        self,
        code: str,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        *,
        attribute: str = "",
    ) -> Finding:
        """A finding at this element, or at the value of one of its attributes."""
        line, column = (
            self.attribute_place(attribute)
            if attribute and attribute in self.attributes
            else (self.line, self.column)
        )
        text = self.source.line(line) if self.source else ""
        return Finding(self.file, line, column, code, message, hint, text, severity)

    def to_xml(self, indent: int = 0) -> str:
        """The element as text, two spaces a level, a line for each element."""
        space = "  " * indent
        attributes = "".join(f' {name}="{escape(v)}"' for name, v in self.attributes.items())
        text = escape(self.text, quote=False)
        if not self.children:
            return f"{space}<{self.tag}{attributes}>{text}</{self.tag}>\n"
        inner = "".join(child.to_xml(indent + 1) for child in self.children)
        return f"{space}<{self.tag}{attributes}>{text}\n{inner}{space}</{self.tag}>\n"

    def __iter__(self) -> Iterator[Element]:
        return iter(self.children)

    def __len__(self) -> int:
        return len(self.children)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        name = self.get("name") or self.get("id")
        return f"<{self.tag}{f' {name}' if name else ''} at {self.file}:{self.line}:{self.column}>"
