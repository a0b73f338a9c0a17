"""The client transaction of all requests but INVITE and ACK (RFC 3261 §17.1.2)."""

from __future__ import annotations

from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.timers import Timer
from softswitch.sip.transaction import (
    ClientTransaction,
    FailureReason,
    NonInviteClientUser,
    TransactionKey,
    TransactionLayer,
    TransactionState,
)

_TRYING = TransactionState.TRYING
_PROCEEDING = TransactionState.PROCEEDING
_FAILS_EARLY = ("OPTIONS", "REGISTER")
"""What is given up once ICMP says that nobody listens; others may find a phone that restarts."""


class NonInviteClient(ClientTransaction):
    """Sends one request until its final response, which the user hears exactly once."""

    __slots__ = ("handler", "user")

    kind = "NonInviteClient"
    repeats = Timer.E
    gives_up = Timer.F

    def __init__(
        self,
        layer: TransactionLayer,
        key: TransactionKey,
        request: Request,
        flow: Flow,
        handler: NonInviteClientUser,
    ) -> None:
        super().__init__(layer, key, flow, _TRYING, request)
        self.handler = handler
        """Who in the stack hears of the outcome."""
        self.user: object = None
        """Free for whoever made the request."""

    def handle_response(self, response: Response, now: float) -> None:
        if not self.waiting:
            return
        if response.status >= 200:
            self._settle()
            self._linger(self.layer.settings.t4, Timer.K, now)
        elif self.state is _TRYING:
            self._enter(_PROCEEDING)
        self.handler.handle_response(self, response, now)

    def _tell_failure(self, reason: FailureReason, now: float) -> None:
        self.handler.handle_failure(self, reason, now)

    def handle_timer(self, timer: Timer, now: float) -> None:
        match timer:
            case Timer.E:
                if self.state is _TRYING and self.request.method in _FAILS_EARLY:
                    self.layer.repeat(self._data, self.flow)
                else:
                    self.layer.send(self._data, self.flow)
                t2 = self.layer.settings.t2
                if self.state is _PROCEEDING:
                    self._interval = t2
                else:
                    self._interval = min(self._interval * 2, t2)
                self._repeat_after(self._interval, Timer.E, now)
            case Timer.F:
                self._fail(FailureReason.TIMEOUT, now)
            case Timer.K:
                self.terminate()
            case _:
                raise AssertionError(f"{timer} is no timer of a non-INVITE client")
