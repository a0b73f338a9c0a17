"""How a caller is told that the call proceeds: ``answer pre_answer ring_ready`` and others."""

from __future__ import annotations

import asyncio

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA


def _note_flags(session: Session, data: str) -> None:
    if "is_conference" in data.lower():
        session.is_conference = True


@application("answer", syntax="[is_conference]", flags=_NO_MEDIA, module="mod_dptools")
async def answer(session: Session, data: str) -> None:
    """Answer the call; with ``is_conference`` as a place where many talk.

    Where nothing is written ``answer_flags`` counts. Nothing happens on a call that is answered,
    and on one we placed. Waits ``answer_delay`` milliseconds afterwards.
    """
    _note_flags(session, data or session.get("answer_flags") or "")
    await session.answer()
    try:
        delay = int(session.get("answer_delay") or 0)
    except ValueError:
        delay = 0
    await session.sleep(delay)


@application("pre_answer", syntax="[is_conference]", flags=_NO_MEDIA, module="mod_dptools")
async def pre_answer(session: Session, data: str) -> None:
    """Open media to the caller without answering (183 Session Progress)."""
    _note_flags(session, data)
    await session.pre_answer()


@application("acknowledge_call", syntax="", flags=_NO_MEDIA, module="mod_dptools")
async def acknowledge_call(session: Session, data: str) -> None:
    """Tell the caller that the call was received (100 Trying): each call begins with that."""


@application("ring_ready", syntax="[queued]", flags=_NO_MEDIA, module="mod_dptools")
async def ring_ready(session: Session, data: str) -> None:
    """Tell the caller that it rings (180), or with ``queued`` that it waits (182)."""
    await session.ring_ready(queued=data.strip().lower() == "queued")


@application("wait_for_answer", syntax="", flags=_NO_MEDIA, module="mod_dptools")
async def wait_for_answer(session: Session, data: str) -> None:
    """Wait until the call is answered."""
    answered: asyncio.Future[None] = session.switch.loop.create_future()

    def watch(_: Session, what: str) -> None:
        if what == "answer" and not answered.done():
            answered.set_result(None)

    session.watchers.append(watch)
    try:
        if not session.channel.answered:
            await session.wait(answered)
    finally:
        session.unwatch(watch)
