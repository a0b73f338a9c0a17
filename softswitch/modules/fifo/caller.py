"""``fifo <name> in``: a caller waits with music until somebody takes him, or he has enough."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import whole
from softswitch.modules.fifo.music import music
from softswitch.modules.fifo.queue import SLOTS, Waiting
from softswitch.modules.fifo.stamp import stamp
from softswitch.switch import ivr
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.modules.fifo.queue import Queue
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session

CHIME_SECONDS = 30
ORBIT_SECONDS = 60
CONTINUE = "_continue_"


@dataclass(frozen=True, slots=True)
class Orbit:
    """Where a caller goes who waited long enough, or pressed the key."""

    extension: str
    seconds: int
    dialplan: str | None
    context: str | None
    announce: str

    @classmethod
    def of(cls, session: Session) -> Orbit | None:
        """What the ``fifo_orbit_…`` variables say; None for waiting without end."""
        text = session.get("fifo_orbit_exten") or ""
        if not text:
            return None
        extension, _, seconds = text.partition(":")
        return cls(
            extension,
            whole(seconds, ORBIT_SECONDS),
            session.get("fifo_orbit_dialplan"),
            session.get("fifo_orbit_context"),
            session.get("fifo_orbit_announce") or "",
        )


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a caller hears, and the key that ends his patience."""

    announce: str
    music: str
    exit_keys: str
    chimes: tuple[str, ...]
    chime_seconds: int

    @classmethod
    def of(cls, session: Session, announce: str, music: str) -> Wishes:
        """From the words of the application and the ``fifo_…`` variables."""
        chimes = (session.get("fifo_chime_list") or "").split(",")
        return cls(
            announce,
            music,
            session.get("fifo_caller_exit_key") or "",
            tuple(chime.strip() for chime in chimes if chime.strip()),
            whole(session.get("fifo_chime_freq") or "", CHIME_SECONDS) or CHIME_SECONDS,
        )


async def wait_in(
    queues: Queues, queue: Queue, session: Session, name: str, wishes: Wishes
) -> None:
    """Wait until somebody takes the call; from then on it is in his hands."""
    loop = session.switch.loop
    entry = Waiting(_slot(session), loop.time(), session)
    orbit = Orbit.of(session)
    outcome = "abort"
    session.set("fifo_priority", str(entry.slot))
    queue.callers[session.uuid] = session
    expired: asyncio.Future[None] = loop.create_future()
    timer = loop.call_later(orbit.seconds, expired.set_result, None) if orbit else None
    try:
        _push(queues, queue, session, entry, name)
        outcome = await _until_taken(queues, queue, session, entry, wishes, expired)
    finally:
        if timer is not None:
            timer.cancel()
        if not entry.claimed:
            _leave(queues, queue, session, entry, name, outcome)
    if orbit is None or (outcome == "key" and not session.is_true("fifo_caller_exit_to_orbit")):
        return
    if orbit.announce:
        await ivr.play(session, orbit.announce, terminators="")
    if orbit.extension != CONTINUE:
        session.transfer(orbit.extension, orbit.dialplan, orbit.context)


def _slot(session: Session) -> int:
    return min(whole(session.get("fifo_priority") or "", 0), SLOTS - 1)


def _push(queues: Queues, queue: Queue, session: Session, entry: Waiting, name: str) -> None:
    entry.reset(session.switch.loop)
    queues.fire(session, name, "push", FIFO_Slot=str(entry.slot))
    queue.waiting.append(entry)
    session.set("fifo_position", str(queue.position(entry)))
    session.set("fifo_serviced_uuid", "")
    stamp(session, "WAITING")
    session.set("fifo_push_timestamp", session.get("fifo_timestamp") or "")
    queues.tell_change(queue)


def _leave(
    queues: Queues, queue: Queue, session: Session, entry: Waiting, name: str, outcome: str
) -> None:
    """The caller goes without having been taken."""
    if entry in queue.waiting:
        queue.waiting.remove(entry)
    if entry.ready is not None:
        entry.ready.cancel()
    queue.callers.pop(session.uuid, None)
    stamp(session, "TIMEOUT" if outcome == "timeout" else "ABORTED")
    queues.fire(session, name, "timeout" if outcome == "timeout" else "abort")
    if session.is_true("fifo_destroy_after_use"):
        queues.forget(queue)
    queues.tell_presence(queue)
    queues.tell_change()


async def _until_taken(
    queues: Queues,
    queue: Queue,
    session: Session,
    entry: Waiting,
    wishes: Wishes,
    expired: asyncio.Future[None],
) -> str:
    """``timeout`` or ``key``; a call that is taken ends the application instead."""
    loop = session.switch.loop
    chime = 0
    while True:
        assert entry.taken is not None and entry.ready is not None and entry.returned is not None
        due: asyncio.Future[None] = loop.create_future()
        timer = (
            loop.call_later(wishes.chime_seconds, due.set_result, None) if wishes.chimes else None
        )
        try:
            async with music(session, wishes.music):
                while not (entry.taken.done() or expired.done() or due.done()):
                    arrival = session.digits.arrival()
                    await wait_for_any(session, entry.taken, expired, due, arrival)
                    digit = session.digits.take()
                    if digit is not None and digit.digit in wishes.exit_keys:
                        session.set("fifo_caller_exit_key", digit.digit)
                        return "key"
        finally:
            if timer is not None:
                timer.cancel()
        if entry.taken.done():
            if wishes.announce:
                await ivr.play(session, wishes.announce, terminators="")
            entry.ready.set_result(None)
            # The application ends when the call is taken over; else it comes back here.
            await asyncio.shield(entry.returned)
            session.check_ready()
            entry.reset(loop)
            queue.waiting.insert(0, entry)
            queues.tell_change(queue)
        elif expired.done():
            return "timeout"
        else:
            await ivr.play(session, wishes.chimes[chime % len(wishes.chimes)], terminators="")
            chime += 1
