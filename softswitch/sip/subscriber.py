"""A subscription of ours to something elsewhere: SUBSCRIBE out, NOTIFY in (RFC 6665 §4.1)."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from softswitch.sip.auth import CHALLENGES, authorization, is_refused
from softswitch.sip.dialog import Dialog
from softswitch.sip.dialog_usage import DialogUsage
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import Notified, SubscriberFailed
from softswitch.sip.flow import Flow
from softswitch.sip.headers import parameters, retry_after
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.message import Request, Response
from softswitch.sip.non_invite_client import NonInviteClient
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.subscription import read_event
from softswitch.sip.timers import Timer, TimerEntry
from softswitch.sip.transaction import FailureReason
from softswitch.sip.uri import NameAddr

if TYPE_CHECKING:
    from softswitch.sip.invite_server import InviteServer
    from softswitch.sip.stack import Stack

_ATTEMPTS = 4
"""How often one SUBSCRIBE may be challenged or found too short before that counts as refused."""


class SubscriberState(Enum):
    """Where a subscription of ours stands."""

    IDLE = "not started, or stopped"
    TRYING = "SUBSCRIBE sent, nothing granted"
    ACTIVE = "granted"
    WAITING = "refused, unanswered or ended; tried again later"
    REMOVING = "SUBSCRIBE sent that ends it"


class Subscriber(DialogUsage):
    """One subscription of ours, refreshed before four fifths to nine tenths of its time are over.

    Told by ``Notified``, and by ``SubscriberFailed`` where it is refused, unanswered or ended by
    the notifier: it begins anew ``retry`` seconds later, or when Retry-After says.
    """

    __slots__ = (
        *("_address", "_attempts", "_call_id", "_cseq", "_expires", "_headers", "_password"),
        *("_timer", "_transaction", "_uri", "_username", "event", "retry", "state"),
    )

    def __init__(
        self,
        stack: Stack,
        flow: Flow,
        *,
        uri: str,
        address: NameAddr,
        event: str,
        accept: str = "",
        expires: int = 3600,
        retry: float = 30.0,
        username: str = "",
        password: str = "",
        contact: str = "",
    ) -> None:
        """``uri`` is the Request-URI, ``address`` From and To, ``contact`` the whole Contact."""
        super().__init__(stack, flow, "")
        self.event = event
        self.retry = retry
        self.state = SubscriberState.IDLE
        self.contact = contact
        self._uri = uri
        self._address = address
        self._headers = (("Event", event), *((("Accept", accept),) if accept else ()))
        self._expires = expires
        self._username = username
        self._password = password
        self._call_id = ""
        self._cseq = 0
        self._attempts = 0
        self._timer: TimerEntry | None = None
        self._transaction: NonInviteClient | None = None

    def move(self, flow: Flow, contact: str) -> None:
        """Subscribe by another way from the next subscription on."""
        self.flow, self.contact = flow, contact

    def start(self, now: float) -> None:
        """Subscribe, or refresh what stands."""
        self._stop_timer()
        if self.dialog is None:
            self._forget(SubscriberState.TRYING)
            self._call_id = self.stack.token()
            self.local_tag = self.stack.token()
            self._cseq = 0
            self.stack.remember_subscriber(self, self._call_id)
        self._attempts = 0
        self._send((), now)

    def stop(self, now: float) -> None:
        """End it; whatever the notifier says to that, nothing is told any more."""
        self._stop_timer()
        if self.state is not SubscriberState.ACTIVE or self.dialog is None:
            self._forget(SubscriberState.IDLE)
            return
        self.state = SubscriberState.REMOVING
        self._attempts = 0
        self._send((), now)

    # Out

    def _send(self, extra: ExtraHeaders, now: float) -> None:
        self._attempts += 1
        expires = 0 if self.state is SubscriberState.REMOVING else self._expires
        headers = [
            ("Contact", self.contact_header()),
            ("Expires", str(expires)),
            *self._headers,
            *extra,
        ]
        if self.dialog is None:
            self._cseq += 1
            request = self.stack.build_request(
                "SUBSCRIBE",
                self._uri,
                from_=NameAddr(self._address.display, self._address.uri, {"tag": self.local_tag}),
                to=self._address,
                call_id=self._call_id,
                cseq=self._cseq,
                headers=headers,
            )
            self._transaction = self.stack.start_request(request, self.flow, self, now)
        else:
            request = self.build_request("SUBSCRIBE", headers)
            self._transaction = self.send_request(request, self, now)

    def _stop_timer(self) -> None:
        self.stack.timers.cancel(self._timer)
        self._timer = None

    def _forget(self, state: SubscriberState) -> None:
        self._transaction = None
        self.state = state
        self.stack.forget_subscriber(self, self._call_id)
        self.dialog = None

    def _fail(self, status: int, pause: float, now: float) -> None:
        self._stop_timer()
        if self.state is SubscriberState.REMOVING:
            self._forget(SubscriberState.IDLE)
            return
        self._forget(SubscriberState.WAITING)
        self._timer = self.stack.timers.start(now + pause, self, Timer.RETRY)
        self.stack.emit(SubscriberFailed(self, status, pause))

    def _live_for(self, seconds: int, now: float) -> None:
        """Refresh before so many seconds are over."""
        self._stop_timer()
        fraction = 0.8 + 0.1 * self.stack.chance()
        self._timer = self.stack.timers.start(now + max(seconds, 1) * fraction, self, Timer.REFRESH)

    # In: answers to SUBSCRIBE

    def handle_response(self, transaction: NonInviteClient, response: Response, now: float) -> None:
        if transaction is not self._transaction or response.status < 200:
            return
        self._transaction = None
        if response.status < 300:
            self._accept(transaction.request, response, now)
        elif not self._try_otherwise(transaction.request, response, now):
            self._fail(response.status, self._pause(response.headers.get("Retry-After")), now)

    def handle_failure(
        self, transaction: NonInviteClient, reason: FailureReason, now: float
    ) -> None:
        if transaction is self._transaction:
            self._fail(408 if reason is FailureReason.TIMEOUT else 503, self.retry, now)

    def _accept(self, request: Request, response: Response, now: float) -> None:
        if self.state is SubscriberState.REMOVING:
            self._forget(SubscriberState.IDLE)
            return
        if self.dialog is None and response.to_tag:
            self._enter_dialog(Dialog.of_caller(request, response))
        elif self.dialog is not None:
            self.dialog.refresh_target(response)
        self.state = SubscriberState.ACTIVE
        granted = response.expires if "Expires" in response.headers.first else None
        self._live_for(min(self._expires, granted) if granted else self._expires, now)

    def _try_otherwise(self, request: Request, response: Response, now: float) -> bool:
        """Do what the refusal asks for, if it asks for anything."""
        if self._attempts >= _ATTEMPTS:
            return False
        if response.status in CHALLENGES:
            return self._answer_challenge(request, response, now)
        minimum = response.headers.get("Min-Expires") or ""
        if response.status != 423 or not re.fullmatch(r"[0-9]{1,9}", minimum):
            return False
        if int(minimum) <= self._expires:
            return False
        self._expires = int(minimum)
        self._send((), now)
        return True

    def _answer_challenge(self, request: Request, response: Response, now: float) -> bool:
        if not self._username or is_refused(request, response):
            return False
        answer = authorization(
            request,
            response,
            username=self._username,
            password=self._password,
            cnonce=self.stack.token(),
        )
        if answer is None:
            return False
        self._send((answer,), now)
        return True

    def _pause(self, asked: str | None) -> float:
        return max(self.retry, retry_after(asked) or 0)

    def _enter_dialog(self, dialog: Dialog) -> None:
        self.dialog = dialog
        self.stack.enter_dialog(self, self._call_id)

    # In: what the notifier says

    def adopt(self, request: Request) -> Dialog:
        """The dialog that the first NOTIFY makes, where it overtook the answer (§4.4.1)."""
        contact = request.contact or request.from_
        self._enter_dialog(
            Dialog(
                call_id=self._call_id,
                local_tag=self.local_tag,
                remote_tag=request.from_tag,
                local_party=request.headers.first["To"],
                remote_party=request.headers.first["From"],
                remote_target=str(contact.uri),
                route_set=request.headers.values("Record-Route"),
                local_cseq=self._cseq,
            )
        )
        return self.established()

    def handle_request(self, transaction: NonInviteServer, request: Request, now: float) -> None:
        package = read_event(request.headers.get("Event") or "")[0]
        if request.method != "NOTIFY" or package != self.event.lower():
            self.stack.reply(transaction, 489 if request.method == "NOTIFY" else 501, now=now)
            return
        self.established().refresh_target(request)
        self.stack.reply(transaction, 200, now=now)
        substate, _, tail = (request.headers.get("Subscription-State") or "").partition(";")
        try:
            told = parameters(tail) if tail.strip() else {}
        except RemoteProtocolError:
            told = {}
        if self.state is not SubscriberState.REMOVING:
            self.stack.emit(Notified(self, request))
        if substate.strip().lower() == "terminated":
            self._fail(0, self._pause(told.get("retry-after")), now)
            return
        seconds = told.get("expires") or ""
        if self.state is not SubscriberState.REMOVING and re.fullmatch(r"[0-9]{1,9}", seconds):
            self._live_for(min(int(seconds), self._expires), now)

    def handle_reinvite(self, transaction: InviteServer, request: Request, now: float) -> None:
        transaction.respond(self.stack.response(request, 488), now)

    def handle_ack(self, request: Request, now: float) -> None:
        pass

    def handle_timer(self, timer: Timer, now: float) -> None:
        match timer:
            case Timer.REFRESH | Timer.RETRY:
                self._timer = None
                self.start(now)
            case _:
                raise AssertionError(f"{timer} is no timer of a subscriber")

    def __repr__(self) -> str:
        return f"<Subscriber {self.event} of {self._uri} {self.state.name}>"
