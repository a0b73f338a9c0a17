"""Changing a session by re-INVITE and UPDATE, one change at a time (RFC 3261 §14, RFC 3311).

What is ours is here; what the peer asks for is a `PeerChange`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.auth import CHALLENGES
from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import OfferAnswered, OfferRejected
from softswitch.sip.flow import Flow
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.invite_client import InviteClient
from softswitch.sip.message import Request, Response
from softswitch.sip.non_invite_client import NonInviteClient
from softswitch.sip.offer_answer import OfferState
from softswitch.sip.peer_change import PeerChange
from softswitch.sip.timers import Timer, TimerEntry
from softswitch.sip.transaction import FailureReason
from softswitch.sip.usage_state import UsageState

if TYPE_CHECKING:
    from softswitch.sip.invite_usage import InviteUsage

_GLARE_ATTEMPTS = 7
"""How often a re-INVITE that meets the peer's is tried again before it counts as refused."""


class Renegotiation:
    """At most one change of a session at a time, ours or the peer's."""

    __slots__ = (
        "_acknowledged",
        "_attempts",
        "_client",
        "_due",
        "_glare",
        "_headers",
        "_sdp",
        "theirs",
        "usage",
    )

    def __init__(self, usage: InviteUsage) -> None:
        self.usage = usage
        self.theirs = PeerChange(self)
        self._client: InviteClient | NonInviteClient | None = None
        self._due: int | None = None
        self._acknowledged: tuple[bytes, Flow] | None = None
        self._sdp: str | None = None
        self._headers: ExtraHeaders = ()
        self._attempts = 0
        self._glare: TimerEntry | None = None

    @property
    def ack_due(self) -> bool:
        """Whether a 2xx with an offer waits for our ACK."""
        return self._due is not None

    @property
    def under_way(self) -> bool:
        """Whether a change of either side waits for its answer."""
        return self._client is not None or self.theirs.waits

    @property
    def busy(self) -> bool:
        """Whether anything is under way, so that no further change may begin."""
        return (
            not self.usage.settled
            or self.under_way
            or self._due is not None
            or self.usage.offers.state is not OfferState.STABLE
        )

    def reinvite(self, sdp: str | None, headers: ExtraHeaders, now: float) -> None:
        """Send a re-INVITE."""
        self._sdp, self._headers, self._attempts = sdp, tuple(headers), 0
        self.usage.established()
        if self.busy or self._glare is not None:
            # §14.1: none while another is in progress in either direction.
            self._refused(491, None)
        else:
            self._send_invite(now)

    def _send_invite(self, now: float) -> None:
        usage = self.usage
        request = usage.build_request("INVITE")
        self._complete_offer(request, self._sdp, self._headers)
        self._start_invite(request, now)

    def _start_invite(self, request: Request, now: float) -> None:
        usage = self.usage
        self._acknowledged = None
        flow = usage.next_flow(usage.established())
        self._client = usage.stack.start_invite(request, flow, self, now)

    def update(self, sdp: str | None, headers: ExtraHeaders, now: float) -> None:
        """Send an UPDATE."""
        usage = self.usage
        usage.established()
        if self.busy and not (usage.early_agreed and not self.under_way):
            self._refused(491, None)
            return
        request = usage.build_request("UPDATE")
        self._complete_offer(request, sdp, headers)
        self._client = usage.send_request(request, self, now)

    def refresh(self, now: float) -> None:
        """Say again what is agreed; nothing while anything is under way, which refreshes too."""
        usage = self.usage
        if self.busy or self._glare is not None:
            return
        if usage.session_timer.wish.by_update and "UPDATE" in usage.peer_allows:
            self.update(None, (), now)
        else:
            self.reinvite(usage.offers.local or None, (), now)

    def _complete_offer(self, request: Request, sdp: str | None, headers: ExtraHeaders) -> None:
        usage = self.usage
        own = request.headers
        own.add("Contact", usage.contact_header())
        own.add("Allow", usage.stack.allow)
        usage.stack.add_supported(own)
        for name, value in (*usage.session_timer.request_headers(), *headers):
            own.set(name, value)
        if sdp is not None:
            own.set("Content-Type", "application/sdp")
            request.body = sdp.encode()
            usage.offers.send(sdp)

    def ack(self, sdp: str, headers: ExtraHeaders) -> tuple[bytes, Flow]:
        """Acknowledge a 2xx to our INVITE with the answer to its offer."""
        if self._due is None:
            raise LocalProtocolError("no 2xx waits for an ACK with an answer")
        cseq, self._due = self._due, None
        self.usage.offers.send(sdp)
        self._acknowledged = self.usage.send_ack(self.usage.established(), cseq, sdp, headers)
        return self._acknowledged

    def expect_ack(self, cseq: int) -> None:
        """A 2xx to our INVITE carried the offer: it waits for :meth:`ack`."""
        self._due = cseq

    def handle_invite_response(
        self, transaction: InviteClient, response: Response, now: float
    ) -> None:
        status = response.status
        if status < 200:
            return
        if status >= 300:
            self._handle_refusal(transaction, response, now)
        elif transaction is self._client:
            self._handle_acceptance(transaction, response, now)
        elif self._acknowledged is not None:
            # The 2xx came again, so our ACK was lost.
            self.usage.stack.send(*self._acknowledged)
        elif not self.ack_due:
            # The call has ended meanwhile.
            cseq = transaction.request.cseq.number
            self._acknowledged = self.usage.send_ack(self.usage.established(), cseq)

    def _handle_acceptance(self, transaction: InviteClient, response: Response, now: float) -> None:
        usage = self.usage
        self._client = None
        usage.session_timer.accepted(response, now)
        dialog = usage.established()
        dialog.refresh_target(response)
        cseq = transaction.request.cseq.number
        self._take_answer(response)
        if usage.offers.state is OfferState.REMOTE_OFFER:
            self._due = cseq
        else:
            self._acknowledged = usage.send_ack(dialog, cseq)
        usage.stack.emit(OfferAnswered(usage, response))

    def _take_answer(self, response: Response) -> None:
        offers = self.usage.offers
        if response.body:
            offers.receive(response.body.decode("utf-8", "replace"))
        elif offers.state is OfferState.LOCAL_OFFER:
            offers.withdraw()

    def handle_invite_failure(
        self, transaction: InviteClient, reason: FailureReason, now: float
    ) -> None:
        self._handle_silence(transaction, reason, now)

    def handle_invite_end(self, transaction: InviteClient) -> None:
        if self._client is None:
            self._acknowledged = None

    def handle_response(self, transaction: NonInviteClient, response: Response, now: float) -> None:
        if transaction is not self._client or response.status < 200:
            return
        if response.status >= 300:
            self._handle_refusal(transaction, response, now)
            return
        self._client = None
        if self.usage.state is not UsageState.EARLY:
            self.usage.session_timer.accepted(response, now)
        self.usage.established().refresh_target(response)
        self._take_answer(response)
        self.usage.stack.emit(OfferAnswered(self.usage, response))

    def handle_failure(
        self, transaction: NonInviteClient, reason: FailureReason, now: float
    ) -> None:
        self._handle_silence(transaction, reason, now)

    def _handle_silence(
        self, transaction: InviteClient | NonInviteClient, reason: FailureReason, now: float
    ) -> None:
        if transaction is not self._client:
            return
        if reason is FailureReason.TIMEOUT:
            self.usage.fail("408", now)
        else:
            self._refused(503, None)

    def _handle_refusal(
        self, transaction: InviteClient | NonInviteClient, response: Response, now: float
    ) -> None:
        if transaction is not self._client:
            return
        usage = self.usage
        status = response.status
        if status in CHALLENGES and self._repeat_authorized(transaction, response, now):
            return
        if status in (408, 481):
            usage.fail(str(status), now)
            return
        if status == 422 and usage.session_timer.raise_to(response):
            self._repeat(transaction, now)
            return
        if (
            status == 491
            and isinstance(transaction, InviteClient)
            and self._attempts < _GLARE_ATTEMPTS
        ):
            self._attempts += 1
            self._client = None
            usage.offers.withdraw()
            self._glare = usage.stack.timers.start(now + self._pause(), self, Timer.GLARE)
            return
        self._refused(status, response)

    def _repeat_authorized(
        self, transaction: InviteClient | NonInviteClient, response: Response, now: float
    ) -> bool:
        usage = self.usage
        if isinstance(transaction, NonInviteClient):
            self._client = usage.repeat_authorized(transaction, response, self, now) or transaction
            return self._client is not transaction
        credentials = usage.credentials(transaction.request, response)
        if credentials is None:
            return False
        cseq = usage.established().next_cseq()
        request = usage.stack.renewed(transaction.request, cseq)
        request.headers.set(*credentials)
        self._start_invite(request, now)
        return True

    def _repeat(self, transaction: InviteClient | NonInviteClient, now: float) -> None:
        """Send a request again with a longer session interval."""
        usage = self.usage
        request = usage.stack.renewed(transaction.request, usage.established().next_cseq())
        for name, value in usage.session_timer.request_headers():
            request.headers.set(name, value)
        if isinstance(transaction, InviteClient):
            self._start_invite(request, now)
        else:
            self._client = usage.send_request(request, self, now)

    def _pause(self) -> float:
        """How long to wait after a glare: the owner of the Call-ID waits longer (§14.1)."""
        chance = self.usage.stack.chance()
        steps = 210 + round(190 * chance) if self.usage.role == "uac" else round(200 * chance)
        return steps / 100

    def _refused(self, status: int, response: Response | None) -> None:
        usage = self.usage
        if response is not None or status == 503:
            self._client = None
            usage.offers.withdraw()
        usage.stack.emit(OfferRejected(usage, status, response))

    def handle_timer(self, timer: Timer, now: float) -> None:
        if timer is not Timer.GLARE:
            raise AssertionError(f"{timer} is no timer of a renegotiation")
        self._glare = None
        if self.busy:
            self._refused(491, None)
        else:
            self._send_invite(now)

    def abandon(self, now: float) -> None:
        """The call ends: answer what waits, start nothing again."""
        self.usage.stack.timers.cancel(self._glare)
        self._glare = None
        if isinstance(self._client, InviteClient):
            self._client.hurry(now)
        self._client = None
        self.theirs.reject(487, (), now)
        if self._due is not None:
            self.usage.offers.withdraw()
            cseq, self._due = self._due, None
            self._acknowledged = self.usage.send_ack(self.usage.established(), cseq)

    def __repr__(self) -> str:
        return f"<Renegotiation ours={self._client!r} theirs={self.theirs!r}>"
