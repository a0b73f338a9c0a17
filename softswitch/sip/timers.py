"""The timers of SIP and the queue that holds all that run (RFC 3261 §17 and Appendix A)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from heapq import heapify, heappop, heappush
from math import inf
from typing import Any, Protocol


class Timer(Enum):
    """What a timer is for. The letters are the RFC's; the others belong to dialog usages."""

    A = "INVITE request is repeated (unreliable transports)"
    B = "INVITE has had no answer: time-out"
    D = "INVITE client absorbs repeated error responses"
    E = "non-INVITE request is repeated (unreliable transports)"
    F = "non-INVITE request has had no final answer: time-out"
    G = "error response to INVITE is repeated"
    H = "error response to INVITE has had no ACK: give up"
    I = "INVITE server absorbs repeated ACKs"  # noqa: E741 - the RFC's letter
    J = "non-INVITE server absorbs repeated requests"
    K = "non-INVITE client absorbs repeated responses"
    L = "INVITE server absorbs repeated requests after its 2xx (RFC 6026)"
    M = "INVITE client waits for 2xx of other branches (RFC 6026)"
    UNANSWERED = "non-INVITE request was never answered by its user: forget it"
    PROVISIONAL = "provisional response is repeated each minute (RFC 3261 §13.3.1.1)"
    EXPIRES = "INVITE is not wanted any longer than its Expires says (RFC 3261 §13.2.1, §13.3.1)"
    ANSWER = "2xx to INVITE is repeated until its ACK (RFC 3261 §13.3.1.4)"
    ACK = "2xx to INVITE has had no ACK: give up (RFC 3261 §13.3.1.4)"
    CANCEL = "INVITE that was cancelled has had no final response: give up (RFC 3261 §9.1)"
    GLARE = "re-INVITE that met another is tried again (RFC 3261 §14.1)"
    RELIABLE = "reliable provisional response is repeated until its PRACK (RFC 3262 §3)"
    PRACK = "reliable provisional response has had no PRACK: give up (RFC 3262 §3)"
    SESSION_REFRESH = "session is refreshed before it expires (RFC 4028 §10)"
    SESSION_END = "session was not refreshed: end the call (RFC 4028 §10)"
    SUBSCRIPTION = "subscription was not refreshed: it expires (RFC 6665 §4.2.2)"
    REFRESH = "binding is registered anew before it expires (RFC 3261 §10.2.4)"
    PATIENCE = "registrar has not answered in the time that its user gives it"
    RETRY = "failed registration is tried again"


@dataclass(frozen=True, slots=True)
class Timers:
    """The settings all timers derive from, in seconds (RFC 3261 Table 4)."""

    t1: float = 0.5
    """Estimate of the round trip."""
    t2: float = 4.0
    """Longest interval between repetitions of non-INVITE requests and INVITE responses."""
    t4: float = 5.0
    """Longest time a message stays in the network."""
    t1x64: float = 0.0
    """Life of a transaction; 0 stands for 64*T1."""
    provisional: float = 60.0
    """Interval at which a provisional response is repeated."""

    def __post_init__(self) -> None:
        if not self.t1x64:
            object.__setattr__(self, "t1x64", 64 * self.t1)


class TimerOwner(Protocol):
    """Whoever starts timers."""

    def handle_timer(self, timer: Timer, now: float) -> None: ...


TimerEntry = list[Any]
"""A running timer as :meth:`TimerQueue.start` gives it: only good for ``cancel``."""

_OWNER = 2
_ENOUGH_TO_COMPACT = 64


class TimerQueue:
    """All running timers by deadline.

    Starting costs O(log n), cancelling O(1): a cancelled entry lets go of its owner at once and
    leaves the heap when it comes to the top, or when cancelled entries are the majority.
    """

    __slots__ = ("_cancelled", "_heap", "_serial", "soonest")

    def __init__(self) -> None:
        self.soonest = inf
        """Before this nothing is due; cheap to look at, and exact after `next_timeout`."""
        self._heap: list[TimerEntry] = []
        self._serial = 0
        self._cancelled = 0

    def start(self, deadline: float, owner: TimerOwner, timer: Timer) -> TimerEntry:
        """Have ``owner.handle_timer(timer, now)`` called at ``deadline``, in seconds."""
        self._serial += 1
        entry: TimerEntry = [deadline, self._serial, owner, timer]
        heappush(self._heap, entry)
        if deadline < self.soonest:
            self.soonest = deadline
        return entry

    def cancel(self, entry: TimerEntry | None) -> None:
        """Stop a timer; one that has fired, was cancelled or is None is left alone."""
        if entry is None or entry[_OWNER] is None:
            return
        entry[_OWNER] = None
        self._cancelled += 1
        if self._cancelled > _ENOUGH_TO_COMPACT and self._cancelled * 2 > len(self._heap):
            # In place: `fire` may be iterating.
            self._heap[:] = [entry for entry in self._heap if entry[_OWNER] is not None]
            heapify(self._heap)
            self._cancelled = 0

    def next_timeout(self) -> float | None:
        """The earliest deadline, or None when nothing runs."""
        heap = self._heap
        while heap:
            first = heap[0]
            if first[_OWNER] is not None:
                self.soonest = float(first[0])
                return self.soonest
            heappop(heap)
            self._cancelled -= 1
        self.soonest = inf
        return None

    def fire(self, now: float) -> None:
        """Call the owners of all timers due at ``now``, in order of deadline."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            entry = heappop(heap)
            owner = entry[_OWNER]
            if owner is None:
                self._cancelled -= 1
                continue
            entry[_OWNER] = None
            owner.handle_timer(entry[3], now)

    def __len__(self) -> int:
        """How many timers run."""
        return len(self._heap) - self._cancelled

    def __repr__(self) -> str:
        return f"<TimerQueue {len(self)} running, next at {self.next_timeout()}>"
