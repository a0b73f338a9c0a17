"""Broadcasts: play a file, or run an application, on a call whatever it does now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.switch.session import Session

LEGS = ("aleg", "bleg", "both", "holdb")
"""Whom a broadcast reaches; ``holdb`` plays to this leg and hold music to the other, if it has
any."""


def broadcast(session: Session, what: str, leg: str = "aleg") -> None:
    """Play a path, or run ``app[!cause][::args]``, on a call, its partner or both; returns at once.

    The application runs beside what the call does and ends with the call. After ``app!cause``
    the call is hung up with that cause.
    """
    peer = session.peer
    if leg in ("aleg", "both", "holdb"):
        own = _begin(session, what)
        if leg == "holdb" and peer is not None:
            music = _hold_music(peer) or _hold_music(session)
            if music and music.lower() != "silence":
                playing = loop_on(peer, music)
                own.add_done_callback(lambda _: playing.cancel())
    if leg in ("bleg", "both") and peer is not None:
        _begin(peer, what)


def _hold_music(session: Session) -> str:
    return session.get("temp_hold_music") or session.get("hold_music") or ""


def loop_on(session: Session, what: str) -> asyncio.Task[None]:
    """Play something to a call again and again, beside what it does, until the task is ended."""
    return _begin(session, f"endless_playback::{what}")


def _begin(session: Session, what: str) -> asyncio.Task[None]:
    switch = session.switch
    task = switch.loop.create_task(_run(session, what), name=f"broadcast on {session.uuid}")

    def watch(_: Session, event: str) -> None:
        if event == "hangup":
            task.cancel()

    def done(_: asyncio.Task[None]) -> None:
        session.unwatch(watch)

    session.watchers.append(watch)
    task.add_done_callback(done)
    switch.own(task)
    return task


async def _run(session: Session, what: str) -> None:
    application, separator, arguments = what.partition("::")
    if not separator:
        application, arguments = ("", what) if "!" not in what else (what, "")
    name, _, cause = application.partition("!")
    await session.execute(name or "playback", arguments)
    if cause:
        session.hangup(HangupCause.parse(cause))
