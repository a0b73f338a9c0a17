"""An announcement to many phones: ``page``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.dialplan.hunt import PlannedAction
from softswitch.registry import application
from softswitch.switch import ivr
from softswitch.switch.causes import CallFailed
from softswitch.switch.originate import originate
from softswitch.switch.session import Session

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

CHUNK = 10
"""Phones that are called at a time (``page_chunk_size``)."""
LONGEST_SECONDS = 60
"""Length of an announcement."""
RING_SECONDS = 30.0
BEEP = "tone_stream://%(500,0,620)"


@application("page", syntax="<channel_url>[,<channel_url>…]", module="mod_dptools")
async def page(session: Session, data: str) -> None:
    """Record an announcement after the beep, until ``#``, then call phones and play it to them.

    They are called some at a time, ``page_chunk_size`` (10) of them. Who speaks may hang up as
    soon as it is said.
    """
    legs = split_legs(data)
    if not legs:
        session.log.error("page: <channel_url>[,<channel_url>…] is missing")
        return
    text = session.get("page_chunk_size") or ""
    chunk = int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 1000 else CHUNK
    folder = session.get("page_path") or session.switch.globals.get("temp_dir") or "/tmp"
    path = Path(folder) / f"page_{session.uuid}.wav"
    await session.answer()
    session.set("record_ms", "")
    heard = 0
    try:
        await ivr.play(session, BEEP, terminators="")
        told = await ivr.record(session, str(path), limit_seconds=LONGEST_SECONDS, terminators="#")
        heard = told.milliseconds
    finally:
        # Who has hung up has said what he wanted to.
        heard = heard or int(session.get("record_ms") or 0)
        task = _announce(session.switch, path, legs if heard else [], chunk)
        session.switch.own(session.switch.loop.create_task(task, name=f"page of {session.uuid}"))


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


async def _announce(switch: Switch, path: Path, legs: list[str], chunk: int) -> None:
    """Call phones, some at a time, and play a file to each; then it is deleted."""
    try:
        for first in range(0, len(legs), chunk):
            calls = [_play_to(switch, leg, path) for leg in legs[first : first + chunk]]
            await asyncio.gather(*calls)
    finally:
        await switch.loop.run_in_executor(None, lambda: path.unlink(missing_ok=True))


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
