"""The server transaction of all requests but INVITE and ACK (RFC 3261 §17.2.2)."""

from __future__ import annotations

from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.timers import Timer
from softswitch.sip.transaction import (
    ServerTransaction,
    TransactionKey,
    TransactionLayer,
    TransactionState,
)

_TRYING = TransactionState.TRYING
_PROCEEDING = TransactionState.PROCEEDING
_COMPLETED = TransactionState.COMPLETED


class NonInviteServer(ServerTransaction):
    """Repeats what was answered to one request.

    One that its user leaves unanswered is forgotten when the client has given up as well.
    """

    __slots__ = ("_began", "_last", "local_tag", "request", "user")

    kind = "NonInviteServer"

    def __init__(
        self,
        layer: TransactionLayer,
        key: TransactionKey,
        request: Request,
        flow: Flow,
        now: float,
        local_tag: str,
    ) -> None:
        super().__init__(layer, key, flow, _TRYING)
        self.request: Request | None = request
        """What was asked; forgotten once it is answered, as it would be kept for 32 s more."""
        self.local_tag = local_tag
        """The tag that all its responses carry, unless the request is within a dialog."""
        self.user: object = None
        """Free for whoever answers the request."""
        self._last = b""
        self._began = now
        self._live_for(layer.settings.t1x64, Timer.UNANSWERED, now)

    @property
    def answered(self) -> bool:
        """Whether a final response was sent, or none will ever be."""
        return self.state is not _TRYING and self.state is not _PROCEEDING

    def handle_request(self, request: Request, now: float) -> None:
        """A repetition of the request."""
        if self._last:
            self.layer.send(self._last, self.flow)

    def respond(self, response: Response, now: float) -> None:
        """Send a response; after a final one this does nothing."""
        if self.answered:
            return
        self._last = response.encode()
        self.layer.send(self._last, self.flow)
        if response.status < 200:
            self._enter(_PROCEEDING)
            return
        self.request = None
        if self.flow.reliable:
            self.terminate()
            return
        self._enter(_COMPLETED)
        if now != self._began:
            # What is answered at once has its time already.
            self._stop_timers()
            self._live_for(self.layer.settings.t1x64, Timer.J, now)

    def handle_timer(self, timer: Timer, now: float) -> None:
        match timer:
            case Timer.J | Timer.UNANSWERED:
                self.terminate()
            case _:
                raise AssertionError(f"{timer} is no timer of a non-INVITE server")
