"""Broadcasts: play a file, or run an application, on a call whatever it does now."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.switch.session import Session

LEGS = ("aleg", "bleg", "both", "holdb")
"""Whom a broadcast reaches; ``holdb`` plays to this leg and hold music to the other, if it has
any."""


def broadcast(session: Session, what: str, leg: str = "aleg") -> None:
    """Play a path, or run ``app[!cause][::args]``, on a call, its partner or both; returns at once.

    The application runs beside what the call does and ends with the call; several run one after
    the other. After ``app!cause`` the call is hung up with that cause.
    """
    peer = session.peer
    if leg in ("aleg", "both", "holdb"):
        _queue(session, what, holds=leg == "holdb")
    if leg in ("bleg", "both") and peer is not None:
        _queue(peer, what)


def forget_waiting(session: Session) -> None:
    """Broadcasts that have not begun never will."""
    for task in session.broadcasts[1:]:
        task.cancel()


def _queue(session: Session, what: str, *, holds: bool = False) -> None:
    task = _begin(session, _in_turn(session, what, session.broadcasts, holds=holds))
    session.broadcasts += (task,)

    def done(_: asyncio.Task[None]) -> None:
        session.broadcasts = tuple(each for each in session.broadcasts if each is not task)

    task.add_done_callback(done)


async def _in_turn(
    session: Session, what: str, before: tuple[asyncio.Task[None], ...], *, holds: bool
) -> None:
    """Run after those that came before, with music for the partner if it is to be held."""
    if before:
        await asyncio.wait(before)
    peer = session.peer if holds else None
    music = (_hold_music(peer) or _hold_music(session)) if peer is not None else ""
    playing = None
    if peer is not None and music and music.lower() != "silence":
        playing = loop_on(peer, music)
    try:
        await _run(session, what)
    finally:
        if playing is not None:
            playing.cancel()


def _hold_music(session: Session) -> str:
    return session.get("temp_hold_music") or session.get("hold_music") or ""


def loop_on(session: Session, what: str) -> asyncio.Task[None]:
    """Play something to a call again and again, beside what it does, until the task is ended."""
    return _begin(session, _run(session, f"endless_playback::{what}"))


def _begin(session: Session, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    switch = session.switch
    task = switch.loop.create_task(work, name=f"broadcast on {session.uuid}")

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
    name, ends, cause = application.partition("!")
    await session.execute(name or "playback", arguments)
    if ends:
        session.hangup(HangupCause.parse(cause or "NORMAL_CLEARING"))
