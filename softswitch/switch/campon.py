"""Camping on: a caller hears music while somebody who is busy is rung again and again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.media.engine import Source, SourceError
from softswitch.switch import ivr
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.switch.session import Session

DEFAULT_RETRIES = 100
DEFAULT_SECONDS = 10
"""How long each attempt rings (``campon_timeout``), and the pause before the next."""


async def camp_on(session: Session, dial_string: str) -> Session | None:
    """Ring ``dial_string`` until somebody answers; the caller is answered and hears music.

    ``campon_stop_key``, or the last of ``campon_retries`` attempts, sends the caller to
    ``campon_fallback_exten``: None then. Raises `CallFailed` where there is no such place.
    """
    await session.answer()
    loop = session.switch.loop
    attempts = loop.create_task(_ring_again(session, dial_string), name="camp on")
    session.switch.own(attempts)
    outcome: Session | CallFailed | None = None
    try:
        if await _listen(session, attempts):
            outcome = CallFailed(HangupCause.ORIGINATOR_CANCEL, "the caller gave up")
        else:
            outcome = await attempts
    finally:
        attempts.cancel()
        if attempts.done() and not attempts.cancelled():
            winner = attempts.result()
            if outcome is not winner and not isinstance(winner, CallFailed):
                winner.hangup(HangupCause.ORIGINATOR_CANCEL)
    if not isinstance(outcome, CallFailed):
        return outcome
    extension = session.get("campon_fallback_exten")
    if not extension:
        raise outcome
    session.transfer(
        extension, session.get("campon_fallback_dialplan"), session.get("campon_fallback_context")
    )
    return None


async def _ring_again(session: Session, dial_string: str) -> Session | CallFailed:
    """Attempt after attempt; the one who answered, or why the last one failed."""
    profile = session.channel.profile
    retries = _count(session, "campon_retries", DEFAULT_RETRIES)
    while True:
        try:
            return await originate(
                session.switch,
                dial_string,
                caller_id_name=session.get("effective_caller_id_name") or profile.caller_id_name,
                caller_id_number=session.get("effective_caller_id_number")
                or profile.caller_id_number,
                timeout=_count(session, "campon_timeout", DEFAULT_SECONDS),
            )
        except CallFailed as failed:
            retries -= 1
            if retries <= 0:
                return failed
        await asyncio.sleep(_count(session, "campon_sleep", DEFAULT_SECONDS))


async def _listen(session: Session, attempts: asyncio.Task[Session | CallFailed]) -> bool:
    """Announcement and music until the attempts are over; True if the caller gave up."""
    key = session.get("campon_stop_key") or ""
    announcement = session.get("campon_announce_sound")
    if announcement:
        heard = await ivr.play(session, announcement, terminators=key[:1])
        if heard.reason == "terminator":
            return True
    source = await _music(session)
    number = session.media.play(source, loops=-1) if source is not None else None
    try:
        while not attempts.done():
            await wait_for_any(session, attempts, session.digits.arrival())
            digit = session.digits.take()
            if digit is not None and digit.digit == key[:1]:
                return True
        return False
    finally:
        media = session.leg.media
        if number is not None and media is not None and not media.closed:
            media.stop(number)
        if source is not None:
            source.close()


async def _music(session: Session) -> Source | None:
    """What ``campon_hold_music`` or ``hold_music`` names; None for silence."""
    name = session.get("campon_hold_music") or session.get("hold_music")
    if not name or name.lower() == "silence":
        return None
    try:
        return await session.switch.open_source(name, session)
    except SourceError as error:
        session.log.error("%s", error)
        return None


def _count(session: Session, name: str, default: int) -> int:
    text = session.get(name) or ""
    return int(text) if text.isdigit() and int(text) else default
