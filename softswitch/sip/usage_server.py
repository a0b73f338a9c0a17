"""The called side of a call: an INVITE received and answered (RFC 3261 §13.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.dialog import Dialog
from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import Cancelled
from softswitch.sip.flow import Flow
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.invite_server import InviteServer
from softswitch.sip.invite_usage import InviteUsage, UsageState
from softswitch.sip.message import Request, Response
from softswitch.sip.timers import Timer, TimerEntry
from softswitch.sip.transaction import TransactionState

if TYPE_CHECKING:
    from softswitch.sip.stack import Stack


class ServerUsage(InviteUsage):
    """A call to us."""

    __slots__ = ("_provisional", "_transaction")

    role = "uas"

    def __init__(
        self, stack: Stack, request: Request, transaction: InviteServer, dialog: Dialog, flow: Flow
    ) -> None:
        super().__init__(stack, request, flow, dialog.local_tag)
        self.dialog = dialog
        vias = request.headers.all("Via")
        if len(vias) == 1 and "," not in vias[0]:
            # The caller itself sent this: is it elsewhere than it believes?
            self.symmetric = request.top_via.host != flow.remote[0]
        self._transaction = transaction
        transaction.user = self
        self._provisional: TimerEntry | None = None
        if request.body:
            self.offers.receive(request.body.decode("utf-8", "replace"))

    def ring(
        self,
        status: int = 180,
        sdp: str | None = None,
        headers: ExtraHeaders = (),
        *,
        now: float,
    ) -> None:
        """Send a provisional response, with a description for early media; repeated each minute."""
        if not self._alive():
            return
        self._expect_unanswered()
        if not 100 < status < 200:
            raise LocalProtocolError(f"{status} is not a provisional response")
        self.enter(UsageState.EARLY)
        response = self._response(status, None, headers, sdp)
        self._transaction.respond(response, now)
        self.stack.timers.cancel(self._provisional)
        self._repeat_provisional(now)

    def accept(self, sdp: str | None, headers: ExtraHeaders = (), *, now: float) -> None:
        """Send 200, repeated until ``Acknowledged`` or ``AckTimeout``.

        ``sdp`` is the answer, or our offer where the INVITE had none.
        """
        if not self._alive():
            return
        self._expect_unanswered()
        self._leave_early()
        self.enter(UsageState.ACCEPTED)
        if sdp is not None:
            self.offers.send(sdp)
        response = self._response(200, None, headers, sdp)
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
            own.add("Contact", self.contact_header())
            own.add("Allow", self.stack.allow)
        for name, value in headers:
            own.set(name, value)
        if sdp is not None:
            own.set("Content-Type", "application/sdp")
            response.body = sdp.encode()
        return response

    def _bye_unconfirmed(self, headers: ExtraHeaders, now: float) -> None:
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
        if timer is not Timer.PROVISIONAL:
            raise AssertionError(f"{timer} is no timer of a called usage")
        self._transaction.repeat()
        self._repeat_provisional(now)

    def _repeat_provisional(self, now: float) -> None:
        deadline = now + self.stack.settings.provisional
        self._provisional = self.stack.timers.start(deadline, self, Timer.PROVISIONAL)

    def _leave_early(self) -> None:
        self.stack.timers.cancel(self._provisional)
        self._provisional = None

    def close(self, now: float) -> None:
        self._leave_early()
        if self._transaction.state is TransactionState.PROCEEDING:
            # A BYE ended the early dialog: its INVITE still wants an answer (§15.1.2).
            self._transaction.respond(self._response(487, None, (), None), now)
        super().close(now)
