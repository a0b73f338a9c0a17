"""A queue: who waits in it in which order, who serves it, and whom it calls."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from softswitch.switch.session import Session

SLOTS = 10
"""Priorities; 0 is served first."""


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
    in_use: int = 0
    """Calls that ring him or that he talks in."""
    free_at: float = 0.0
    calls: int = 0
    failures: int = 0
    manual_out: int = 0
    """Calls that he makes himself, told of by ``fifo_track_call``."""
    manual_in: int = 0
    """Calls that others make to him."""

    @property
    def id(self) -> str:
        """His name among members: a digest of the dial string, as in FreeSWITCH."""
        return hashlib.md5(self.dial_string.encode(), usedforsecurity=False).hexdigest()

    def available(self, now: float) -> bool:
        """Whether he may be rung now."""
        return (
            self.taking_calls > 0
            and self.in_use < self.simo
            and self.free_at <= now
            and (self.expires_at is None or now < self.expires_at)
        )


@dataclass(eq=False, slots=True)
class Queue:
    """One queue."""

    name: str
    importance: int = 0
    fixed: bool = False
    strategy: str = "ringall"
    per_cycle: int = 1
    retry_delay: int = 0
    outbound_name: str = ""
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
    ringing: int = 0
    """Members that are being rung."""

    def __repr__(self) -> str:
        return f"<Queue {self.name}: {len(self.waiting)} wait, {len(self.consumers)} serve>"

    @property
    def waits_since(self) -> float:
        """When the one who waits longest came."""
        return min((one.since for one in self.waiting), default=float("inf"))

    @property
    def in_use(self) -> bool:
        return bool(self.waiting or self.callers or self.consumers or self.members)

    def position(self, entry: Waiting) -> int:
        """The place of a caller among those of the same slot, from 1."""
        return [one for one in self.waiting if one.slot == entry.slot].index(entry) + 1

    def take(
        self, *, order: Iterable[int] | None = None, uuid: str = "", skill: str = ""
    ) -> Waiting | None:
        """The next caller, out of the queue: a certain one, or one of a skill, or the first of
        the most important; None where nobody fits."""
        found = self._find(order, uuid, skill)
        if found is not None:
            self.waiting.remove(found)
        return found

    def _find(self, order: Iterable[int] | None, uuid: str, skill: str) -> Waiting | None:
        waiting = self.waiting
        if uuid:
            return next((one for one in waiting if one.session and one.session.uuid == uuid), None)
        if skill:
            waiting = [one for one in waiting if one.skill == skill]
        vip = next((one for one in waiting if one.vip), None)
        if vip is not None:
            return vip
        for slot in range(SLOTS) if order is None else order:
            if found := next((one for one in waiting if one.slot == slot), None):
                return found
        return None
