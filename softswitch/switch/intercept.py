"""Intercept: take a call away from whoever rings, or talks to, it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.switch.bridge import join_calls
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.switch.session import Session


async def intercept(session: Session, target: Session) -> bool:
    """Join ``session`` with ``target``; whom it had or rang is hung up with PICKED_OFF.

    Of a leg that still rings, its caller is taken. The taker is answered, and the target where
    it is not. False where the variables of the
    taker forbid it (``intercept_unbridged_only``, ``intercept_unanswered_only``) or one of
    them is gone meanwhile; then nothing has happened to the target.
    """
    target = _caller_of(target)
    if target is session or not target.channel.up:
        return False
    if target.peer is not None and session.is_true("intercept_unbridged_only"):
        session.log.info("intercept: %s talks to somebody", target.uuid)
        return False
    if target.channel.answered and session.is_true("intercept_unanswered_only"):
        session.log.info("intercept: %s is answered", target.uuid)
        return False
    await session.answer()
    session.check_ready()
    await target.answer()
    session.check_ready()
    others = _others_of(target)
    if session.is_true("intercept_pre_bond"):
        session.set("signal_bond", target.uuid)
        if session.peer is not None:
            session.peer.set("signal_bond", session.uuid)
    try:
        join_calls(session, target)
    except CallFailed:
        return False
    for other in others:
        if other is not session:
            other.hangup(HangupCause.PICKED_OFF)
    return True


def _caller_of(target: Session) -> Session:
    """Whoever waits for a leg that rings; any other call itself."""
    channel = target.channel
    if channel.answered or not channel.outbound or channel.originator is None:
        return target
    return target.switch.find(channel.originator) or target


def _others_of(target: Session) -> list[Session]:
    """Whom the target talks to, and the legs that ring for it."""
    if target.peer is not None:
        return [target.peer]
    return [
        session
        for session in target.switch.sessions.values()
        if session.channel.originator == target.uuid and not session.channel.answered
    ]
