"""The calling side of a call: an INVITE, its forks and its cancellation (RFC 3261 §9, §13.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.auth import CHALLENGES
from softswitch.sip.dialog import Dialog
from softswitch.sip.early_dialog import EarlyDialog, reliable_number
from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import Answered, Ended, InviteFailed, Progress, Rejected
from softswitch.sip.flow import Flow
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.invite_client import InviteClient
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.message import Request, Response
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.offer_answer import OfferAnswer, OfferState
from softswitch.sip.routing import is_private
from softswitch.sip.timers import Timer, TimerEntry
from softswitch.sip.transaction import FailureReason, TransactionState
from softswitch.sip.usage_state import UsageState

if TYPE_CHECKING:
    from softswitch.sip.stack import Stack

_MOST_BRANCHES = 64
"""More branches of one call than this are not believed in."""


class ClientUsage(InviteUsage):
    """A call of ours.

    A proxy may fork it: then several early dialogs exist until one accepts. Those that accept
    later are acknowledged and ended at once.
    """

    __slots__ = (
        "_acks",
        "_cancel_headers",
        "_challenged",
        "_exchanged",
        "_expires",
        "_transaction",
        "early",
        "patience",
    )

    role = "uac"

    def __init__(self, stack: Stack, request: Request, flow: Flow) -> None:
        super().__init__(stack, request, flow, request.from_tag)
        self.contact = request.headers.get("Contact") or ""
        self.early: dict[str, EarlyDialog] = {}
        """Early dialogs by remote tag."""
        self.patience = 0.0
        """Seconds until a peer that says nothing at all counts as silent; 0 for 64*T1."""
        self._transaction: InviteClient | None = None
        self._acks: dict[str, tuple[bytes, Flow] | None] = {}
        self._cancel_headers: ExtraHeaders | None = None
        self._challenged = False
        self._exchanged = False
        self._expires: TimerEntry | None = None

    def start(self, now: float) -> None:
        """Send the INVITE; it is cancelled where its Expires passes without an answer (§13.2.1)."""
        request = self.request
        seconds = request.expires
        if seconds is not None:
            self._expires = self.stack.timers.start(now + seconds, self, Timer.EXPIRES)
        self.enter(UsageState.INVITED)
        self.offers = OfferAnswer()
        if request.body:
            self.offers.send(self._offer)
        self._transaction = self.stack.start_invite(request, self.flow, self, now, self.patience)

    @property
    def _offer(self) -> str:
        return self.request.body.decode("utf-8", "replace")

    @property
    def early_answered(self) -> bool:
        """Whether the descriptions were exchanged before the 2xx, which then adds nothing."""
        return bool(self.offers.remote) and self._exchanged

    @property
    def prack_due(self) -> bool:
        """Whether a reliable provisional response carried an offer that we have not answered."""
        return any(early.due for early in self.early.values())

    def prack(self, sdp: str, *, now: float) -> None:
        """Acknowledge a provisional response that carried the offer, with our answer."""
        for early in self.early.values():
            if early.due and self._alive():
                early.offers.send(sdp)
                self._send_prack(early, early.due, sdp, now)

    def _send_prack(self, early: EarlyDialog, rack: str, sdp: str, now: float) -> None:
        early.due = ""
        headers = [("RAck", rack)]
        if sdp:
            headers.append(("Content-Type", "application/sdp"))
        request = self.build_request("PRACK", headers, sdp.encode(), dialog=early.dialog)
        self.send_request(request, self, now, dialog=early.dialog)

    def authenticate(self, name: str, value: str, *, now: float) -> None:
        """Send the INVITE again after a 401 or 407, with that header; the call goes on (§22.2)."""
        if not self._challenged:
            raise LocalProtocolError("the INVITE was not challenged")
        self._challenged = False
        self._repeat([(name, value)], now)

    def _repeat(self, headers: ExtraHeaders, now: float) -> None:
        """Send the INVITE again as a new one with other headers."""
        self.request = self.stack.renewed(self.request, self.request.cseq.number + 1)
        self.request.headers.update(headers)
        self.dialog = None
        self.stack.remember_usage(self)
        self.start(now)

    def cancel(self, headers: ExtraHeaders = (), *, now: float) -> None:
        """Give up before an answer.

        Told by ``Rejected`` (487), ``InviteFailed``, or ``Ended`` where the answer crossed: then it
        is acknowledged and ended by BYE. The CANCEL waits for a provisional response (§9.1).
        """
        transaction = self._transaction
        if self.state is not UsageState.INVITED and self.state is not UsageState.EARLY:
            if self.state in (UsageState.ACCEPTED, UsageState.CONFIRMED):
                raise LocalProtocolError("an answered call is ended by bye, not by cancel")
            return
        self.enter(UsageState.CANCELLING)
        self._cancel_headers = tuple(headers)
        if transaction is not None and transaction.state is TransactionState.PROCEEDING:
            self._send_cancel(transaction, now)

    def _send_cancel(self, transaction: InviteClient, now: float) -> None:
        self.stack.send_cancel(transaction, self._cancel_headers or (), now)
        self._cancel_headers = None
        transaction.hurry(now)

    def ack(self, sdp: str, headers: ExtraHeaders = (), *, now: float) -> None:
        if not self._alive():
            return
        acknowledged = self.renegotiation.ack(sdp, headers)
        if self.state is UsageState.ACCEPTED:
            self._acks[self.established().remote_tag] = acknowledged
            self.enter(UsageState.CONFIRMED)

    def _bye_unconfirmed(self, headers: ExtraHeaders, now: float) -> None:
        if self.state is UsageState.ACCEPTED:
            # The peer's offer is left unanswered: the session ends at once.
            self._send_bye(headers, now)
        else:
            self.cancel(headers, now=now)

    def _handle_bye(self, request: Request, now: float) -> None:
        if self.state in (UsageState.CONFIRMED, UsageState.ACCEPTED, UsageState.ENDING):
            super()._handle_bye(request, now)
            return
        # One branch is over (§15); the final response to the INVITE is still to come.
        early = self.early.pop(request.from_tag, None)
        if early is not None:
            self.stack.forget_dialog(early.dialog)
            if self.dialog is early.dialog:
                other = next(iter(self.early.values()), None)
                self.dialog = other.dialog if other is not None else None
                if other is not None:
                    self.offers = other.offers

    def handle_request(self, transaction: NonInviteServer, request: Request, now: float) -> None:
        early = self.early.get(request.from_tag)
        changing = self._renegotiation is not None and self._renegotiation.under_way
        if early is not None and request.method == "UPDATE" and not changing:
            # What a branch changes is its own session (RFC 3311 §5.2), no other's.
            self.dialog, self.offers = early.dialog, early.offers
        super().handle_request(transaction, request, now)

    def handle_timer(self, timer: Timer, now: float) -> None:
        if timer is not Timer.EXPIRES:
            raise AssertionError(f"{timer} is no timer of a calling usage")
        self._expires = None
        self.cancel(now=now)

    # From the INVITE transaction

    def handle_invite_response(
        self, transaction: InviteClient, response: Response, now: float
    ) -> None:
        status = response.status
        if status < 200:
            self._handle_provisional(transaction, response, now)
        elif status < 300:
            self._handle_acceptance(response, now)
        else:
            self._handle_refusal(response, now)

    def _handle_provisional(
        self, transaction: InviteClient, response: Response, now: float
    ) -> None:
        if self.state is UsageState.CANCELLING:
            if self._cancel_headers is not None:
                self._send_cancel(transaction, now)
            return
        if response.status == 100:
            return
        tag = response.to_tag
        if tag:
            early = self.early.get(tag)
            if early is None:
                if len(self.early) >= _MOST_BRANCHES:
                    return
                early = self._branch(tag, response)
            else:
                early.dialog.refresh_target(response)
            self._judge_symmetry(early.dialog)
            if reliable_number(response) is not None and not self._acknowledge(
                early, response, now
            ):
                return
        self.enter(UsageState.EARLY)
        self.stack.emit(Progress(self, response, tag))

    def _branch(self, tag: str, response: Response) -> EarlyDialog:
        """A new early dialog; the first one is ours until another is answered."""
        early = EarlyDialog(Dialog.of_caller(self.request, response), self._offer)
        self.early[tag] = early
        self.stack.remember_dialog(early.dialog, self)
        if self.dialog is None:
            self.dialog, self.offers = early.dialog, early.offers
        return early

    def _acknowledge(self, early: EarlyDialog, response: Response, now: float) -> bool:
        """Send the PRACK of a reliable response, unless our answer to its offer is to come first.

        False for a response that came before.
        """
        rack = early.take(response)
        if rack is None:
            return False
        if early.offers.state is OfferState.REMOTE_OFFER:
            early.due = rack
        else:
            self._send_prack(early, rack, "", now)
        return True

    def _handle_acceptance(self, response: Response, now: float) -> None:
        tag = response.to_tag
        if tag in self._acks:
            acknowledged = self._acks[tag]
            if acknowledged is not None:
                # The 2xx came again, so our ACK was lost.
                self.stack.send(*acknowledged)
            return
        if self.state is not UsageState.INVITED and self.state is not UsageState.EARLY:
            if len(self._acks) >= _MOST_BRANCHES:
                return
            self._decline(tag, response, now)
            return
        cseq = self.request.cseq.number
        self._stop_waiting()
        dialog = self._confirm(tag, response)
        self.peer_allows = response.headers.joined("Allow")
        self.session_timer.accepted(response, now)
        if response.body and not self._exchanged:
            self.offers.receive(response.body.decode("utf-8", "replace"))
        if self.offers.state is OfferState.REMOTE_OFFER:
            self._acks[tag] = None
            self.renegotiation.expect_ack(cseq)
            self.enter(UsageState.ACCEPTED)
        else:
            self.offers.withdraw()
            self._acks[tag] = self.send_ack(dialog, cseq)
            self.enter(UsageState.CONFIRMED)
        self.stack.emit(Answered(self, response))

    def _confirm(self, tag: str, response: Response) -> Dialog:
        """The dialog of the first 2xx; the early ones of other branches are given up."""
        early = self.early.pop(tag, None)
        if early is None:
            early = EarlyDialog(Dialog.of_caller(self.request, response), self._offer)
            self.stack.remember_dialog(early.dialog, self)
        else:
            early.dialog.learn_route(response)
        self._drop_early()
        dialog = early.dialog
        self.dialog, self.offers, self._exchanged = dialog, early.offers, early.answered
        self._judge_symmetry(dialog)
        return dialog

    def _decline(self, tag: str, response: Response, now: float) -> None:
        """A 2xx that comes too late, after another branch's or our CANCEL: ACK and BYE."""
        early = self.early.pop(tag, None)
        if early is None:
            dialog = Dialog.of_caller(self.request, response)
        else:
            dialog = early.dialog
            dialog.learn_route(response)
        self._judge_symmetry(dialog)
        self._acks[tag] = self.send_ack(dialog, self.request.cseq.number)
        bye = self.build_request("BYE", dialog=dialog)
        self.stack.start_request(bye, self.next_flow(dialog), self.stack.unheard, now)
        if self.state is UsageState.CANCELLING:
            self.close(now)
            self.stack.emit(Ended(self, None, "cancelled"))

    def _handle_refusal(self, response: Response, now: float) -> None:
        cancelling = self.state is UsageState.CANCELLING
        self.close(now)
        self._challenged = response.status in CHALLENGES and not cancelling
        self.offers.withdraw()
        credentials = self.credentials(self.request, response) if self._challenged else None
        if credentials is not None:
            self.authenticate(*credentials, now=now)
        elif response.status == 422 and not cancelling and self.session_timer.raise_to(response):
            self._repeat(self.session_timer.request_headers(), now)
        else:
            self.stack.emit(Rejected(self, response))

    def handle_invite_failure(
        self, transaction: InviteClient, reason: FailureReason, now: float
    ) -> None:
        self.close(now)
        self.stack.emit(InviteFailed(self, reason))

    def handle_invite_end(self, transaction: InviteClient) -> None:
        self._acks.clear()
        self._transaction = None

    def _judge_symmetry(self, dialog: Dialog) -> None:
        """A private Contact behind a public address is a NAT's inside: keep to the flow."""
        hop = dialog.hop
        if (
            hop is not None
            and hop.host != self.flow.remote[0]
            and is_private(hop.host)
            and not is_private(self.flow.remote[0])
        ):
            self.symmetric = True

    def _drop_early(self) -> None:
        for early in self.early.values():
            self.stack.forget_dialog(early.dialog)
        self.early.clear()

    def _stop_waiting(self) -> None:
        if self._expires is not None:
            self.stack.timers.cancel(self._expires)
            self._expires = None

    def close(self, now: float) -> None:
        self._stop_waiting()
        self._drop_early()
        super().close(now)
