"""Preprocessed files to elements: each file is parsed by lxml by itself, then hung in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from softswitch.config.element import Element, Source
from softswitch.config.errors import Finding, Severity, errors
from softswitch.config.markup import PREDEFINED, Scan, Scanner
from softswitch.config.preprocess import PLACEHOLDER, Document, Unset

_WRAPPER = "forest"


@dataclass(slots=True)
class _Branch:
    tag: str
    attributes: dict[str, str]
    place: tuple[int, int]
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)


_REASONS = (
    ("amplification", "its entities stand for more text than anybody could want",
     "entities that name entities multiply; write the text itself"),
    ("Excessive depth", "elements stand more than 256 deep in one another", "take levels out"),
    ("not defined", "an entity that is not in this file is named",
     "entities of other files are never read; include them with X-PRE-PROCESS"),
)  # fmt: skip
"""Part of what the parser says, and the same for people."""


class _Builder:
    """lxml's parser target: makes elements, and puts included ones where they belong.

    lxml counts lines wrongly past 65,534 and no columns, so places come from the scan.
    """

    def __init__(
        self, source: Source, places: list[tuple[int, int]], included: Mapping[int, list[Element]]
    ) -> None:
        self._source = source
        self._places = iter(places)
        self._included = included
        self._stack: list[_Branch] = []
        self._forest: list[Element] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        place = next(self._places, (0, 0)) if self._stack else (0, 0)
        self._stack.append(_Branch(tag, dict(attributes), place))

    def end(self, tag: str) -> None:
        branch = self._stack.pop()
        if not self._stack:
            self._forest = branch.children
            return
        text = "".join(branch.pieces)
        line, column = branch.place
        self._stack[-1].children.append(
            Element(
                branch.tag,
                branch.attributes,
                tuple(branch.children),
                "" if text.isspace() else text,
                self._source,
                line,
                column,
            )
        )

    def data(self, text: str) -> None:
        self._stack[-1].pieces.append(text)

    def pi(self, target: str, data: str | None = None) -> None:
        if target == PLACEHOLDER and data:
            self._stack[-1].children.extend(self._included.get(int(data), ()))

    def close(self) -> list[Element]:
        return self._forest


class Parser:
    """Parses a tree of preprocessed files into one tree of elements."""

    def __init__(self, *, document_types: bool = True) -> None:
        self.findings: list[Finding] = []
        self._document_types = document_types
        self._doctype = ""
        self._entities = PREDEFINED
        self._unset: dict[str, list[tuple[Source, Unset]]] = {}

    def parse(self, document: Document) -> list[Element]:
        """The elements at the top of the root file; what is wrong goes to ``findings``."""
        forest = self._parse(document, root=True)
        self._tell_unset()
        return forest

    def _parse(self, document: Document, *, root: bool = False) -> list[Element]:
        scan = Scanner(
            document.source,
            document.text,
            self._entities,
            root=root,
            document_types=self._document_types,
        ).run()
        self.findings.extend(scan.findings)
        self._note_unset(document, scan)
        if scan.doctype:
            self._doctype, self._entities = scan.doctype, scan.entities
        wrong = bool(errors(scan.findings))
        included = {
            number: [element for file in files for element in self._parse(file)]
            for number, files in enumerate(document.included)
            if wrong or number in scan.includes
        }
        if wrong:
            return []
        builder = _Builder(document.source, scan.places, included)
        # A parser's error log keeps earlier documents' errors, so each file has its own parser.
        target = cast("etree.ParserTarget", builder)
        parser = etree.XMLParser(target=target, no_network=True, remove_comments=True)
        doctype = f"<!DOCTYPE {_WRAPPER} {self._doctype}>" if self._doctype else ""
        text = f"{doctype}<{_WRAPPER}>{scan.text}</{_WRAPPER}>"
        try:
            return cast("list[Element]", etree.fromstring(text.encode(), parser))
        except etree.XMLSyntaxError as error:
            line = max(1, (error.lineno or 1) - doctype.count("\n"))
            reason = (error.msg or "not well-formed").split(", line ")[0]
            told, hint = next((said for mark, *said in _REASONS if mark in reason), (reason, ""))
            self.findings.append(document.source.finding(line, 1, "X100", told, hint))
            return []

    def _note_unset(self, document: Document, scan: Scan) -> None:
        """Keep each ``$${name}`` without a value that does not stand in a comment."""
        if not document.unset:
            return
        starts = [0]
        for text in document.text.split("\n"):
            starts.append(starts[-1] + len(text) + 1)
        for unset in document.unset:
            position = min(starts[unset.line - 1] + unset.offset, starts[unset.line] - 1)
            if not any(start <= position < end for start, end in scan.hidden):
                self._unset.setdefault(unset.name, []).append((document.source, unset))

    def _tell_unset(self) -> None:
        for name, places in self._unset.items():
            source, unset = places[0]
            more = f" (in {len(places)} places)" if len(places) > 1 else ""
            self.findings.append(
                source.finding(
                    unset.line,
                    unset.column,
                    "P208",
                    f"$${{{name}}} is not set and is replaced by nothing{more}",
                    f'set it before: <X-PRE-PROCESS cmd="set" data="{name}=..."/>',
                    Severity.WARNING,
                )
            )
