"""The INVITE server transaction (RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1)."""

from __future__ import annotations

from typing import Protocol

from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.timers import Timer
from softswitch.sip.transaction import (
    ServerTransaction,
    TransactionKey,
    TransactionLayer,
    TransactionState,
)

_PROCEEDING = TransactionState.PROCEEDING
_COMPLETED = TransactionState.COMPLETED
_CONFIRMED = TransactionState.CONFIRMED
_ACCEPTED = TransactionState.ACCEPTED


class InviteServerUser(Protocol):
    """Who answers an INVITE."""

    def handle_cancel(self, transaction: InviteServer, request: Request, now: float) -> None: ...


class InviteServer(ServerTransaction):
    """Repeats what was answered to one INVITE, until an error response is acknowledged.

    A 2xx is passed on once; repeating it until its ACK is the user's duty (§13.3.1.4).
    """

    __slots__ = ("_interval", "_last", "user")

    kind = "InviteServer"

    def __init__(self, layer: TransactionLayer, key: TransactionKey, flow: Flow) -> None:
        super().__init__(layer, key, flow, _PROCEEDING)
        self.user: InviteServerUser | None = None
        self._last = b""
        self._interval = layer.settings.t1

    def handle_request(self, request: Request, now: float) -> None:
        """A repetition of the INVITE, or the ACK of an error response."""
        if request.method == "ACK":
            if self.state is _COMPLETED:
                self._stop_timers()
                self._last = b""
                if self.flow.reliable:
                    self.terminate()
                else:
                    self._enter(_CONFIRMED)
                    self._live_for(self.layer.settings.t4, Timer.I, now)
        elif self._last:
            self.repeat()

    def repeat(self) -> None:
        """Send the latest response again."""
        self.layer.send(self._last, self.flow)

    def respond(self, response: Response, now: float) -> None:
        """Send a provisional or an error response; after a final one this does nothing."""
        if self.state is not _PROCEEDING:
            return
        data = response.encode()
        self.layer.send(data, self.flow)
        if response.status < 200:
            self._last = data
        else:
            self.user = None
            self._last = data
            self._enter(_COMPLETED)
            if not self.flow.reliable:
                self._repeat_after(self._interval, Timer.G, now)
            self._live_for(self.layer.settings.t1x64, Timer.H, now)

    def accept(self, response: Response, now: float) -> bytes:
        """Send a 2xx, and give what is to be repeated; empty if a final response was sent."""
        if self.state is not _PROCEEDING:
            return b""
        data = response.encode()
        self.layer.send(data, self.flow)
        self.user = None
        self._last = b""
        self._enter(_ACCEPTED)
        self._live_for(self.layer.settings.t1x64, Timer.L, now)
        return data

    def handle_timer(self, timer: Timer, now: float) -> None:
        match timer:
            case Timer.G:
                self.repeat()
                self._interval = min(self._interval * 2, self.layer.settings.t2)
                self._repeat_after(self._interval, Timer.G, now)
            case Timer.H | Timer.I | Timer.L:
                self.terminate()
            case _:
                raise AssertionError(f"{timer} is no timer of an INVITE server")
