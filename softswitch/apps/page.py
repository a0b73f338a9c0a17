"""An announcement to many phones: ``page``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.registry import application
from softswitch.switch import ivr, paging
from softswitch.switch.session import Session

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

LONGEST_SECONDS = 60
"""Length of an announcement."""
BEEP = "tone_stream://%(500,0,620)"


@application("page", syntax="<channel_url>[,<channel_url>…]", module="mod_dptools")
async def page(session: Session, data: str) -> None:
    """Record an announcement after the beep, until ``#``, then call phones and play it to them.

    They are called some at a time, ``page_chunk_size`` (10) of them. Who speaks may hang up as
    soon as it is said.
    """
    legs = paging.split_legs(data)
    if not legs:
        session.log.error("page: <channel_url>[,<channel_url>…] is missing")
        return
    chunk = paging.chunk_size(session.get("page_chunk_size"))
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


async def _announce(switch: Switch, path: Path, legs: list[str], chunk: int) -> None:
    """Play the announcement to all; then it is deleted."""
    try:
        await paging.announce(switch, path, legs, chunk)
    finally:
        await switch.loop.run_in_executor(None, lambda: path.unlink(missing_ok=True))
