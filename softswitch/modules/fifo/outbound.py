"""Calling the members of a queue while callers wait that nobody serves."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from softswitch.dialplan.hunt import PlannedAction
from softswitch.modules.fifo.dialling import TAG, dial_string, variables
from softswitch.modules.fifo.queue import Round
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate

if TYPE_CHECKING:
    from softswitch.modules.fifo.queue import Member, Queue
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session
log = logging.getLogger(__name__)


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
        ringing: dict[asyncio.Task[None], Round] = {}
        try:
            while queue.waiting and (queue.members or ringing):
                now = loop.time()
                for round_ in self._chosen(queue, now):
                    queue.rounds.append(round_)
                    for member in round_.members:
                        member.load.ringing += 1
                    ring = loop.create_task(self._ring(queue, round_))
                    ringing[ring] = round_
                    ring.add_done_callback(lambda ring: self._rung(queue, ringing.pop(ring)))
                wake = self._queues.changed()
                timeout = self._rest(queue, now)
                await asyncio.wait(
                    {wake, *ringing}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
                )
                for ring, round_ in list(ringing.items()):
                    if round_.entry is not None and round_.entry not in queue.waiting:
                        ring.cancel()
        finally:
            left = list(ringing)
            for ring in left:
                ring.cancel()
            if left:
                await asyncio.wait(left)

    def _rung(self, queue: Queue, round_: Round) -> None:
        # Not in the task itself, which may be cancelled before it begins.
        queue.rounds.remove(round_)
        for member in round_.members:
            member.load.ringing -= 1

    def _chosen(self, queue: Queue, now: float) -> list[Round]:
        """Who shall ring from now on, as far as callers wait that nobody cares for."""
        plan = queue.plan
        needed = len(queue.waiting) - len(queue.idle) - len(queue.coming)
        free = sorted(
            (member for member in queue.members.values() if member.available(now)),
            key=lambda member: (member.free_at, member.load.failures, member.load.served),
        )
        if plan.strategy == "ringall":
            cared_for = [round_.entry for round_ in queue.rounds]
            left = [entry for entry in queue.in_order() if entry not in cared_for]
            rounds = []
            for entry in left[: max(needed - len(cared_for), 0)]:
                members, free = free[: plan.per_cycle or None], free[plan.per_cycle or None :]
                if members:
                    rounds.append(Round(entry, members))
            return rounds
        if needed <= 0:
            return []
        wanted = needed
        if plan.per_cycle and plan.per_cycle < needed:
            wanted = plan.per_cycle
        elif plan.per_cycle_min > needed:
            wanted = plan.per_cycle_min
        return [Round(None, [member]) for member in free[: max(wanted - len(queue.rounds), 0)]]

    @staticmethod
    def _rest(queue: Queue, now: float) -> float | None:
        """Seconds until another member is free again."""
        times = [one.free_at - now for one in queue.members.values() if one.free_at > now]
        return min(times) + 0.001 if times else None

    async def _ring(self, queue: Queue, round_: Round) -> None:
        """Ring members together. Who answers becomes a consumer of the queue."""
        members, number = round_.members, self._switch.new_uuid()
        dialled = dial_string(queue, members)
        told = {"outbound-strategy": queue.plan.strategy, "originate_string": dialled}
        caller = round_.entry.session if round_.entry is not None else None
        if caller is not None:
            caller.set("fifo_originate_uuid", number)
            told["caller-uuid"] = caller.uuid
            told["FIFO-Outbound-UUID-List"] = ",".join(member.id for member in members)
        else:
            told["FIFO-Outbound-UUID"] = members[0].id
        self._tell(queue, caller, "pre-dial", told)
        if self._queues.debug:
            log.info("%s dialing: %s", queue.name, dialled)
        winner, failure = None, HangupCause.ORIGINATOR_CANCEL
        try:
            winner = await originate(
                self._switch,
                dialled,
                timeout=max(member.timeout for member in members),
                variables=variables(
                    queue, round_, number, allow_transcoding=self._queues.allow_transcoding
                ),
            )
        except CallFailed as error:
            failure = error.cause
        finally:
            if winner is None:
                self._failed(queue, members, failure, told)
        if winner is not None:
            if caller is not None:
                told["FIFO-Outbound-UUID"] = winner.get(TAG) or ""
            self._tell(queue, winner, "post-dial", told | {"result": "success"})
            self._hand_over(queue, winner)

    def _failed(
        self, queue: Queue, members: list[Member], cause: HangupCause, told: dict[str, str]
    ) -> None:
        """Nobody took the round's call; that it was cancelled is nobody's fault."""
        acceptable = cause in (HangupCause.ORIGINATOR_CANCEL, HangupCause.PICKED_OFF)
        more = {"result": "failure", "cause": cause.name}
        if queue.plan.strategy == "ringall":
            more["acceptable"] = str(acceptable).lower()
        self._tell(queue, None, "post-dial", told | more)
        if acceptable:
            return
        for member in members:
            member.load.failures += 1
            member.load.failures_in_all += 1
            member.load.rests_from = self._switch.loop.time() + 1 + queue.plan.retry_delay

    def _hand_over(self, queue: Queue, winner: Session) -> None:
        # Until he has his caller nobody else need be rung for him.
        queue.coming.add(winner.uuid)

        def left(_: Session, what: str) -> None:
            if what == "hangup":
                queue.coming.discard(winner.uuid)
                winner.unwatch(left)

        winner.watchers.append(left)
        waits = (winner.get("fifo_member_wait") or winner.get("member_wait") or "").lower()
        if queue.plan.strategy == "ringall":
            winner.set("fifo_pop_order", "")
            waits = "nowait"
        elif waits not in ("wait", "nowait"):
            waits = "wait"
        winner.run_actions([PlannedAction("fifo", f"{queue.name} out {waits}")])

    def _tell(
        self, queue: Queue, session: Session | None, action: str, more: dict[str, str]
    ) -> None:
        if session is None:
            self._queues.publish(queue.name, action, **more)
        else:
            self._queues.fire(session, queue.name, action, **more)
