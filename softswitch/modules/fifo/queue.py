"""A queue: who waits in it in which order, who serves it, and whom it calls."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.modules.fifo.settings import Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from softswitch.switch.session import Session

SLOTS = 10
"""Priorities; 0 is served first."""
_OWN_ID = re.compile(r"[{\[<][^}\]>]*?\bfifo_outbound_uuid=([^,}\]>]+)")


@dataclass(eq=False, slots=True)
class Waiting:
    """A caller in a queue, or somebody who is to be called when it is his turn."""

    slot: int
    since: float
    session: Session | None
    url: str = ""
    """Whom to call, where nobody waits."""
    taken: asyncio.Future[None] | None = None
    """Done when somebody takes the caller."""
    ready: asyncio.Future[None] | None = None
    """Done when the caller has heard that he is taken; cancelled when he left."""
    returned: asyncio.Future[None] | None = None
    """Done when whoever took him gives him back."""
    claimed: bool = False
    """The caller is in the hands of whoever took him."""

    def reset(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait for somebody anew."""
        self.taken, self.ready, self.returned = (loop.create_future() for _ in range(3))

    @property
    def vip(self) -> bool:
        return self.session is not None and self.session.is_true("fifo_vip")

    @property
    def skill(self) -> str:
        return (self.session.get("fifo_skill") if self.session is not None else None) or ""


@dataclass(eq=False, slots=True, weakref_slot=True)
class Workload:
    """What somebody whom queues call has to do, whichever of them calls him."""

    calls: set[str] = field(default_factory=set)
    """The uuids of the calls that he talks in."""
    ringing: int = 0
    """Calls that ring him."""
    rests_from: float = 0.0
    """His rest begins then, which is as long as each of his memberships says."""
    served: int = 0
    """Callers whom queues gave him."""
    failures: int = 0
    """Calls that came to nothing, one after another."""
    failures_in_all: int = 0
    manual_out: int = 0
    """Calls that he makes himself, told of by ``fifo_track_call``."""
    manual_in: int = 0
    """Calls that others make to him."""
    started: int = 0
    """When his last call began, in seconds since 1970; 0 for never."""
    stopped: int = 0
    """When it ended; 0 while it lasts."""

    @property
    def in_use(self) -> int:
        return len(self.calls)


@dataclass(eq=False, slots=True)
class Member:
    """Somebody whom a queue calls while callers wait."""

    dial_string: str
    simo: int = 1
    timeout: int = 60
    lag: int = 30
    expires_at: float | None = None
    taking_calls: int = 1
    fixed: bool = False
    """It stands in the file."""
    since: int = 0
    """When he became a member, in seconds since 1970."""
    load: Workload = field(default_factory=Workload)

    @property
    def id(self) -> str:
        """His name among members, as in FreeSWITCH: ``fifo_outbound_uuid`` in front of the dial
        string, or a digest of it."""
        if found := _OWN_ID.match(self.dial_string):
            return found[1]
        return hashlib.md5(self.dial_string.encode(), usedforsecurity=False).hexdigest()

    @property
    def free_at(self) -> float:
        """When his rest is over, in the loop's time."""
        return self.load.rests_from + self.lag if self.load.rests_from else 0.0

    def available(self, now: float) -> bool:
        """Whether he may be rung now."""
        return (
            self.taking_calls > 0
            and self.load.in_use + self.load.ringing < self.simo
            and self.free_at <= now
            and (self.expires_at is None or now < self.expires_at)
        )


@dataclass(frozen=True, slots=True)
class Round:
    """Members who ring together."""

    entry: Waiting | None
    """For whom; None where who answers gets whoever's turn it is then."""
    members: list[Member]


@dataclass(eq=False, slots=True)
class Queue:
    """One queue."""

    name: str
    importance: int = 0
    fixed: bool = False
    plan: Plan = field(default_factory=lambda: Plan(per_cycle=0))
    waiting: list[Waiting] = field(default_factory=list)
    """In order of arrival; `take` chooses."""
    callers: dict[str, Session] = field(default_factory=dict)
    """By uuid: those who wait, and those who talk to somebody."""
    consumers: dict[str, Session] = field(default_factory=dict)
    """Those who wait for callers or talk to them."""
    idle: set[str] = field(default_factory=set)
    """Consumers who have nobody to talk to."""
    bridges: dict[str, tuple[Session, Session]] = field(default_factory=dict)
    """By the caller's uuid: caller and consumer who talk."""
    members: dict[str, Member] = field(default_factory=dict)
    """By id."""
    rounds: list[Round] = field(default_factory=list)
    """Those that ring now."""
    coming: set[str] = field(default_factory=set)
    """Members who answered and have not got their callers yet, by their calls' uuids."""

    def __repr__(self) -> str:
        return f"<Queue {self.name}: {len(self.waiting)} wait, {len(self.consumers)} serve>"

    @property
    def waits_since(self) -> float:
        """When the one who waits longest came."""
        return min((one.since for one in self.waiting), default=float("inf"))

    @property
    def in_use(self) -> bool:
        return bool(self.waiting or self.callers or self.consumers or self.members)

    @property
    def idle_consumers(self) -> int:
        """Consumers who talk to nobody."""
        return sum(consumer.peer is None for consumer in self.consumers.values())

    def in_order(self) -> list[Waiting]:
        """All who wait, first who is served first."""
        return sorted(self.waiting, key=lambda one: (not one.vip, one.slot))

    def position(self, entry: Waiting) -> int:
        """The place of a caller among those of the same slot, from 1."""
        return [one for one in self.waiting if one.slot == entry.slot].index(entry) + 1

    def take(
        self, *, order: Iterable[int] | None = None, uuid: str = "", skill: str = "", only: str = ""
    ) -> Waiting | None:
        """The next caller, out of the queue: a certain one, else one of a skill, else the first
        of the most important; None where nobody waits in these slots. ``only`` allows but one."""
        found = self._find(order, uuid, skill)
        if found is not None and only and (not found.session or found.session.uuid != only):
            return None
        if found is not None:
            self.waiting.remove(found)
        return found

    def _find(self, order: Iterable[int] | None, uuid: str, skill: str) -> Waiting | None:
        # FreeSWITCH tries slot 0 at the end of any other order.
        slots = range(SLOTS) if order is None else dict.fromkeys((*order, 0))
        waiting = [one for slot in slots for one in self.waiting if one.slot == slot]
        for fits in (
            lambda one: uuid and one.session is not None and one.session.uuid == uuid,
            lambda one: skill and one.skill == skill,
            lambda one: one.vip,
            lambda one: True,
        ):
            if found := next(filter(fits, waiting), None):
                return found
        return None
