"""The INVITE usage of a dialog: one call as one user agent sees it (RFC 3261 §13–§15, RFC 5057)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from softswitch.sip.dialog import Dialog
from softswitch.sip.dialog_usage import DialogUsage
from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import (
    Acknowledged,
    AckTimeout,
    ByeAnswered,
    Ended,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from softswitch.sip.flow import Flow
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.message import Request, Response
from softswitch.sip.non_invite_client import NonInviteClient
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.offer_answer import OfferAnswer, OfferState
from softswitch.sip.pending_ack import PendingAck
from softswitch.sip.renegotiation import Renegotiation
from softswitch.sip.session_timer import SessionTimer
from softswitch.sip.transaction import FailureReason
from softswitch.sip.usage_state import UsageState

if TYPE_CHECKING:
    from softswitch.sip.invite_server import InviteServer
    from softswitch.sip.stack import Stack

logger = logging.getLogger(__name__)


class InviteUsage(DialogUsage):
    """One call, of either role: :class:`ClientUsage` for the caller, :class:`ServerUsage` else.

    Operations on a usage that has ended do nothing, since its end may be waiting among the
    events; those that the state forbids otherwise raise LocalProtocolError.
    """

    __slots__ = (
        "_pending_ack",
        "_renegotiation",
        "_waiting_bye",
        "follows_bye",
        "offers",
        "peer_allows",
        "request",
        "session_timer",
        "state",
    )

    role: ClassVar[str]
    """``uac`` or ``uas``."""

    def __init__(self, stack: Stack, request: Request, flow: Flow, local_tag: str) -> None:
        super().__init__(stack, flow, local_tag)
        self.request = request
        """The INVITE that began the call."""
        self.state = UsageState.INVITED
        self.offers = OfferAnswer()
        self.peer_allows = ""
        """The peer's Allow header."""
        self.session_timer = SessionTimer(self, stack.session_interval)
        self._pending_ack: PendingAck | None = None
        self._renegotiation: Renegotiation | None = None
        self._waiting_bye: ExtraHeaders | None = None
        self.follows_bye = False
        """Whether the answer to our BYE is told by ``ByeAnswered``."""

    # Requests of ours within the dialog

    def bye(self, headers: ExtraHeaders = (), *, now: float) -> None:
        """End the call; before our 2xx is acknowledged the BYE waits for its ACK (§15)."""
        match self.state:
            case UsageState.CONFIRMED:
                self._send_bye(headers, now)
            case UsageState.ENDING | UsageState.TERMINATED:
                pass
            case _:
                self._bye_unconfirmed(headers, now)

    def _bye_unconfirmed(self, headers: ExtraHeaders, now: float) -> None:
        raise NotImplementedError

    def request_in_dialog(
        self,
        method: str,
        headers: ExtraHeaders = (),
        body: bytes = b"",
        *,
        now: float,
    ) -> NonInviteClient:
        """Send INFO, REFER, NOTIFY, MESSAGE …; its responses come as ``ResponseReceived``."""
        return self.send_request(self.build_request(method, headers, body), self, now)

    def info(self, content_type: str, body: bytes, *, now: float) -> NonInviteClient:
        """Send an INFO (RFC 6086 without packages)."""
        return self.request_in_dialog("INFO", (("Content-Type", content_type),), body, now=now)

    def respond(
        self,
        transaction: NonInviteServer,
        status: int,
        headers: ExtraHeaders = (),
        body: bytes = b"",
        *,
        now: float,
    ) -> None:
        """Answer a request of ``RequestReceived``."""
        self.stack.reply(transaction, status, headers=headers, body=body, now=now)

    # Changing the session

    def reinvite(self, sdp: str | None = None, headers: ExtraHeaders = (), *, now: float) -> None:
        """Offer a changed session, or ask for the peer's offer where ``sdp`` is None (§14.1).

        Told by ``OfferAnswered`` or ``OfferRejected``; the latter at once, with 491, while the call
        is not confirmed or another change is under way. One that meets the peer's is tried again.
        """
        if self._alive():
            self.renegotiation.reinvite(sdp, headers, now)

    def update(self, sdp: str | None = None, headers: ExtraHeaders = (), *, now: float) -> None:
        """Offer a changed session by UPDATE, or refresh it where ``sdp`` is None (RFC 3311)."""
        if self._alive():
            self.renegotiation.update(sdp, headers, now)

    def answer_reinvite(self, sdp: str | None, headers: ExtraHeaders = (), *, now: float) -> None:
        """Accept what ``OfferReceived`` told; ``sdp`` is the answer, or the offer asked for."""
        if self._alive():
            self.renegotiation.theirs.answer(sdp, headers, now)

    def reject_reinvite(self, status: int = 488, headers: ExtraHeaders = (), *, now: float) -> None:
        """Refuse what ``OfferReceived`` told; the session stays as it was."""
        if self._alive():
            self.renegotiation.theirs.reject(status, headers, now)

    def refresh(self, now: float) -> None:
        """Refresh the session as it is, because its timer says so (RFC 4028 §10)."""
        if self.state is UsageState.CONFIRMED:
            self.renegotiation.refresh(now)

    def prack(self, sdp: str, *, now: float) -> None:
        raise self._wrong_role("acknowledges provisional responses")

    @property
    def ack_due(self) -> bool:
        """Whether the peer's 2xx carried an offer that ``ack`` has not answered yet."""
        return self._renegotiation is not None and self._renegotiation.ack_due

    def ack(self, sdp: str, headers: ExtraHeaders = (), *, now: float) -> None:
        """Acknowledge a 2xx that carried the offer, with our answer."""
        if self._alive():
            self.renegotiation.ack(sdp, headers)

    # What belongs to one role alone

    def ring(
        self,
        status: int = 180,
        sdp: str | None = None,
        headers: ExtraHeaders = (),
        *,
        now: float,
    ) -> None:
        raise self._wrong_role("rings")

    def accept(self, sdp: str | None, headers: ExtraHeaders = (), *, now: float) -> None:
        raise self._wrong_role("accepts")

    def reject(
        self,
        status: int,
        reason: str | None = None,
        headers: ExtraHeaders = (),
        *,
        now: float,
    ) -> None:
        raise self._wrong_role("rejects")

    def cancel(self, headers: ExtraHeaders = (), *, now: float) -> None:
        raise self._wrong_role("cancels")

    def authenticate(self, name: str, value: str, *, now: float) -> None:
        raise self._wrong_role("authenticates")

    def _wrong_role(self, verb: str) -> LocalProtocolError:
        return LocalProtocolError(f"a {self.role} never {verb}")

    # From the stack

    def handle_request(self, transaction: NonInviteServer, request: Request, now: float) -> None:
        """A request in our dialog, in order."""
        method = request.method
        if method == "BYE":
            self.stack.reply(transaction, 200, now=now)
            self._handle_bye(request, now)
        elif not self._alive():
            self.stack.reply(transaction, 481, now=now)
        elif method == "UPDATE":
            self.renegotiation.theirs.receive_update(transaction, request, now)
        else:
            self.stack.emit(RequestReceived(transaction, request, self))

    def _handle_bye(self, request: Request, now: float) -> None:
        if self._alive():
            self.close(now)
            self.stack.emit(Ended(self, request, "bye"))
        elif self._waiting_bye is not None:
            # Our own BYE waits for an ACK that is not needed any more.
            self.close(now)

    def handle_reinvite(self, transaction: InviteServer, request: Request, now: float) -> None:
        """A re-INVITE in our dialog, in order."""
        if self._alive():
            self.renegotiation.theirs.receive_invite(transaction, request, now)
        else:
            transaction.respond(self.stack.response(request, 481), now)

    def handle_ack(self, request: Request, now: float) -> None:
        """The ACK of one of our 2xx, perhaps again."""
        pending = self._pending_ack
        if pending is None or request.cseq.number != pending.cseq:
            return
        pending.stop()
        self._pending_ack = None
        if request.body:
            self.offers.receive(request.body.decode("utf-8", "replace"))
        self.offers.withdraw()
        if self._waiting_bye is not None:
            self._send_bye(self._waiting_bye, now)
        elif self._alive():
            self.enter(UsageState.CONFIRMED)
            self.stack.emit(Acknowledged(self, request))

    def imply_ack(self, request: Request) -> None:
        """A new INVITE proves that our 2xx arrived, though its ACK is lost (RFC 5407 §3.1.5).

        Not where that ACK has to bring an answer, nor where a BYE waits for it.
        """
        pending = self._pending_ack
        if (
            pending is None
            or self.offers.state is not OfferState.STABLE
            or self._waiting_bye is not None
        ):
            return
        pending.stop()
        self._pending_ack = None
        if self.state is UsageState.ACCEPTED:
            self.enter(UsageState.CONFIRMED)
        self.stack.emit(Acknowledged(self, request))

    def handle_missing_ack(self, now: float) -> None:
        """Our 2xx was repeated for 64*T1 in vain: the session is ended by BYE (§13.3.1.4)."""
        self._pending_ack = None
        if self._waiting_bye is not None:
            self._send_bye(self._waiting_bye, now)
        else:
            self.stack.emit(AckTimeout(self))
            self.fail("ack timeout", now)

    def handle_response(self, transaction: NonInviteClient, response: Response, now: float) -> None:
        final = response.status >= 200
        if final and self.repeat_authorized(transaction, response, self, now):
            return
        if transaction.request.method == "PRACK":
            return
        if transaction.request.method != "BYE":
            self.stack.emit(ResponseReceived(transaction, response, final))
            if response.status == 481 and transaction.request.method != "NOTIFY":
                self._handle_unknown(now)
        elif final:
            self.close(now)
            if self.follows_bye:
                self.stack.emit(ByeAnswered(self, response))

    def _handle_unknown(self, now: float) -> None:
        """The peer has lost the call (§12.2.1.2); of a NOTIFY it denies the subscription alone
        (RFC 5057 §5.1).
        """
        if self.state is UsageState.CONFIRMED:
            self.fail("481", now)

    def handle_failure(
        self, transaction: NonInviteClient, reason: FailureReason, now: float
    ) -> None:
        if transaction.request.method == "BYE":
            self.close(now)
        elif transaction.request.method != "PRACK":
            self.stack.emit(TransactionFailed(transaction, reason))

    # For the parts of a usage

    @property
    def early_agreed(self) -> bool:
        """Whether offer and answer were exchanged reliably before the call is answered."""
        return (
            self.state is UsageState.EARLY
            and self.offers.state is OfferState.STABLE
            and bool(self.offers.remote)
        )

    @property
    def settled(self) -> bool:
        """Whether the latest INVITE of either side is accepted and acknowledged."""
        return self.state is UsageState.CONFIRMED and self._pending_ack is None

    @property
    def renegotiation(self) -> Renegotiation:
        """What changes the session; made when first needed."""
        if self._renegotiation is None:
            self._renegotiation = Renegotiation(self)
        return self._renegotiation

    def _alive(self) -> bool:
        return self.state is not UsageState.ENDING and self.state is not UsageState.TERMINATED

    def enter(self, state: UsageState) -> None:
        """Change the state."""
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("= %s %s → %s", self.request.call_id, self.state.name, state.name)
        self.state = state

    def send_ack(
        self, dialog: Dialog, cseq: int, sdp: str | None = None, headers: ExtraHeaders = ()
    ) -> tuple[bytes, Flow]:
        """Send the ACK of a 2xx; what is given back is to be sent again if the 2xx is."""
        body = (sdp or "").encode()
        request = self.build_request("ACK", headers, body, dialog=dialog, cseq=cseq)
        if body:
            request.headers.set("Content-Type", "application/sdp")
        flow = self.next_flow(dialog)
        self.stack.add_via(request, flow)
        data = request.encode()
        self.stack.send(data, flow)
        return data, flow

    def answer_with_ack(
        self, transaction: InviteServer, response: Response, cseq: int, now: float
    ) -> None:
        """Send a 2xx and repeat it until its ACK."""
        data = transaction.accept(response, now)
        if data:
            self._pending_ack = PendingAck(self.stack, self, data, transaction.flow, cseq, now)

    def _send_bye(self, headers: ExtraHeaders, now: float) -> None:
        self.enter(UsageState.ENDING)
        self._waiting_bye = None
        self._settle(now)
        self.send_request(self.build_request("BYE", headers), self, now)

    def _settle(self, now: float) -> None:
        """Leave nothing open that changes the session."""
        self.session_timer.stop()
        if self._pending_ack is not None:
            self._pending_ack.stop()
            self._pending_ack = None
        if self._renegotiation is not None:
            self._renegotiation.abandon(now)

    def fail(self, reason: str, now: float) -> None:
        """The peer does not know the dialog, or is gone: end the call (§12.2.1.2)."""
        if self._alive():
            self._send_bye((), now)
            self.stack.emit(Ended(self, None, reason))

    def close(self, now: float) -> None:
        """Be over and leave nothing behind."""
        if self.state is UsageState.TERMINATED:
            return
        self.enter(UsageState.TERMINATED)
        self._settle(now)
        self.stack.forget_usage(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.request.call_id} {self.state.name} {self.flow}>"
