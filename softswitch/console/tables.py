"""Answers of ``show …`` as tables that fit the terminal."""

from __future__ import annotations

import io
import json

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

COLUMNS = {
    "channels": (
        "uuid", "cid_num", "dest", "callstate", "application", "name", "direction", "created",
        "read_codec", "application_data",
    ),
    "calls": (
        "uuid", "cid_num", "dest", "callstate", "b_cid_num", "b_dest", "b_callstate", "created",
        "b_uuid",
    ),
    "registrations": ("reg_user", "network_ip", "network_port", "expires", "url", "realm"),
}  # fmt: skip
"""What is worth its room of the widest tables, the most important first; narrow terminals do
without the last ones. All other tables are shown whole."""
COLUMNS["bridged_calls"] = COLUMNS["calls"]
FOLDED = 16
"""So narrow a column of a table that has too many may become; a uuid stays whole, to be copied."""
GAP = 2
"""Between two columns."""


def as_json(line: str) -> str | None:
    """The command that gives the rows of ``show <what>``; None for any other command."""
    words = line.split()
    if len(words) == 2 and words[0] == "show":
        return f"show {words[1]} as json"
    return None


def render(line: str, answer: str, width: int, *, colour: bool = True) -> str | None:
    """The JSON answer to ``show <what>`` as a table; None where it has no rows to show."""
    try:
        rows = json.loads(answer)["rows"]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        values = [[str(row.get(name, "")) for name in columns] for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not values:
        return None
    wanted = COLUMNS.get(line.split()[-1])
    shown = list(range(len(columns)))
    if wanted is not None:
        shown = [columns.index(name) for name in wanted if name in columns]
        fitting = _fitting(shown, [columns, *values], width)
        left_out, shown = len(shown) - len(fitting), sorted(fitting)
    else:
        left_out = 0
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for index in shown:
        whole = wanted is not None and columns[index].endswith("uuid")
        table.add_column(columns[index], overflow="fold", no_wrap=whole)
    for row in values:
        table.add_row(*(row[index] for index in shown))
    output = io.StringIO()
    console = Console(file=output, width=width, force_terminal=colour, highlight=False)
    console.print(table)
    more = f" A wider terminal has {left_out} columns more." if left_out else ""
    console.print(f"{len(values)} total.{more}")
    return output.getvalue()


def _fitting(shown: list[int], rows: list[list[str]], width: int) -> list[int]:
    """Those of the columns, the most important first, that there is room for."""
    fitting, room = [], width + GAP
    for index in shown:
        widest = max(len(row[index]) for row in rows)
        takes = GAP + (widest if rows[0][index].endswith("uuid") else min(widest, FOLDED))
        if takes <= room:
            fitting.append(index)
            room -= takes
    return fitting
