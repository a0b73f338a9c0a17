"""The called side of a call: an INVITE received and answered (RFC 3261 §13.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.dialog import Dialog
from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import Cancelled, Ended, ProvisionalAcknowledged
from softswitch.sip.flow import Flow
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.invite_server import InviteServer
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.message import Request, Response
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.offer_answer import OfferState
from softswitch.sip.reliable_responses import ReliableResponses
from softswitch.sip.timers import Timer, TimerEntry
from softswitch.sip.transaction import TransactionState
from softswitch.sip.usage_state import UsageState

if TYPE_CHECKING:
    from softswitch.sip.stack import Stack


class ServerUsage(InviteUsage):
    """A call to us."""

    __slots__ = ("_deferred", "_expires", "_provisional", "_reliable", "_transaction", "reliable")

    role = "uas"

    def __init__(
        self, stack: Stack, request: Request, transaction: InviteServer, dialog: Dialog, flow: Flow
    ) -> None:
        super().__init__(stack, request, flow, dialog.local_tag)
        self.dialog = dialog
        if "," not in request.headers.joined("Via"):
            # The caller itself sent this: is it elsewhere than it believes?
            self.symmetric = request.top_via.host != flow.remote[0]
        self._transaction = transaction
        transaction.user = self
        self._provisional: TimerEntry | None = None
        self._expires: TimerEntry | None = None
        self.peer_allows = request.headers.joined("Allow")
        able = "100rel" in stack.supported and request.names_option("Supported", "100rel")
        self.reliable = able or request.names_option("Require", "100rel")
        """Whether provisional responses are sent until they are acknowledged by PRACK."""
        self._reliable: ReliableResponses | None = None
        self._deferred: tuple[str | None, ExtraHeaders] | None = None
        if request.body:
            self.offers.receive(request.body.decode("utf-8", "replace"))

    def start(self, now: float) -> None:
        """Mind how long the caller wants to wait at most (§13.3.1); told by ``Ended``."""
        seconds = self.request.expires
        if seconds is not None:
            self._expires = self.stack.timers.start(now + seconds, self, Timer.EXPIRES)

    def ring(
        self,
        status: int = 180,
        sdp: str | None = None,
        headers: ExtraHeaders = (),
        *,
        now: float,
    ) -> None:
        """Send a provisional response, with a description for early media; repeated each minute.

        Where ``reliable`` a description is the answer, or the offer, and settles with the PRACK.
        """
        if not self._alive():
            return
        self._expect_unanswered()
        if not 100 < status < 200:
            raise LocalProtocolError(f"{status} is not a provisional response")
        self.enter(UsageState.EARLY)
        if self.reliable and self._says_again(sdp):
            sdp = None
        response = self._response(status, None, headers, sdp)
        if self.reliable:
            if sdp is not None:
                self.offers.send(sdp)
            if self._reliable is None:
                first = 1 + int(self.stack.chance() * (1 << 30))
                self._reliable = ReliableResponses(self, first)
            self._reliable.send(self._transaction, response, now)
        else:
            self._transaction.respond(response, now)
        self.stack.timers.cancel(self._provisional)
        self._repeat_later(now)

    def _says_again(self, sdp: str | None) -> bool:
        """Whether a description was said reliably already (RFC 6337 §3.1)."""
        return sdp is not None and sdp == self.offers.local and bool(self.offers.remote)

    def accept(self, sdp: str | None, headers: ExtraHeaders = (), *, now: float) -> None:
        """Send 200, repeated until ``Acknowledged`` or ``AckTimeout``.

        ``sdp`` is the answer, or our offer where the INVITE had none.
        """
        if not self._alive():
            return
        self._expect_unanswered()
        if self._holds_answer:
            # RFC 3262 §3: not before the PRACK of what settles the session.
            self._deferred = (sdp, tuple(headers))
            return
        self._leave_early()
        if self.offers.state is OfferState.STABLE and self.offers.remote:
            sdp = None
        self.enter(UsageState.ACCEPTED)
        if sdp is not None:
            self.offers.send(sdp)
        response = self._response(200, None, headers, sdp)
        for name, value in self.session_timer.response_headers(self.request, now):
            response.headers.set(name, value)
        self.answer_with_ack(self._transaction, response, self.request.cseq.number, now)

    def reject(
        self,
        status: int,
        reason: str | None = None,
        headers: ExtraHeaders = (),
        *,
        now: float,
    ) -> None:
        """Send a final response of 300 or above; the call is over."""
        if not self._alive():
            return
        self._expect_unanswered()
        if not 300 <= status < 700:
            raise LocalProtocolError(f"{status} rejects nothing")
        self._transaction.respond(self._response(status, reason, headers, None), now)
        self.close(now)

    def _expect_unanswered(self) -> None:
        if self.state is not UsageState.INVITED and self.state is not UsageState.EARLY:
            raise LocalProtocolError("the INVITE was answered already")

    def _response(
        self, status: int, reason: str | None, headers: ExtraHeaders, sdp: str | None
    ) -> Response:
        response = self.stack.response(self.request, status, reason, to_tag=self.local_tag)
        own = response.headers
        if status < 300:
            own.extend([("Contact", self.contact_header()), *self.stack.abilities])
        own.update(headers)
        if sdp is not None:
            own.set("Content-Type", "application/sdp")
            response.body = sdp.encode()
        return response

    def _bye_unconfirmed(self, headers: ExtraHeaders, now: float) -> None:
        if self._deferred is not None:
            # Answered for its owner, but not for the caller yet.
            self.reject(480, headers=headers, now=now)
            return
        if self.state is not UsageState.ACCEPTED:
            raise LocalProtocolError("an unanswered call is ended by reject, not by bye")
        self._waiting_bye = tuple(headers)
        self.enter(UsageState.ENDING)

    def handle_cancel(self, transaction: InviteServer, request: Request, now: float) -> None:
        """The caller gives up; its CANCEL is answered already (§9.2)."""
        transaction.respond(self._response(487, None, (), None), now)
        self.close(now)
        self.stack.emit(Cancelled(self, request))

    def handle_timer(self, timer: Timer, now: float) -> None:
        if timer is Timer.EXPIRES:
            self._expires = None
            self.reject(487, now=now)
            self.stack.emit(Ended(self, None, "expired"))
            return
        if timer is not Timer.PROVISIONAL:
            raise AssertionError(f"{timer} is no timer of a called usage")
        self._transaction.repeat()
        self._repeat_later(now)

    def repeat_provisional(self) -> None:
        """Send the latest provisional response again."""
        self._transaction.repeat()

    def handle_request(self, transaction: NonInviteServer, request: Request, now: float) -> None:
        if request.method == "PRACK":
            self._handle_prack(transaction, request, now)
        else:
            super().handle_request(transaction, request, now)

    def _handle_prack(self, transaction: NonInviteServer, request: Request, now: float) -> None:
        reliable = self._reliable
        if reliable is None or not reliable.acknowledge(request, self._transaction, now):
            self.stack.reply(transaction, 481, now=now)
            return
        answers = self.offers.state is OfferState.LOCAL_OFFER
        if request.body and not answers and self.early_agreed:
            # A further offer (RFC 3262 §5); the answer goes into the response.
            self.renegotiation.theirs.receive_offer(transaction, request)
        else:
            if request.body and answers:
                self.offers.receive(request.body.decode("utf-8", "replace"))
            self.stack.reply(transaction, 200, now=now)
            self.stack.emit(ProvisionalAcknowledged(self, request))
        if self._deferred is not None and not self._holds_answer:
            (sdp, headers), self._deferred = self._deferred, None
            self.accept(sdp, headers, now=now)

    @property
    def early_agreed(self) -> bool:
        return super().early_agreed and not self._holds_answer

    @property
    def _holds_answer(self) -> bool:
        """Whether a description of ours waits for its PRACK."""
        return self._reliable is not None and self._reliable.holds_answer

    def handle_missing_prack(self, now: float) -> None:
        """A reliable response was repeated for 64*T1 in vain: the call is refused (§3)."""
        self.reject(504, now=now)
        self.stack.emit(Ended(self, None, "prack timeout"))

    def _repeat_later(self, now: float) -> None:
        deadline = now + self.stack.settings.provisional
        self._provisional = self.stack.timers.start(deadline, self, Timer.PROVISIONAL)

    def _leave_early(self) -> None:
        if self._expires is not None:
            self.stack.timers.cancel(self._expires)
            self._expires = None
        if self._provisional is not None:
            self.stack.timers.cancel(self._provisional)
            self._provisional = None
        if self._reliable is not None:
            self._reliable.stop()

    def close(self, now: float) -> None:
        self._leave_early()
        if self._transaction.state is TransactionState.PROCEEDING:
            # A BYE ended the early dialog: its INVITE still wants an answer (§15.1.2).
            self._transaction.respond(self._response(487, None, (), None), now)
        super().close(now)
