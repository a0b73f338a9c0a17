"""What is done to a call at a set time: hang it up, transfer it, play to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.switch.broadcast import broadcast
from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.switch.session import Session


def schedule_hangup(
    session: Session,
    delay: float,
    cause: HangupCause = HangupCause.ALLOTTED_TIMEOUT,
    *,
    peer_only: bool = False,
) -> int:
    """Hang up a call, or only the one it is bridged to, after seconds; returns the task's number.

    Without a delay it happens at once, and the number is 0.
    """

    def act() -> None:
        target = session.peer if peer_only else session
        if target is not None:
            target.hangup(cause)

    if delay <= 0:
        act()
        return 0
    return _schedule(session, delay, "sch_hangup", act)


def schedule_transfer(
    session: Session,
    delay: float,
    extension: str,
    dialplan: str | None = None,
    context: str | None = None,
) -> int:
    """Route a call anew after seconds; returns the task's number."""
    return _schedule(
        session, delay, "sch_transfer", lambda: session.transfer(extension, dialplan, context)
    )


def schedule_broadcast(session: Session, delay: float, what: str, leg: str = "aleg") -> int:
    """Play to a call after seconds; returns the task's number."""
    return _schedule(session, delay, "sch_broadcast", lambda: broadcast(session, what, leg))


def _schedule(session: Session, delay: float, description: str, action: Callable[[], None]) -> int:
    scheduler = session.switch.scheduler

    async def work() -> None:
        if session.channel.up:
            action()

    if _forget not in session.watchers:
        session.watchers.append(_forget)
    number = scheduler.add(delay, session.uuid, description, work)
    session.set("last_sched_id", str(number))
    return number


def _forget(session: Session, what: str) -> None:
    """A call that ended leaves no timer behind."""
    if what == "hangup":
        session.switch.scheduler.cancel_group(session.uuid)
