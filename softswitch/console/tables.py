"""Answers of ``show …`` as tables that fit the terminal."""

from __future__ import annotations

import io
import json

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

COLUMNS = {
    "channels": (
        "uuid", "direction", "created", "name", "callstate", "cid_num", "dest", "application",
        "application_data", "read_codec",
    ),
    "calls": (
        "uuid", "created", "cid_num", "dest", "callstate", "b_uuid", "b_cid_num", "b_dest",
        "b_callstate",
    ),
    "registrations": ("reg_user", "realm", "url", "expires", "network_ip", "network_port"),
}  # fmt: skip
"""What is worth its room of the widest tables; all others are shown whole."""
COLUMNS["bridged_calls"] = COLUMNS["calls"]


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
    wanted = COLUMNS.get(line.split()[-1], ())
    shown = [index for index, name in enumerate(columns) if not wanted or name in wanted]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for index in shown:
        table.add_column(columns[index], overflow="fold")
    for row in values:
        table.add_row(*(row[index] for index in shown))
    output = io.StringIO()
    console = Console(file=output, width=width, force_terminal=colour, highlight=False)
    console.print(table)
    console.print(f"{len(values)} total.")
    return output.getvalue()
