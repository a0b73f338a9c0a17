"""Recorded sessions: who sent which bytes, read from beside the project where they exist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[4] / "shared/reference/freeswitch/recorded/event-socket"
_MARK = re.compile(rb"^### ([CS]) \+[\d.]+s (\d+) bytes\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Turn:
    """What the client sent, and what the server sent until the client's next turn."""

    asked: bytes
    answered: bytes


def turns(name: str) -> list[Turn]:
    """The turns of a recorded session; skips the test where there is no recording."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    data = path.read_bytes()
    found: list[list[bytes]] = [[b"", b""]]
    position = 0
    while (mark := _MARK.search(data, position)) is not None:
        position = mark.end() + int(mark[2])
        said = data[mark.end() : position]
        if mark[1] == b"C":
            found.append([said, b""])
        else:
            found[-1][1] += said
    return [Turn(asked, answered) for asked, answered in found]


def frames(data: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Answers and events of a server: their headers and bodies."""
    found = []
    while data:
        head, _, data = data.partition(b"\n\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\n"))
        size = int(headers.get("Content-Length", 0))
        found.append((headers, data[:size]))
        data = data[size:]
    return found
