"""Calling the members of a queue while callers wait that nobody serves."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from softswitch.dialplan.hunt import PlannedAction
from softswitch.switch.causes import CallFailed
from softswitch.switch.originate import originate

if TYPE_CHECKING:
    from softswitch.modules.fifo.queue import Member, Queue
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session

log = logging.getLogger(__name__)

TAG = "fifo_outbound_uuid"
"""Names the member on his leg."""


class Outbound:
    """Rings members of every queue that needs them, one task for each such queue."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues
        self._switch = queues.switch
        self._tasks: dict[str, asyncio.Task[None]] = {}
        queues.on_wait = self.look_after

    def look_after(self, queue: Queue) -> None:
        """See to it that somebody serves who waits in a queue."""
        if queue.members and queue.name not in self._tasks:
            task = self._switch.loop.create_task(self._work(queue), name=f"fifo {queue.name}")
            self._tasks[queue.name] = task
            task.add_done_callback(lambda done: self._worked(queue, done))
            self._switch.own(task)

    def _worked(self, queue: Queue, done: asyncio.Task[None]) -> None:
        self._tasks.pop(queue.name, None)
        if queue.waiting and not done.cancelled() and done.exception() is None:
            # Somebody came in the very moment in which the last one was served.
            self._queues.on_wait(queue)

    async def stop(self) -> None:
        """Ring nobody any more."""
        self._queues.on_wait = lambda queue: None
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _work(self, queue: Queue) -> None:
        """Ring until nobody waits any more; when nobody does, what rings is hung up."""
        loop = self._switch.loop
        ringing: set[asyncio.Task[None]] = set()
        try:
            while queue.waiting and (queue.members or ringing):
                now = loop.time()
                for members in self._chosen(queue, len(ringing), now):
                    ring = loop.create_task(self._ring(queue, members))
                    ringing.add(ring)
                    ring.add_done_callback(ringing.discard)
                wake = self._queues.changed()
                timeout = self._rest(queue, now)
                await asyncio.wait(
                    {wake, *ringing}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
                )
                if queue.retry_delay and not ringing:
                    await asyncio.sleep(queue.retry_delay)
        finally:
            left = list(ringing)
            for ring in left:
                ring.cancel()
            if left:
                await asyncio.wait(left)

    def _chosen(self, queue: Queue, rounds: int, now: float) -> list[list[Member]]:
        """Whom to ring now: groups of members, one group for each caller without a consumer."""
        needed = len(queue.waiting) - len(queue.idle) - rounds
        free = [member for member in queue.members.values() if member.available(now)]
        if needed <= 0 or not free:
            return []
        if queue.strategy == "ringall":
            return [free] if rounds == 0 else []
        return [[member] for member in free[: max(min(needed, queue.per_cycle), 1)]]

    @staticmethod
    def _rest(queue: Queue, now: float) -> float | None:
        """Seconds until another member is free again."""
        times = [one.free_at - now for one in queue.members.values() if one.free_at > now]
        return min(times) + 0.001 if times else None

    async def _ring(self, queue: Queue, members: list[Member]) -> None:
        for member in members:
            member.in_use += 1
        queue.ringing += len(members)
        self._queues.publish(queue.name, "pre-dial", outbound_strategy=queue.strategy)
        winner: Session | None = None
        result = "cancelled"
        try:
            winner = await originate(
                self._switch,
                ",".join(_leg(member) for member in members),
                caller_id_name=queue.outbound_name or "Queue",
                caller_id_number=f"fifo+{queue.name.partition('@')[0]}",
                timeout=max(member.timeout for member in members),
            )
            result = "success"
        except CallFailed as failure:
            result = f"failure:{failure.cause.name}"
        finally:
            queue.ringing -= len(members)
            taken = winner.get(TAG) if winner is not None else None
            now = self._switch.loop.time()
            for member in members:
                if member.id != taken:
                    member.in_use -= 1
                    if winner is None and result != "cancelled":
                        member.failures += 1
                        member.free_at = now + member.lag
            self._queues.publish(queue.name, "post-dial", result=result)
        if winner is not None:
            self._hand_over(queue, winner, next((m for m in members if m.id == taken), None))

    def _hand_over(self, queue: Queue, winner: Session, member: Member | None) -> None:
        """Who answered becomes a consumer of the queue."""
        if member is not None:
            member.calls += 1
            track(self._queues, winner, member)
        waits = (winner.get("fifo_member_wait") or winner.get("member_wait") or "").lower()
        if waits not in ("wait", "nowait"):
            waits = "wait" if queue.strategy == "enterprise" else "nowait"
        winner.run_actions([PlannedAction("fifo", f"{queue.name} out {waits}")])


def track(queues: Queues, session: Session, member: Member) -> None:
    """Free a member when his call is over, and give him his rest."""

    def left(_: Session, what: str) -> None:
        if what == "hangup":
            session.watchers.remove(left)
            member.in_use -= 1
            member.free_at = queues.switch.loop.time() + member.lag
            queues.tell_change()

    session.watchers.append(left)


def _leg(member: Member) -> str:
    """A member's dial string as one leg of a list, tagged with his name."""
    text, tag = member.dial_string, f"[{TAG}={member.id}"
    if text.startswith("{") and "}" in text:
        inside, _, rest = text[1:].partition("}")
        return f"{tag},{inside}]{rest}"
    if text.startswith("["):
        return f"{tag},{text[1:]}"
    return f"{tag}]{text}"
