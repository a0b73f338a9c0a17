"""A 2xx to an INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4)."""

from __future__ import annotations

from typing import Protocol

from softswitch.sip.flow import Flow
from softswitch.sip.timers import Timer
from softswitch.sip.transaction import TransactionLayer


class PendingAckUser(Protocol):
    """Who sent the 2xx."""

    def handle_missing_ack(self, now: float) -> None: ...


class PendingAck:
    """Repeats a 2xx on any transport, since a lossy hop may follow a reliable one."""

    __slots__ = ("_data", "_flow", "_interval", "_layer", "_life", "_repeat", "_user", "cseq")

    def __init__(
        self,
        layer: TransactionLayer,
        user: PendingAckUser,
        data: bytes,
        flow: Flow,
        cseq: int,
        now: float,
    ) -> None:
        self.cseq = cseq
        self._layer = layer
        self._user = user
        self._data = data
        self._flow = flow
        self._interval = layer.settings.t1
        timers = layer.timers
        self._repeat = timers.start(now + self._interval, self, Timer.ANSWER)
        self._life = timers.start(now + layer.settings.t1x64, self, Timer.ACK)

    def stop(self) -> None:
        """The ACK came, or is not waited for any more."""
        timers = self._layer.timers
        timers.cancel(self._repeat)
        timers.cancel(self._life)

    def handle_timer(self, timer: Timer, now: float) -> None:
        match timer:
            case Timer.ANSWER:
                self._layer.send(self._data, self._flow)
                self._interval = min(self._interval * 2, self._layer.settings.t2)
                self._repeat = self._layer.timers.start(now + self._interval, self, Timer.ANSWER)
            case Timer.ACK:
                self.stop()
                self._user.handle_missing_ack(now)
            case _:
                raise AssertionError(f"{timer} is no timer of a 2xx")
