"""A change of the session that the peer asks for by re-INVITE, UPDATE or PRACK (RFC 3261 §14.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.events import OfferReceived, Refreshed
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.invite_server import InviteServer
from softswitch.sip.message import Request
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.offer_answer import OfferState
from softswitch.sip.usage_state import UsageState

if TYPE_CHECKING:
    from softswitch.sip.renegotiation import Renegotiation


class PeerChange:
    """The peer's offer that waits for our user's answer; at most one."""

    __slots__ = ("_renegotiation", "_request", "_transaction", "usage")

    def __init__(self, renegotiation: Renegotiation) -> None:
        self.usage = renegotiation.usage
        self._renegotiation = renegotiation
        self._transaction: InviteServer | NonInviteServer | None = None
        self._request: Request | None = None

    @property
    def waits(self) -> bool:
        """Whether one waits for its answer."""
        return self._transaction is not None

    def receive_invite(self, transaction: InviteServer, request: Request, now: float) -> None:
        """A re-INVITE; it must wait for all that is under way."""
        usage = self.usage
        usage.imply_ack(request)
        unanswered = usage.role == "uas" and usage.state in (UsageState.INVITED, UsageState.EARLY)
        if unanswered or self._transaction is not None:
            self._refuse_overlap(transaction, request, now)
        elif self._renegotiation.busy:
            transaction.respond(usage.stack.response(request, 491), now)
        else:
            transaction.user = self
            self.receive_offer(transaction, request)

    def receive_update(self, transaction: NonInviteServer, request: Request, now: float) -> None:
        """An UPDATE; one without an offer only refreshes and is answered here."""
        usage = self.usage
        if not request.body:
            usage.established().refresh_target(request)
            headers = [("Contact", usage.contact_header()), *self._timer_headers(request, now)]
            usage.stack.reply(transaction, 200, headers=headers, now=now)
            usage.stack.emit(Refreshed(usage, request))
        elif self._transaction is not None or usage.offers.state is OfferState.REMOTE_OFFER:
            self._refuse_overlap(transaction, request, now)
        elif usage.offers.state is OfferState.LOCAL_OFFER:
            transaction.respond(usage.stack.response(request, 491), now)
        else:
            self.receive_offer(transaction, request)

    def _timer_headers(self, request: Request, now: float) -> list[tuple[str, str]]:
        if self.usage.state is not UsageState.CONFIRMED:
            return []
        return self.usage.session_timer.response_headers(request, now)

    def _refuse_overlap(
        self, transaction: InviteServer | NonInviteServer, request: Request, now: float
    ) -> None:
        # §14.2 and RFC 3311 §5.2: the first one is still unanswered.
        stack = self.usage.stack
        response = stack.response(request, 500)
        response.headers.add("Retry-After", str(round(10 * stack.chance())))
        transaction.respond(response, now)

    def receive_offer(self, transaction: InviteServer | NonInviteServer, request: Request) -> None:
        """Have the user answer what the peer offers."""
        usage = self.usage
        usage.established().refresh_target(request)
        self._transaction, self._request = transaction, request
        if request.body:
            usage.offers.receive(request.body.decode("utf-8", "replace"))
        usage.stack.emit(OfferReceived(usage, request))

    def answer(self, sdp: str | None, headers: ExtraHeaders, now: float) -> None:
        """Accept the peer's change; nothing if it was withdrawn meanwhile."""
        usage = self.usage
        transaction, request = self._take()
        if transaction is None or request is None:
            return
        response = usage.stack.response(request, 200)
        own = response.headers
        own.add("Contact", usage.contact_header())
        if request.method != "PRACK":
            own.add("Allow", usage.stack.allow)
            usage.stack.add_supported(own)
            for name, value in self._timer_headers(request, now):
                own.set(name, value)
        for name, value in headers:
            own.set(name, value)
        if sdp is not None:
            own.set("Content-Type", "application/sdp")
            response.body = sdp.encode()
            usage.offers.send(sdp)
        elif usage.offers.state is OfferState.REMOTE_OFFER:
            usage.offers.withdraw()
        if isinstance(transaction, InviteServer):
            usage.answer_with_ack(transaction, response, request.cseq.number, now)
        else:
            transaction.respond(response, now)

    def reject(self, status: int, headers: ExtraHeaders, now: float) -> None:
        """Refuse the peer's change; nothing if it was withdrawn meanwhile."""
        transaction, request = self._take()
        if transaction is None or request is None:
            return
        self.usage.offers.withdraw()
        response = self.usage.stack.response(request, status)
        for name, value in headers:
            response.headers.set(name, value)
        transaction.respond(response, now)

    def _take(self) -> tuple[InviteServer | NonInviteServer | None, Request | None]:
        taken = self._transaction, self._request
        self._transaction = self._request = None
        return taken

    def handle_cancel(self, transaction: InviteServer, request: Request, now: float) -> None:
        """The peer takes its re-INVITE back."""
        if transaction is self._transaction:
            self.reject(487, (), now)

    def __repr__(self) -> str:
        return f"<PeerChange {self._transaction!r}>"
