"""A REGISTER client: keeps one binding alive at a registrar (RFC 3261 §10.2)."""

from __future__ import annotations

import logging
from enum import Enum
from typing import TYPE_CHECKING

from softswitch.sip.auth import CHALLENGES, authorization, is_refused
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import Registered, RegistrationFailed, Unregistered
from softswitch.sip.flow import Flow
from softswitch.sip.headers import LONGEST_PAUSE, retry_after
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.message import Request, Response
from softswitch.sip.non_invite_client import NonInviteClient
from softswitch.sip.timers import Timer, TimerEntry
from softswitch.sip.transaction import FailureReason
from softswitch.sip.uri import NameAddr

if TYPE_CHECKING:
    from softswitch.sip.stack import Stack

logger = logging.getLogger(__name__)

_ATTEMPTS = 4
"""How often one round may be answered by a challenge or 423 before it counts as refused."""


class RegistrationState(Enum):
    """Where a binding stands."""

    IDLE = "not started, or stopped"
    TRYING = "REGISTER sent for the first time or after a failure"
    REGISTERED = "the registrar holds our binding"
    WAITING = "refused or unanswered; tried again later"
    REMOVING = "REGISTER sent that removes the binding"


class Registration:
    """One address of record bound to one Contact, refreshed before four fifths to nine tenths of
    its time are over, and tried again ``retry`` seconds after a failure; each refusal in a row
    makes that longer by as much.

    Told by ``Registered``, ``RegistrationFailed`` and ``Unregistered``. ``flow`` and ``expires``
    (seconds asked for) may be changed at any time and count from the next REGISTER on.
    """

    __slots__ = (
        "_attempts",
        "_call_id",
        "_contact",
        "_cseq",
        "_from",
        "_headers",
        "_password",
        "_refusals",
        "_registrar",
        "_stack",
        "_timer",
        "_to",
        "_transaction",
        "_username",
        "expires",
        "flow",
        "patience",
        "retry",
        "retry_unanswered",
        "state",
        "user",
    )

    def __init__(
        self,
        stack: Stack,
        flow: Flow,
        *,
        registrar: str,
        address: NameAddr,
        to: NameAddr | None = None,
        username: str = "",
        password: str = "",
        contact: str = "",
        expires: int = 3600,
        retry: float = 30.0,
        retry_unanswered: float = 0.0,
        patience: float = 0.0,
        headers: ExtraHeaders = (),
    ) -> None:
        """``registrar`` is the Request-URI, ``address`` the address of record, ``to`` who is
        registered where that is somebody else, ``contact`` the whole Contact header; without one
        it is made from the flow. ``patience`` are the seconds
        that a registrar may take to answer, 0 as long as a transaction lives;
        ``retry_unanswered`` the pause when it does not, 0 for ``retry``.
        """
        self.flow = flow
        self.expires = expires
        self.retry = retry
        self.retry_unanswered = retry_unanswered or retry
        self.patience = patience
        self.state = RegistrationState.IDLE
        self.user: object = None
        """Free for the owner, e.g. its gateway."""
        self._stack = stack
        self._registrar = registrar
        self._from = NameAddr(
            address.display, address.uri, {**address.parameters, "tag": stack.token()}
        )
        self._to = NameAddr(address.display, address.uri) if to is None else to
        self._username = username
        self._password = password
        self._contact = contact or stack.contact(flow)
        self._headers = tuple(headers)
        self._call_id = stack.token()
        self._cseq = 0
        self._attempts = 0
        self._refusals = 0
        self._timer: TimerEntry | None = None
        self._transaction: NonInviteClient | None = None

    def move(self, flow: Flow, contact: str) -> None:
        """Register by another way from the next REGISTER on."""
        self.flow = flow
        self._contact = contact

    def start(self, now: float) -> None:
        """Register now; while registered this refreshes at once."""
        if self.state is not RegistrationState.REGISTERED:
            self._enter(RegistrationState.TRYING)
        self._begin(now)

    def stop(self, now: float) -> None:
        """Remove the binding; told by ``Unregistered``."""
        if self.state in (RegistrationState.IDLE, RegistrationState.REMOVING):
            return
        self._enter(RegistrationState.REMOVING)
        self._begin(now)

    def _begin(self, now: float) -> None:
        self._stack.timers.cancel(self._timer)
        self._timer = None
        self._attempts = 0
        if self.patience:
            self._timer = self._stack.timers.start(now + self.patience, self, Timer.PATIENCE)
        self._send((), now)

    def _send(self, extra: ExtraHeaders, now: float) -> None:
        self._attempts += 1
        self._cseq += 1
        expires = 0 if self.state is RegistrationState.REMOVING else self.expires
        request = self._stack.build_request(
            "REGISTER",
            self._registrar,
            from_=self._from,
            to=self._to,
            call_id=self._call_id,
            cseq=self._cseq,
            headers=[
                ("Contact", self._contact),
                ("Expires", str(expires)),
                *self._headers,
                *extra,
            ],
        )
        self._transaction = self._stack.start_request(request, self.flow, self, now)

    def handle_response(self, transaction: NonInviteClient, response: Response, now: float) -> None:
        status = response.status
        if transaction is not self._transaction or status < 200:
            return
        self._transaction = None
        if status < 300:
            self._handle_acceptance(response, now)
        elif not self._try_otherwise(transaction.request, response, now):
            self._handle_refusal(status, response, now)

    def _try_otherwise(self, request: Request, response: Response, now: float) -> bool:
        """Do what the refusal asks for, if it asks for anything."""
        if self._attempts >= _ATTEMPTS:
            return False
        if response.status in CHALLENGES:
            return self._answer_challenge(request, response, now)
        return response.status == 423 and self._ask_for_longer(response, now)

    def handle_failure(
        self, transaction: NonInviteClient, reason: FailureReason, now: float
    ) -> None:
        if transaction is self._transaction:
            self._transaction = None
            self._handle_refusal(408 if reason is FailureReason.TIMEOUT else 503, None, now)

    def _give_up(self, now: float) -> None:
        """The registrar was given time enough; what it says later is not heard."""
        self._transaction = None
        self._handle_refusal(408, None, now)

    def _handle_acceptance(self, response: Response, now: float) -> None:
        if self.state is RegistrationState.REMOVING:
            self._finish()
            return
        expires = self._granted(response)
        self._refusals = 0
        self._enter(RegistrationState.REGISTERED)
        self._stack.timers.cancel(self._timer)
        fraction = 0.8 + 0.1 * self._stack.chance()
        self._timer = self._stack.timers.start(now + expires * fraction, self, Timer.REFRESH)
        self._stack.emit(Registered(self, expires, response))

    def _granted(self, response: Response) -> int:
        """The seconds the registrar grants our binding (§10.2.4)."""
        try:
            ours = NameAddr.parse(self._contact).uri
            for value in response.headers.values("Contact"):
                contact = NameAddr.parse(value)
                seconds = contact.parameter("expires") or ""
                if contact.uri.equivalent(ours) and seconds.isascii() and seconds.isdecimal():
                    return max(1, min(int(seconds[:10]), 1 << 31))
            expires = response.expires
        except RemoteProtocolError:
            expires = None
        return max(1, self.expires if expires is None else expires)

    def _answer_challenge(self, request: Request, response: Response, now: float) -> bool:
        if not self._username or is_refused(request, response):
            return False
        answer = authorization(
            request,
            response,
            username=self._username,
            password=self._password,
            cnonce=self._stack.token(),
        )
        if answer is None:
            return False
        self._send((answer,), now)
        return True

    def _ask_for_longer(self, response: Response, now: float) -> bool:
        """423: the registrar wants a longer time (§10.2.8)."""
        value = response.headers.get("Min-Expires") or ""
        if not (value.isascii() and value.isdecimal()):
            return False
        minimum = min(int(value[:10]), 1 << 31)
        if minimum <= self.expires or self.state is RegistrationState.REMOVING:
            return False
        self.expires = minimum
        self._send((), now)
        return True

    def _handle_refusal(self, status: int, response: Response | None, now: float) -> None:
        if self.state is RegistrationState.REMOVING:
            self._finish()
            return
        self._enter(RegistrationState.WAITING)
        pause = self.retry_unanswered
        if response is not None:
            # Who is away for a while is asked as often as before, who says no less and less.
            self._refusals += status != 503
            times = 1 if status == 503 else self._refusals
            pause = min(self.retry * times, LONGEST_PAUSE)
            asked = retry_after(response.headers.get("Retry-After"))
            if asked is not None:
                pause = max(pause, float(asked))
        self._stack.timers.cancel(self._timer)
        self._timer = self._stack.timers.start(now + pause, self, Timer.RETRY)
        self._stack.emit(RegistrationFailed(self, status, pause))

    def _finish(self) -> None:
        self._stack.timers.cancel(self._timer)
        self._timer = None
        self._enter(RegistrationState.IDLE)
        self._stack.emit(Unregistered(self))

    def handle_timer(self, timer: Timer, now: float) -> None:
        match timer:
            case Timer.REFRESH | Timer.RETRY:
                self.start(now)
            case Timer.PATIENCE:
                self._give_up(now)
            case _:
                raise AssertionError(f"{timer} is no timer of a registration")

    def _enter(self, state: RegistrationState) -> None:
        if state is not self.state:
            logger.debug("= %s %s → %s", self._from.uri, self.state.name, state.name)
            self.state = state

    def __repr__(self) -> str:
        return f"<Registration {self._from.uri} at {self._registrar} {self.state.name}>"
