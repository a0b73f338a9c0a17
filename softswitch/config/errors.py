"""What is wrong with a configuration, told with its file, line, column, the line itself and a hint.

A code's first letter says which step found it: ``X`` the markup, ``P`` the preprocessor,
``C`` the document, ``S`` typed settings, ``D`` the directory, ``A`` access lists, ``R`` the
dialplan, ``I`` menus and phrases, ``V`` voicemail, ``L`` the rules of ``softswitch check``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softswitch.config.document import Configuration


class Severity(IntEnum):
    """How much a finding matters; only an error keeps a configuration from being used."""

    NOTE = 0
    WARNING = 1
    ERROR = 2

    def __str__(self) -> str:
        return self.name.lower()


CODES: dict[str, str] = {
    "X100": "the file is not well-formed XML",
    "X101": "a tag is never closed",
    "X102": "a closing tag closes nothing",
    "X103": "a bare '&' stands where XML wants '&amp;'",
    "X104": "an attribute's closing quote is missing",
    "X105": "an attribute's value has no quotes",
    "X106": "an attribute has no value",
    "X107": "an attribute is given twice",
    "X108": "'<' stands in an attribute's value",
    "X109": "'--' stands inside a comment",
    "X110": "a comment is never closed",
    "X111": "a CDATA section is never closed",
    "X112": "'<' stands in text",
    "X113": "a tag has no '>'",
    "X114": "attributes are not separated by a space",
    "X115": "an unexpected character stands in a tag",
    "X116": "the file's encoding is not what it should be",
    "X117": "a control character stands in the file",
    "X118": "an entity is not declared",
    "X119": "a document type declaration stands in the wrong place",
    "X120": "a processing instruction is never closed, or has no name",
    "P201": "a directive lacks its cmd or data",
    "P202": "a directive is not known",
    "P203": "a directive's data is not name=value",
    "P204": "an included file does not exist",
    "P205": "an include pattern matches nothing",
    "P206": "a file cannot be read",
    "P207": "files include each other in a loop",
    "P208": "a variable is not set",
    "P209": "'$${' has no closing brace",
    "P210": "a directive runs a command, which is not allowed",
    "P211": "a command of a directive failed",
    "P212": "an address was not looked up",
    "P213": "an include stands inside a comment or CDATA section",
    "P214": "the rest of a directive's line is lost",
    "P215": "a line is dropped because of what stands in it",
    "P216": "an environment variable is not set",
    "P217": "an include stands inside a tag",
    "P218": "an include stands in a text that may read no files",
    "C301": "there is no root file",
    "C302": "the root file has no single root element",
    "C303": "a section is not known",
    "C304": "a section stands twice; the first one counts",
    "C305": "a configuration stands twice; the first one counts",
    "C306": "an element has no name",
    "C307": "a file has not the section it is read for",
    "C308": "the root element has no section",
    "S401": "a parameter is not known",
    "S402": "a parameter's value is not of its kind",
    "S403": "a parameter's value is out of range",
    "S404": "a parameter's value is empty",
    "S405": "a parameter is known and has no effect",
    "S406": "a parameter lacks its name or value",
    "S407": "a parameter is given twice; the last one counts",
    "S408": "the rule of a time zone is not understood",
    "D501": "two domains have one name; the first one counts",
    "D502": "a user or group has no name",
    "D503": "two users have one id; the first one counts",
    "D504": "a pointer points to no user",
    "D505": "a user's type is neither absent nor 'pointer'",
    "D506": "a user's password is well known",
    "D507": "a user's address range is not one",
    "D508": "a user's a1-hash is no MD5",
    "A601": "an access list stands twice; the last one counts",
    "A602": "an access list's node is not understood",
    "A603": "a node names a domain that is not in the directory",
}
"""Each code's meaning in one sentence; owners of other codes add theirs."""

_SECRET = re.compile(
    r"""(?ix) ( name \s* = \s* ["'] [^"']* (?:password|passwd|secret|a1-hash|dsn|apikey) [^"']* ["']
              \s+ value \s* = \s* ["'] ) ([^"']+)
          | ( data \s* = \s* ["'] [^"'=]* (?:password|passwd|secret) [^"'=]* = ) ([^"']+)"""
)


def _hide(found: re.Match[str]) -> str:
    before = found[1] or found[3]
    return before + "*" * (len(found[0]) - len(before))


_LONGEST = 400
"""Characters of a line or a message that are shown; nobody reads more."""


def _shortened(text: str) -> str:
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} ... {text[-half:]}"


def _around(line: str, column: int) -> tuple[str, int]:
    """The part of a line that holds the column, and the column in it."""
    if len(line) <= _LONGEST:
        return line, column
    start = max(0, min(column - 1 - _LONGEST // 2, len(line) - _LONGEST))
    head = "... " if start else ""
    tail = " ..." if start + _LONGEST < len(line) else ""
    moved = column - start + len(head) if column else 0
    return f"{head}{line[start : start + _LONGEST]}{tail}", moved


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth telling about a configuration. Lines and columns count from 1; 0 is none."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    text: str = ""
    """The whole line as it stands in the file."""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """``file:line:column: CODE message``, the line, a caret and the hint; secrets hidden."""
        place = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        lines = [f"{place}: {self.code} {_shortened(self.message)}"]
        if self.text.strip():
            shown, column = _around(_SECRET.sub(_hide, self.text.rstrip()), self.column)
            lines.append(f"    {shown}")
            if column:
                before = shown[: column - 1]
                lines.append("    " + re.sub(r"[^\t]", " ", before).ljust(column - 1) + "^")
        if self.hint:
            lines.append(f"    hint: {_shortened(self.hint)}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The finding for a JSON report, without the line's text (it may hold a secret)."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "severity": str(self.severity),
            "code": self.code,
            "message": _shortened(self.message),
            "hint": _shortened(self.hint),
        }

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Sorts findings as a reader meets them."""
        return (self.file, self.line, self.column, self.code)


class ConfigurationErrors(Exception):
    """A configuration that cannot be used; ``findings`` says why, warnings included.

    ``readable`` is what could be read all the same, for whoever looks for more that is wrong.
    """

    def __init__(self, findings: Iterable[Finding], readable: Configuration | None = None) -> None:
        self.findings = tuple(findings)
        self.readable = readable
        wrong = errors(self.findings)
        super().__init__("\n".join(str(finding) for finding in wrong))


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those findings that keep a configuration from being used."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]
