"""Finds the tags of one file with their places, and mends what FreeSWITCH's reader lets pass.

FreeSWITCH reads a bare ``&``, a ``<`` in an attribute, a repeated attribute and ``--`` in a
comment; here each is a warning and is written properly before the XML parser sees it. What
neither can read is an error at the place where a person would mend it.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from dataclasses import dataclass, field

from softswitch.config.element import Source
from softswitch.config.errors import Finding, Severity
from softswitch.config.preprocess import PLACEHOLDER

_NAME = r"[A-Za-z_:][\w:.\-]*"
_TAG = re.compile(rf"""<({_NAME})((?:\s+{_NAME}\s*=\s*(?:"[^"<&]*"|'[^'<&]*'))*)\s*(/?)>""")
_ATTRIBUTE = re.compile(rf"""({_NAME})\s*=\s*(?:"[^"]*"|'[^']*')""")
_START = re.compile(rf"<({_NAME})")
_END = re.compile(rf"</({_NAME})\s*>")
_DOCTYPE = re.compile(r"<!DOCTYPE\s+[^\[>]*(\[.*?\]\s*)?>", re.S)
_ENTITY_NAME = re.compile(r"<!ENTITY\s+([\w:.\-]+)\s")
_ENTITY_VALUE = re.compile(r"""<!ENTITY\s+[\w:.\-]+\s+("[^"]*"|'[^']*')""")
_REFERENCE = re.compile(r"&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|([\w:.\-]+));")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SPECIAL = re.compile(r"[<&]|\]\]>")
_MAXIMUM_FINDINGS = 20
PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})


class _Stop(Exception):
    """The rest of the file cannot be made sense of."""


@dataclass(slots=True)
class Scan:
    """What one file's markup is."""

    text: str = ""
    """Well-formed but for what only the parser knows; comments are gone."""
    places: list[tuple[int, int]] = field(default_factory=list)
    """Line and column of each element, in document order."""
    doctype: str = ""
    entities: frozenset[str] = PREDEFINED
    findings: list[Finding] = field(default_factory=list)
    hidden: list[tuple[int, int]] = field(default_factory=list)
    """Spans of offsets inside comments."""
    includes: set[int] = field(default_factory=set)
    """Numbers of the placeholders that stand where elements may."""


class Scanner:
    """One pass over one preprocessed file."""

    def __init__(
        self,
        source: Source,
        text: str,
        entities: frozenset[str] = PREDEFINED,
        *,
        root: bool,
        document_types: bool = True,
    ) -> None:
        self._source = source
        self._text = text
        self._root = root
        self._document_types = document_types
        self._line_starts = [0]
        self._line_starts.extend(m.end() for m in re.finditer("\n", text))
        self._open: list[tuple[str, int]] = []
        self._pieces: list[str] = []
        self._copied = 0
        self.scan = Scan(entities=entities)

    def run(self) -> Scan:
        """The scan; ``findings`` holds errors if the text is not to be parsed."""
        if control := _CONTROL.search(self._text):
            code = ord(control.group())
            self._add(control.start(), "X117", f"the file has a control character (0x{code:02x})")
        else:
            try:
                self._content()
                self._close_all()
            except _Stop:
                pass
        self.scan.text = "".join([*self._pieces, self._text[self._copied :]])
        return self.scan

    def place(self, position: int) -> tuple[int, int]:
        """Line and column in the file of an offset in the preprocessed text."""
        line = bisect_right(self._line_starts, position)
        return line, self._source.column(line, position - self._line_starts[line - 1])

    def _add(
        self,
        position: int,
        code: str,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        line, column = self.place(position)
        self.scan.findings.append(self._source.finding(line, column, code, message, hint, severity))
        if len(self.scan.findings) >= _MAXIMUM_FINDINGS and severity is Severity.ERROR:
            raise _Stop

    def _stop(self, position: int, code: str, message: str, hint: str = "") -> _Stop:
        self._add(position, code, message, hint)
        return _Stop()

    def _replace(self, start: int, end: int, new: str) -> None:
        self._pieces += [self._text[self._copied : start], new]
        self._copied = end

    def _content(self) -> None:
        text, position = self._text, 0
        places, opened = self.scan.places, self._open
        while found := _SPECIAL.search(text, position):
            start = found.start()
            if tag := _TAG.match(text, start):
                attributes = tag[2]
                if attributes and self._repeats(attributes):
                    position = self._start_tag(start)
                    continue
                places.append(self.place(start))
                if not tag[3]:
                    opened.append((tag[1], start))
                position = tag.end()
            elif text[start] == "&":
                position = self._reference(start)
            elif text[start] == "]":
                self._replace(start, found.end(), "]]&gt;")
                position = found.end()
            elif end_tag := _END.match(text, start):
                self._close(end_tag[1], start, end_tag.end())
                position = end_tag.end()
            elif text.startswith("<!--", start):
                position = self._comment(start)
            elif text.startswith("<![CDATA[", start):
                position = self._cdata(start)
            elif text.startswith("<?", start):
                position = self._instruction(start)
            elif text.startswith("<!DOCTYPE", start):
                position = self._document_type(start)
            else:
                position = self._start_tag(start)

    @staticmethod
    def _repeats(attributes: str) -> bool:
        names = _ATTRIBUTE.findall(attributes)
        return len(names) != len(set(names))

    def _reference(self, start: int) -> int:
        """Leave a reference that stands for something; write ``&`` as text otherwise."""
        found = _REFERENCE.match(self._text, start)
        if found:
            decimal, hexadecimal, name = found.groups()
            if name in self.scan.entities:
                return found.end()
            number = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else 0
            if number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0x10FFFF:
                return found.end()
            message = f"{found.group()} stands for nothing and is taken as text"
            self._add(start, "X118", message, f"write &amp;{found.group()[1:]}", Severity.WARNING)
        else:
            self._add(
                start,
                "X103",
                "a bare '&' is taken as text",
                "write '&amp;'",
                Severity.WARNING,
            )
        self._replace(start, start + 1, "&amp;")
        return start + 1

    def _comment(self, start: int) -> int:
        end = self._text.find("-->", start + 4)
        if end < 0:
            raise self._stop(start, "X110", "this comment is never closed", "close it with '-->'")
        dashes = self._text.find("--", start + 4, end + 1)
        if dashes >= 0:
            hint = "other XML tools refuse it; use single dashes"
            self._add(dashes, "X109", "'--' inside a comment", hint, Severity.WARNING)
        self._hide(start, end + 3, "comment")
        return end + 3

    def _hide(self, start: int, end: int, kind: str) -> None:
        content = self._text[start:end]
        if (inside := content.find(f"<?{PLACEHOLDER} ")) >= 0:
            self._add(
                start + inside,
                "P213",
                f"this include stands inside a {kind}: its variables are set, its elements are not"
                " used",
                "write Z-PRE-PROCESS to switch a directive off",
                Severity.WARNING,
            )
        if kind == "comment":
            self.scan.hidden.append((start, end))
            self._replace(start, end, "\n" * content.count("\n"))
        elif inside >= 0:
            self._replace(start, end, re.sub(rf"<\?{PLACEHOLDER} \d+\?>", "", content))

    def _cdata(self, start: int) -> int:
        end = self._text.find("]]>", start)
        if end < 0:
            raise self._stop(
                start, "X111", "this CDATA section is never closed", "close it with ']]>'"
            )
        self._hide(start, end + 3, "CDATA section")
        return end + 3

    def _instruction(self, start: int) -> int:
        end = self._text.find("?>", start + 2)
        if end < 0 or not re.match(r"[A-Za-z_]", self._text[start + 2 : end]):
            why = "is never closed" if end < 0 else "has no name behind it"
            raise self._stop(start, "X120", f"'<?' {why}", "write '&lt;?' for the text")
        name, _, number = self._text[start + 2 : end].partition(" ")
        if name == PLACEHOLDER and number.isdigit():
            self.scan.includes.add(int(number))
        return end + 2

    def _document_type(self, start: int) -> int:
        found = _DOCTYPE.match(self._text, start)
        if not found or self._open or self.scan.places or not self._root:
            raise self._stop(
                start,
                "X119",
                "a document type declaration may only stand at the head of the root file",
                "move it there",
            )
        if self._document_types:
            # FreeSWITCH takes tags inside an entity as text.
            self.scan.doctype = _ENTITY_VALUE.sub(
                lambda entity: entity[0][:8] + entity[0][8:].replace("<", "&#38;#60;"),
                found[1] or "",
            )
            self.scan.entities = self.scan.entities | set(_ENTITY_NAME.findall(found[1] or ""))
        self._replace(start, found.end(), "\n" * found.group().count("\n"))
        return found.end()

    def _close(self, name: str, start: int, end: int) -> None:
        """Match an end tag with what is open; tell the tag that a person forgot."""
        opened = self._open
        if opened and opened[-1][0] == name:
            opened.pop()
            return
        here = self.place(start)[0]
        if name in (tag for tag, _ in opened):
            while opened[-1][0] != name:
                inner, position = opened.pop()
                self._add(
                    position,
                    "X101",
                    f"<{inner}> is never closed: </{name}> comes first, on line {here}",
                    f"add </{inner}> before it, or end the tag with '/>'",
                )
            opened.pop()
        elif not opened:
            self._add(
                start,
                "X102",
                f"</{name}> closes nothing: no tag is open in this file",
                "each file must close what it opens, and nothing else",
            )
        else:
            inner, position = opened[-1]
            line = self.place(position)[0]
            close = difflib.get_close_matches(name, [tag for tag, _ in opened], 1)
            self._add(
                start,
                "X102",
                f"</{name}> closes nothing: <{inner}> of line {line} is open",
                f"did you mean </{close[0]}>?" if close else "take it out",
            )
            if close and close[0] == inner:
                opened.pop()

    def _close_all(self) -> None:
        for name, position in reversed(self._open):
            self._add(
                position,
                "X101",
                f"<{name}> is never closed in this file",
                f"add </{name}>, or end the tag with '/>'",
            )

    def _start_tag(self, start: int) -> int:
        """A start tag that is not plain: mend it, or tell what is wrong with it."""
        text = self._text
        named = _START.match(text, start)
        if not named:
            return self._stray(start)
        self.scan.places.append(self.place(start))
        position, names = named.end(), set[str]()
        while True:
            space = re.compile(r"\s*").match(text, position)
            after = space.end() if space else position
            if text.startswith(">", after):
                self._open.append((named[1], start))
                return after + 1
            if text.startswith("/>", after):
                return after + 2
            if text.startswith(f"<?{PLACEHOLDER} ", after):
                hint = "include whole elements"
                raise self._stop(after, "P217", f"an include stands inside <{named[1]}>", hint)
            if after >= len(text) or text[after] == "<":
                raise self._stop(
                    start, "X113", f"the tag <{named[1]} has no '>'", "add '>' or '/>'"
                )
            attribute = re.compile(_NAME).match(text, after)
            if not attribute:
                raise self._stop(
                    after,
                    "X115",
                    f"{text[after]!r} is not expected in <{named[1]}>",
                    'attributes are written name="value"',
                )
            if after == position:
                message = f"no space before {attribute.group()}"
                self._add(after, "X114", message, "put a space there", Severity.WARNING)
                self._replace(after, after, " ")
            position = self._attribute(named[1], attribute.group(), attribute.start(), names)

    def _attribute(self, tag: str, name: str, start: int, names: set[str]) -> int:
        text = self._text
        equals = re.compile(r"\s*=\s*").match(text, start + len(name))
        if not equals:
            raise self._stop(
                start, "X106", f"the attribute {name} has no value", f'write {name}="value"'
            )
        quote_at = equals.end()
        quote = text[quote_at : quote_at + 1]
        if quote not in ('"', "'") or not quote:
            raise self._stop(
                quote_at, "X105", f"the value of {name} has no quotes", f'write {name}="value"'
            )
        end = text.find(quote, quote_at + 1)
        value = text[quote_at + 1 : end]
        follows = text[end + 1 : end + 2]
        if (
            end < 0
            or (not re.match(r"[\s/>]", follows) and re.search(rf"\s{_NAME}\s*=\s*$|\n", value))
            or re.search(rf"\n\s*</?{_NAME}[\s>]", value)
        ):
            raise self._stop(
                quote_at,
                "X104",
                f"the value of {name} in <{tag}> has no closing quote",
                f"add {quote} at the end of the value",
            )
        if name in names:
            message = f"<{tag}> has {name} twice; the first one counts"
            self._add(start, "X107", message, "take one out", Severity.WARNING)
            self._replace(start, end + 1, "")
            return end + 1
        names.add(name)
        self._value(name, quote_at + 1, end)
        return end + 1

    def _value(self, name: str, start: int, end: int) -> None:
        position = start
        while found := _SPECIAL.search(self._text, position, end):
            if found.group() != "<":
                position = self._reference(found.start()) if found.group() == "&" else found.end()
                continue
            self._add(
                found.start(),
                "X108",
                f"'<' in the value of {name} is taken as text",
                "write '&lt;'",
                Severity.WARNING,
            )
            self._replace(found.start(), found.end(), "&lt;")
            position = found.end()

    def _stray(self, start: int) -> int:
        if self._text.startswith("</", start):
            raise self._stop(start, "X113", "this closing tag is not complete", "write </name>")
        self._add(start, "X112", "'<' begins no tag", "write '&lt;' for the character")
        return start + 1
