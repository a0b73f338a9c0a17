"""The INVITE client transaction (RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2)."""

from __future__ import annotations

from softswitch.sip.flow import Flow
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.timers import Timer
from softswitch.sip.transaction import (
    ClientTransaction,
    FailureReason,
    InviteClientUser,
    TransactionKey,
    TransactionLayer,
    TransactionState,
)

_COPIED_TO_CANCEL = ("Via", "Max-Forwards", "Route", "From", "To", "Call-ID")
_CALLING = TransactionState.CALLING
_PROCEEDING = TransactionState.PROCEEDING
_COMPLETED = TransactionState.COMPLETED
_ACCEPTED = TransactionState.ACCEPTED


class InviteClient(ClientTransaction):
    """Sends one INVITE until it is answered, and acknowledges error responses by itself.

    2xx responses go to the user, each time they come: the ACK of a 2xx is not part of this
    transaction.
    """

    __slots__ = ("_ack", "_hurried", "_longest", "user")

    kind = "InviteClient"
    repeats = Timer.A
    gives_up = Timer.B

    def __init__(
        self,
        layer: TransactionLayer,
        key: TransactionKey,
        request: Request,
        flow: Flow,
        user: InviteClientUser,
        patience: float = 0.0,
    ) -> None:
        """``patience`` is how many seconds may pass without any answer; 0 for Timer B's 64*T1."""
        super().__init__(layer, key, flow, _CALLING, request)
        self.user = user
        self._ack = b""
        self._hurried = False
        self._longest = patience

    @property
    def _patience(self) -> float:
        return self._longest or self.layer.settings.t1x64

    def handle_response(self, response: Response, now: float) -> None:
        status = response.status
        state = self.state
        waiting = self.waiting
        if status < 200:
            if state is _CALLING:
                self._stop_timers()
                self._enter(_PROCEEDING)
                if self._hurried:
                    self.hurry(now)
            if waiting:
                self.user.handle_invite_response(self, response, now)
        elif status < 300:
            if waiting:
                self._settle()
                self._enter(_ACCEPTED)
                self._live_for(self.layer.settings.t1x64, Timer.M, now)
            if waiting or state is _ACCEPTED:
                self.user.handle_invite_response(self, response, now)
        elif waiting:
            self._settle()
            self._ack = self._acknowledgement(response).encode()
            self.layer.send(self._ack, self.flow)
            self._linger(self.layer.settings.t1x64, Timer.D, now)
            self.user.handle_invite_response(self, response, now)
        elif state is _COMPLETED:
            self.layer.send(self._ack, self.flow)

    def _tell_failure(self, reason: FailureReason, now: float) -> None:
        self.user.handle_invite_failure(self, reason, now)

    def hurry(self, now: float) -> None:
        """Wait for the final response 64*T1 from now, no longer (§9.1)."""
        self._hurried = True
        if self.state is _PROCEEDING and self._life_timer is None:
            self._live_for(self.layer.settings.t1x64, Timer.CANCEL, now)

    def handle_timer(self, timer: Timer, now: float) -> None:
        match timer:
            case Timer.A:
                self.layer.repeat(self._data, self.flow)
                self._interval *= 2
                self._repeat_after(self._interval, Timer.A, now)
            case Timer.B | Timer.CANCEL:
                self._fail(FailureReason.TIMEOUT, now)
            case Timer.D:
                self.terminate()
            case Timer.M:
                self.terminate()
                self.user.handle_invite_end(self)
            case _:
                raise AssertionError(f"{timer} is no timer of an INVITE client")

    def build_cancel(self) -> Request:
        """The CANCEL of this INVITE: same branch, same way (§9.1)."""
        copied = [pair for pair in self.request.headers.pairs if pair[0] in _COPIED_TO_CANCEL]
        copied.append(("CSeq", f"{self.request.cseq.number} CANCEL"))
        return Request("CANCEL", self.request.uri, Headers.of_canonical(copied))

    def _acknowledgement(self, response: Response) -> Request:
        """The ACK of an error response, to be sent where the INVITE went (§17.1.1.3)."""
        invite = self.request.headers
        pairs = [
            ("Via", invite.first.get("Via") or ""),
            ("Max-Forwards", "70"),
            *[("Route", route) for route in invite.all("Route")],
            ("From", invite.first.get("From") or ""),
            ("To", response.headers.first.get("To") or invite.first.get("To") or ""),
            ("Call-ID", self.request.call_id),
            ("CSeq", f"{self.request.cseq.number} ACK"),
        ]
        return Request("ACK", self.request.uri, Headers.of_canonical(pairs))
