"""How far a leg has come: ringing, early media, answered; what we tell it, what it tells us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.switch import hooks, reporting
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.states import CallState

if TYPE_CHECKING:
    from softswitch.switch.session import Session


async def answer(session: Session) -> None:
    """Answer the caller; nothing happens on answered and on outbound legs.

    Raises `CallFailed` where no media can be agreed.
    """
    channel = session.channel
    if channel.answered or channel.outbound or not channel.up:
        return
    session.leg.answer()
    told = _answer_hooks(session)
    if session.leg.media is not None and not channel.early_media:
        # As on FreeSWITCH, media that open with the answer are told before it.
        _mark_early_media(session, passing=True)
        told = ("pre_answer", "media", "answer")
    _mark_answered(session)
    session.tell("answer")
    await hooks.run(session, *told)


async def pre_answer(session: Session) -> None:
    """Open media without answering (183); nothing where media is open already."""
    if not _waits(session):
        return
    session.leg.pre_answer()
    _mark_early_media(session)
    await hooks.run(session, "pre_answer", "media")


async def ring_ready(session: Session, *, queued: bool = False) -> None:
    """Tell the caller that it rings (180, or 182 for ``queued``)."""
    if not _waits(session):
        return
    session.leg.ring(queued=queued)
    _mark_ringing(session)
    await hooks.run(session, "ring")


def indicate_ringing(session: Session) -> None:
    """`ring_ready` for whoever cannot wait: hooks run beside."""
    if not _waits(session):
        return
    try:
        session.leg.ring(queued=False)
    except CallFailed as failure:
        # Who rings for others must not fail with the caller.
        session.log.warning("cannot tell the caller that it rings: %s", failure)
        return
    _mark_ringing(session)
    session.spawn_hook("ring")


def rang(session: Session) -> None:
    """The far end rings."""
    if session.channel.up and not session.channel.answered:
        _mark_ringing(session)
        session.tell("ringing")
        session.spawn_hook("ring")


def sent_early_media(session: Session) -> None:
    """The far end sends media before its answer."""
    if session.channel.up and not session.channel.answered:
        _mark_early_media(session)
        session.tell("early_media")
        session.spawn_hook("pre_answer", "media")


def answered(session: Session) -> None:
    """The far end answered."""
    if session.channel.up and not session.channel.answered:
        _mark_answered(session)
        session.tell("answer")
        session.spawn_hook(*_answer_hooks(session))


def _waits(session: Session) -> bool:
    """Whether a caller still waits for any sign of us."""
    channel = session.channel
    return channel.up and not (channel.answered or channel.early_media or channel.outbound)


def _answer_hooks(session: Session) -> tuple[str, ...]:
    return ("answer",) if session.channel.early_media else ("answer", "media")


def _mark_ringing(session: Session) -> None:
    channel = session.channel
    if channel.ringing:
        return
    channel.ringing = True
    channel.profile.times.progress = session.switch.now_us()
    session.switch.fire(session, "CHANNEL_PROGRESS")
    channel.set_callstate(CallState.RINGING)


def _mark_early_media(session: Session, *, passing: bool = False) -> None:
    channel = session.channel
    if channel.early_media:
        return
    channel.early_media = True
    session.set("endpoint_disposition", "EARLY MEDIA")
    channel.profile.times.progress_media = session.switch.now_us()
    session.switch.fire(session, "CHANNEL_PROGRESS_MEDIA")
    channel.set_callstate(CallState.EARLY, passing=passing)


def _mark_answered(session: Session) -> None:
    channel = session.channel
    channel.answered = True
    channel.profile.times.answered = session.switch.now_us()
    session.set("endpoint_disposition", "ANSWER")
    session.switch.counters.answered[channel.direction.value] += 1
    reporting.answered(session)
    session.switch.fire(session, "CHANNEL_ANSWER")
    channel.set_callstate(CallState.ACTIVE)


async def lose_media(session: Session) -> None:
    """No media came for too long: the hooks run, and that is the end."""
    await hooks.run(session, "media_timeout")
    session.hangup(HangupCause.MEDIA_TIMEOUT)
