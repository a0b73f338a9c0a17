"""Messages of a call drawn as a ladder: who sent what to whom, and when."""

from __future__ import annotations

import time
from collections.abc import Sequence

from softswitch.net.journal import Entry
from softswitch.sip.flow import bracketed

OURS = "softswitch"
_WIDTH = 38
_STAMP = 16


def ladder(entries: Sequence[Entry]) -> str:
    """One line for each message; columns are the far ends, ours beside the first of them."""
    if not entries:
        return "-ERR nothing is known of that call; messages of the latest calls alone are kept\n"
    columns = _columns(entries)
    centres = {name: _STAMP + _WIDTH * place + _WIDTH // 2 for place, name in enumerate(columns)}
    lines = [_header(columns, centres), _rungs(centres, {}, "")]
    start = entries[0].at
    previous = start
    for entry in entries:
        far, here = centres[_far(entry)], centres[OURS]
        source, target = (here, far) if entry.sent else (far, here)
        stamp = (
            time.strftime("%H:%M:%S", time.localtime(entry.at)) + f".{entry.at % 1 * 1000:03.0f}"
        )
        arrow = _arrow(source, target, _label(entry))
        text = _rungs(centres, arrow, stamp)
        lines.append(f"{text}   +{entry.at - previous:.3f} s".rstrip())
        previous = entry.at
    calls = len({entry.call_id for entry in entries})
    lines.append(f"{len(entries)} messages of {calls} dialogs in {previous - start:.3f} s")
    return "\n".join(lines) + "\n"


def _columns(entries: Sequence[Entry]) -> list[str]:
    far = list(dict.fromkeys(_far(entry) for entry in entries))
    return [far[0], OURS, *far[1:]]


def _far(entry: Entry) -> str:
    host, port = entry.flow.remote
    return f"{entry.flow.transport} {bracketed(host)}:{port}"


def _header(columns: Sequence[str], centres: dict[str, int]) -> str:
    line = ""
    for name in columns:
        start = max(centres[name] - len(name) // 2, len(line) + 1)
        line = line.ljust(start) + name
    return line


def _label(entry: Entry) -> str:
    head, _, body = entry.data.partition(b"\r\n\r\n")
    first = head.partition(b"\r\n")[0].decode("utf-8", "replace")
    words = first.split(" ", 2)
    label = " ".join(words[1:]) if words[0].upper().startswith("SIP/") else words[0]
    return f"{label} (SDP)" if body.startswith(b"v=0") else label


def _arrow(source: int, target: int, label: str) -> dict[int, str]:
    """The characters between two columns, by their places."""
    left, right = sorted((source, target))
    inside = right - left - 1
    text = f" {label} "[: inside - 2].center(inside, "-")
    text = f"{text[:-1]}>" if target > source else f"<{text[1:]}"
    return {left + 1 + place: character for place, character in enumerate(text)}


def _rungs(centres: dict[str, int], arrow: dict[int, str], stamp: str) -> str:
    width = max(centres.values()) + 1
    cells = list(stamp.ljust(width))
    for place in centres.values():
        cells[place] = "|"
    for place, character in arrow.items():
        cells[place] = character
    return "".join(cells).rstrip()
