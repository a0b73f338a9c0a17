"""All queues of a switch, and the sign that something changed in one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from softswitch.modules.fifo.queue import Member, Queue, Workload
from softswitch.modules.fifo.settings import MANUAL, FifoFile, Plan
from softswitch.switch.places import Occupancy, Places

if TYPE_CHECKING:
    from softswitch.modules.fifo.member_store import MemberStore
    from softswitch.modules.fifo.tracking import TrackedCall
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

SUBCLASS = "fifo::info"


class Queues:
    """The queues that exist now."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.manual = Queue(MANUAL)
        """Calls of members outside of queues."""
        self._queues: dict[str, Queue] = {MANUAL: self.manual}
        self._workloads: WeakValueDictionary[str, Workload] = WeakValueDictionary()
        self._default_plan = Plan(per_cycle=0)
        self.tracked: dict[str, TrackedCall] = {}
        """Calls that ``fifo_track_call`` counts, by uuid."""
        self.allow_transcoding = False
        """Whether members are offered more than their callers' codecs."""
        self._changed: asyncio.Future[None] = switch.loop.create_future()
        self.on_wait: Callable[[Queue], None] = lambda queue: None
        """Told when somebody waits in a queue."""
        self.debug = 0
        """Whether what members are rung with is logged: ``fifo debug 1``."""
        self.hold_key = True
        """Whether a consumer holds his caller by the key 0."""
        self.store: MemberStore | None = None
        """Where members that commands add outlive the process."""
        self.presence = Places(switch, "queue", self._look)
        """Queues are watched as ``queue+NAME``, as in FreeSWITCH."""

    def __repr__(self) -> str:
        return f"<Queues {list(self._queues)}>"

    def __iter__(self) -> Iterator[Queue]:
        return iter(list(self._queues.values()))

    def find(self, name: str) -> Queue | None:
        """The queue of that name, or None."""
        return self._queues.get(name)

    def open(self, name: str, importance: int = 0) -> Queue:
        """The queue of that name, made if need be."""
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = Queue(name, importance, plan=self._default_plan)
        return queue

    def workload(self, member_id: str) -> Workload:
        """What a member has to do. It is remembered as long as somebody holds it."""
        load = self._workloads.get(member_id)
        if load is None:
            load = self._workloads[member_id] = Workload()
        return load

    def members(self) -> dict[str, Member]:
        """All members of all queues, each once, by id."""
        return {key: member for queue in self for key, member in queue.members.items()}

    def forget(self, queue: Queue) -> None:
        """Let go of a queue that nobody uses."""
        if not queue.in_use and not queue.fixed and queue is not self.manual:
            self._queues.pop(queue.name, None)

    def talking(self) -> set[str]:
        """Who talks: uuids of callers and consumers, and ids of members."""
        pairs = [pair for queue in self for pair in queue.bridges.values()]
        calls = {one.uuid for pair in pairs for one in pair}
        return calls | {key for key, load in self._workloads.items() if load.calls}

    def add_member(self, name: str, member: Member) -> None:
        """Have a queue call somebody while callers wait, made if need be; anew if it does."""
        queue = self.open(name)
        self._join(queue, member)
        if self.store is not None:
            self.store.put(name, member, self.switch.loop.time())
        self.tell_change(queue)

    def _join(self, queue: Queue, member: Member) -> None:
        member.load, member.since = self.workload(member.id), self.switch.now_us() // 1_000_000
        queue.members[member.id] = member

    def restore_member(self, name: str, member: Member) -> None:
        """Add a member who was kept, where the file does not name him."""
        queue = self.open(name)
        if member.id not in queue.members:
            self._join(queue, member)

    def remove_member(self, name: str, dial_string: str) -> None:
        """Have a queue call somebody no more."""
        queue, member = self._queues.get(name), Member(dial_string)
        if queue is None:
            return
        queue.members.pop(member.id, None)
        if self.store is not None:
            self.store.delete(name, member)
        self.forget(queue)
        self.tell_change()

    def tell_presence(self, queue: Queue) -> None:
        """The number of those who wait in a queue changed: tell who watches it."""
        self.presence.changed(queue.name, _occupancy(queue))

    def _look(self, identity: str) -> Occupancy | None:
        for queue in self:
            if self.presence.identity(queue.name).lower() == identity:
                return _occupancy(queue)
        return None

    def configure(self, file: FifoFile, *, drop_members: bool = False) -> None:
        """Take over what ``fifo.conf`` says now; queues that are used stay."""
        self.hold_key = not file.settings.disable_hold_key
        self.allow_transcoding = file.settings.allow_transcoding
        self._default_plan = Plan(strategy=file.settings.outbound_strategy, per_cycle=0)
        # Who is dropped for a moment keeps his calls.
        loads = list(self._workloads.values())
        for queue in self:
            queue.fixed = False
            queue.members = {
                key: member
                for key, member in queue.members.items()
                if not member.fixed and not drop_members
            }
        if drop_members and self.store is not None:
            self.store.delete_all()
        for written in file.queues:
            queue = self.open(written.name, written.importance)
            queue.importance, queue.fixed, queue.plan = written.importance, True, written.plan
            for item in written.members:
                if item.dial_string:
                    made = Member(
                        item.dial_string,
                        item.simo,
                        item.timeout,
                        item.lag,
                        taking_calls=item.taking_calls,
                        fixed=True,
                    )
                    self._join(queue, made)
        del loads
        for queue in self:
            self.forget(queue)
            if queue.waiting:
                self.on_wait(queue)

    def changed(self) -> asyncio.Future[None]:
        """Done as soon as something changes that consumers may wait for."""
        return self._changed

    def tell_change(self, queue: Queue | None = None) -> None:
        """Somebody came or became free."""
        woken, self._changed = self._changed, self.switch.loop.create_future()
        woken.set_result(None)
        if queue is None:
            return
        self.tell_presence(queue)
        if queue.waiting:
            self.on_wait(queue)

    def fire(self, session: Session, name: str, action: str, **more: str) -> None:
        """An event of a caller or consumer; underscores in names of headers are hyphens."""
        headers = {"FIFO-Name": name, "FIFO-Action": action}
        headers |= {key.replace("_", "-"): value for key, value in more.items()}
        self.switch.fire(session, "CUSTOM", headers, subclass=SUBCLASS)

    def publish(self, name: str, action: str, **more: str) -> None:
        """An event of a queue."""
        headers = {"FIFO-Name": name, "FIFO-Action": action}
        headers |= {key.replace("_", "-"): value for key, value in more.items()}
        self.switch.publish("CUSTOM", headers, subclass=SUBCLASS)


def _occupancy(queue: Queue) -> Occupancy:
    waiting = len(queue.waiting)
    if waiting:
        return Occupancy(f"Active ({waiting} waiting)", "confirmed")
    return Occupancy("Idle", "terminated")


def choose(queues: Iterable[Queue], *, more_people: bool) -> Queue | None:
    """The queue to serve first: the more important, then where one waits longer, or more do."""

    def rank(queue: Queue) -> tuple[int, float]:
        return queue.importance, len(queue.waiting) if more_people else -queue.waits_since

    waiting = [queue for queue in queues if queue.waiting]
    return max(waiting, key=rank) if waiting else None
