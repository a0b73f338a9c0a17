"""One call at a time: ``mutex``."""

from __future__ import annotations

import asyncio

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch import ivr
from softswitch.switch.session import Session
from softswitch.switch.waiting import wait_for_any


@application("mutex", syntax="<key> [on|off]", flags=ApplicationFlag.NO_MEDIA, module="mod_dptools")
async def mutex(session: Session, data: str) -> None:
    """Go on alone with a key: other calls that want it wait until it is ``off`` or hung up.

    Who waits hears ``mutex_feedback`` again and again; after ``mutex_timeout`` seconds he goes
    to ``mutex_orbit_exten`` (``mutex_orbit_dialplan``, ``mutex_orbit_context``), or on without
    the key where none is set.
    """
    words = split(data, " ", 3)
    how = words[1].lower() if len(words) > 1 else "on"
    if not words or not words[0] or how not in ("on", "off"):
        session.log.error("mutex: <key> [on|off] wanted, not %r", data)
        return
    mutexes = session.switch.mutexes
    if how == "off":
        if not mutexes.give_back(words[0], session):
            session.log.warning("mutex: the call does not hold %s", words[0])
        return
    turn = mutexes.take(words[0], session)
    try:
        if not turn.done():
            await _wait(session, turn)
    finally:
        turn.cancel()


async def _wait(session: Session, turn: asyncio.Future[None]) -> None:
    over: asyncio.Future[None] = session.switch.loop.create_future()
    text = session.get("mutex_timeout") or ""
    timer = None
    if text.isascii() and text.isdigit() and int(text[:8]):
        timer = session.switch.loop.call_later(int(text[:8]), over.set_result, None)
    turn.add_done_callback(lambda _: session.break_())
    over.add_done_callback(lambda _: session.break_())
    feedback = session.get("mutex_feedback")
    try:
        while not turn.done() and not over.done():
            if feedback:
                heard = await ivr.play(session, feedback, terminators="")
                feedback = feedback if heard.reason != "failed" else None
            else:
                await wait_for_any(session, turn, over)
    finally:
        if timer is not None:
            timer.cancel()
    if turn.done():
        return
    extension = session.get("mutex_orbit_exten")
    if extension:
        session.transfer(
            extension, session.get("mutex_orbit_dialplan"), session.get("mutex_orbit_context")
        )
