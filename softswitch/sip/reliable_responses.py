"""Provisional responses of ours that the caller acknowledges by PRACK (RFC 3262 §3)."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING

from softswitch.sip.message import Request, Response
from softswitch.sip.timers import Timer, TimerEntry

if TYPE_CHECKING:
    from softswitch.sip.invite_server import InviteServer
    from softswitch.sip.usage_server import ServerUsage

_MOST_WAITING = 8
"""More responses than this do not wait: the oldest is not sent."""


class ReliableResponses:
    """Sends one at a time, again and again until its PRACK; others wait for that."""

    __slots__ = ("_end", "_interval", "_number", "_pending", "_repeat", "_usage", "_waiting")

    def __init__(self, usage: ServerUsage, first: int) -> None:
        """``first`` is the RSeq of the first response, from 1 to 2**31 - 1."""
        # Not its owner: what belongs to a call is freed with it, without the collector.
        self._usage = weakref.ref(usage)
        self._number = first - 1
        self._pending: Response | None = None
        self._waiting: deque[Response] = deque(maxlen=_MOST_WAITING)
        self._interval = 0.0
        self._repeat: TimerEntry | None = None
        self._end: TimerEntry | None = None

    @property
    def _owner(self) -> ServerUsage:
        usage = self._usage()
        assert usage is not None, "responses do not outlive their call"
        return usage

    @property
    def holds_answer(self) -> bool:
        """Whether a description of ours still waits for its PRACK: no 2xx may overtake it (§3)."""
        pending = [self._pending] if self._pending is not None else []
        return any(response.body for response in (*pending, *self._waiting))

    def send(self, transaction: InviteServer, response: Response, now: float) -> None:
        """Send a response reliably, once those before it are acknowledged."""
        if self._pending is not None:
            self._waiting.append(response)
            return
        self._number += 1
        response.headers.add("Require", "100rel")
        response.headers.add("RSeq", str(self._number))
        self._pending = response
        layer = self._owner.stack
        self._interval = layer.settings.t1
        self._repeat = layer.timers.start(now + self._interval, self, Timer.RELIABLE)
        self._end = layer.timers.start(now + layer.settings.t1x64, self, Timer.PRACK)
        transaction.respond(response, now)

    def acknowledge(self, request: Request, transaction: InviteServer, now: float) -> bool:
        """Take a PRACK; False where it acknowledges nothing that waits for it."""
        wanted = f"{self._number} {self._owner.request.cseq}"
        if self._pending is None or (request.headers.get("RAck") or "").split() != wanted.split():
            return False
        self._forget()
        if self._waiting:
            self.send(transaction, self._waiting.popleft(), now)
        return True

    def stop(self) -> None:
        """A final response is sent."""
        self._waiting.clear()
        self._forget()

    def _forget(self) -> None:
        timers = self._owner.stack.timers
        timers.cancel(self._repeat)
        timers.cancel(self._end)
        self._repeat = self._end = self._pending = None

    def handle_timer(self, timer: Timer, now: float) -> None:
        match timer:
            case Timer.RELIABLE:
                self._owner.repeat_provisional()
                self._interval *= 2
                timers = self._owner.stack.timers
                self._repeat = timers.start(now + self._interval, self, Timer.RELIABLE)
            case Timer.PRACK:
                self.stop()
                self._owner.handle_missing_prack(now)
            case _:
                raise AssertionError(f"{timer} is no timer of a reliable response")

    def __repr__(self) -> str:
        return f"<ReliableResponses {self._number}, {len(self._waiting)} waiting>"
