"""Paging: calling many phones, some at a time, and playing a file to each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.dialplan.hunt import PlannedAction
from softswitch.switch.causes import CallFailed
from softswitch.switch.dialstring import split_outside
from softswitch.switch.originate import originate

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

CHUNK = 10
"""Phones that are called at a time (``page_chunk_size``)."""
RING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Page:
    """What becomes of those who are called."""

    path: Path
    """What they hear, and their variable ``page_file``."""
    legs: Sequence[str]
    chunk: int = CHUNK
    extension: str = ""
    """Where they are sent instead of hearing the file (``page_exten``)."""
    dialplan: str = "inline"
    context: str | None = None

    @classmethod
    def of(cls, path: Path, legs: Sequence[str], wishes: Mapping[str, str]) -> Page:
        """What ``page_chunk_size page_exten page_dp page_context`` say of it."""
        return cls(
            path,
            legs,
            chunk_size(wishes.get("page_chunk_size")),
            wishes.get("page_exten", ""),
            wishes.get("page_dp") or "inline",
            wishes.get("page_context") or None,
        )


WISHES = ("page_chunk_size", "page_exten", "page_dp", "page_context")


def split_legs(text: str) -> list[str]:
    """``<shared=variables>one:_:two`` as dial strings with the variables in each."""
    shared, rest = "", text.strip()
    if rest.startswith("<"):
        inside, closing, behind = rest.partition(">")
        shared, rest = (inside + closing, behind) if closing else ("", rest)
    return [f"{shared}{leg.strip()}" for leg in split_outside(rest, ":_:") if leg.strip()]


def chunk_size(text: str | None) -> int:
    """What ``page_chunk_size`` says; `CHUNK` where that is no number of phones."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 1000 else CHUNK


async def announce(switch: Switch, page: Page) -> None:
    """Call the phones, no more at a time than wished, until all have heard it or failed."""
    free = asyncio.Semaphore(page.chunk)

    async def call(leg: str) -> None:
        async with free:
            await _call(switch, leg, page)

    await asyncio.gather(*map(call, page.legs))


async def _call(switch: Switch, leg: str, page: Page) -> None:
    try:
        session = await originate(switch, leg, timeout=RING_SECONDS)
    except CallFailed:
        return
    session.set("page_file", str(page.path))
    over = asyncio.Event()
    session.watchers.append(lambda _, what: over.set() if what == "hangup" else None)
    _send_on(session, page)
    if session.channel.up:
        await over.wait()


def _send_on(session: Session, page: Page) -> None:
    if page.extension:
        session.transfer(page.extension, page.dialplan, page.context)
    else:
        actions = [PlannedAction("playback", str(page.path)), PlannedAction("hangup", "")]
        session.run_actions(actions)
