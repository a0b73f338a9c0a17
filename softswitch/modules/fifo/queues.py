"""All queues of a switch, and the sign that something changed in one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from softswitch.modules.fifo.queue import Member, Queue
from softswitch.modules.fifo.settings import FifoFile
from softswitch.switch.places import Occupancy, Places

if TYPE_CHECKING:
    from softswitch.modules.fifo.member_store import MemberStore
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

SUBCLASS = "fifo::info"


class Queues:
    """The queues that exist now."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self._queues: dict[str, Queue] = {}
        self._changed: asyncio.Future[None] = switch.loop.create_future()
        self.on_wait: Callable[[Queue], None] = lambda queue: None
        """Told when somebody waits in a queue."""
        self.hold_key = True
        """Whether a consumer holds his caller by the key 0."""
        self.store: MemberStore | None = None
        """Where members that commands add outlive the process."""
        self.presence = Places(switch, "park", self._look)
        """Queues are watched as ``park+NAME``, as in FreeSWITCH."""

    def __repr__(self) -> str:
        return f"<Queues {list(self._queues)}>"

    def __iter__(self) -> Iterator[Queue]:
        return iter(list(self._queues.values()))

    def find(self, name: str) -> Queue | None:
        """The queue of that name, or None."""
        return self._queues.get(name)

    def open(self, name: str, importance: int | None = None) -> Queue:
        """The queue of that name, made if need be."""
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = Queue(name, importance or 0)
        return queue

    def forget(self, queue: Queue) -> None:
        """Let go of a queue that nobody uses."""
        if not queue.in_use and not queue.fixed:
            self._queues.pop(queue.name, None)

    def add_member(self, name: str, member: Member) -> None:
        """Have a queue call somebody while callers wait, made if need be; anew if it does."""
        queue = self.open(name)
        known = queue.members.get(member.id)
        if known is not None:
            member.in_use, member.free_at = known.in_use, known.free_at
        queue.members[member.id] = member
        if self.store is not None:
            self.store.put(name, member, self.switch.loop.time())
        self.tell_change(queue)

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
            queue.importance, queue.fixed = written.importance, True
            queue.strategy, queue.per_cycle = written.strategy, written.per_cycle
            queue.retry_delay, queue.outbound_name = written.retry_delay, written.outbound_name
            for item in written.members:
                if item.dial_string:
                    made = Member(item.dial_string, item.simo, item.timeout, item.lag, fixed=True)
                    queue.members[made.id] = made
        for queue in self:
            self.forget(queue)

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
        return Occupancy(f"Active ({waiting} waiting)", "early")
    return Occupancy("Idle", "terminated")


def choose(queues: Iterable[Queue], *, more_people: bool) -> Queue | None:
    """The queue to serve first: the more important, then where one waits longer, or more do."""

    def rank(queue: Queue) -> tuple[int, float]:
        return queue.importance, len(queue.waiting) if more_people else -queue.waits_since

    waiting = [queue for queue in queues if queue.waiting]
    return max(waiting, key=rank) if waiting else None
