"""Rows of ``show`` as delimited text, JSON or XML, byte for byte as operators parse them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is wanted."""

    kind: str = "delim"
    """``delim``, ``json`` or ``xml``."""
    delimiter: str = ","

    @classmethod
    def parse(cls, words: Sequence[str]) -> Form | None:
        """Read what follows ``as``; None where that is no form."""
        kind = words[0].lower() if words else "delim"
        if kind in ("delim", "csv"):
            return cls("delim", words[1] if len(words) > 1 else ",")
        return cls(kind) if kind in ("json", "xml") else None


@dataclass(frozen=True, slots=True)
class Table:
    """Column names, and the rows under them."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def write(self, form: Form) -> str:
        """The table in the form that was asked for."""
        if form.kind == "json":
            return self._json()
        if form.kind == "xml":
            return self._xml()
        lines = []
        if self.rows:
            lines.append(form.delimiter.join(self.columns))
            lines.extend(form.delimiter.join(row) for row in self.rows)
        lines.append(f"\n{len(self.rows)} total.\n")
        return "\n".join(lines)

    def write_count(self, form: Form) -> str:
        """Only how many rows there are."""
        count = len(self.rows)
        if form.kind == "json":
            return json.dumps({"row_count": count, "rows": []}, separators=(",", ":"))
        if form.kind == "xml":
            return f'<result row_count="{count}"/>\n'
        return f"\n{count} total.\n"

    def _json(self) -> str:
        if not self.rows:
            return '{"row_count": 0}\n'
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        answer = {"row_count": len(self.rows), "rows": rows}
        return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))

    def _xml(self) -> str:
        if not self.rows:
            return '<result row_count="0"/>\n'
        lines = [f'<result row_count="{len(self.rows)}">\n']
        for number, row in enumerate(self.rows, 1):
            lines.append(f'  <row row_id="{number}">\n')
            lines.extend(
                f"    <{name}>{escape(value)}</{name}>\n"
                for name, value in zip(self.columns, row, strict=True)
            )
            lines.append("  </row>\n")
        lines.append("</result>\n")
        return "".join(lines)
