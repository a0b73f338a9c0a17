"""Paging: calling many phones, some at a time, and playing a file to each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.dialplan.hunt import PlannedAction
from softswitch.switch.causes import CallFailed
from softswitch.switch.originate import originate

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

CHUNK = 10
"""Phones that are called at a time (``page_chunk_size``)."""
RING_SECONDS = 30.0


def split_legs(text: str) -> list[str]:
    """Dial strings separated by commas; commas in brackets belong to what is in them."""
    legs, depth, current = [], 0, ""
    for character in text:
        depth += (character in "[{<(") - (character in "]}>)")
        if character == "," and depth <= 0:
            legs.append(current.strip())
            current = ""
        else:
            current += character
    legs.append(current.strip())
    return [leg for leg in legs if leg]


def chunk_size(text: str | None) -> int:
    """What ``page_chunk_size`` says; `CHUNK` where that is no number of phones."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 1000 else CHUNK


async def announce(switch: Switch, path: Path, legs: Sequence[str], chunk: int) -> None:
    """Call phones, ``chunk`` at a time, and play a file to each that answers."""
    for first in range(0, len(legs), chunk):
        calls = [_play_to(switch, leg, path) for leg in legs[first : first + chunk]]
        await asyncio.gather(*calls)


async def _play_to(switch: Switch, leg: str, path: Path) -> None:
    try:
        session = await originate(
            switch, leg, timeout=RING_SECONDS, variables={"ignore_early_media": "true"}
        )
    except CallFailed:
        return
    over = asyncio.Event()
    session.watchers.append(lambda _, what: over.set() if what == "hangup" else None)
    session.run_actions([PlannedAction("playback", str(path)), PlannedAction("hangup", "")])
    if session.channel.up:
        await over.wait()
