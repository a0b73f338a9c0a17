"""A subscription to something of ours: SUBSCRIBE in, NOTIFY out (RFC 6665 §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from softswitch.sip.dialog import Dialog
from softswitch.sip.dialog_usage import DialogUsage
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import SubscriptionEnded, SubscriptionExpired, SubscriptionRefreshed
from softswitch.sip.flow import Flow
from softswitch.sip.headers import parameters
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.message import Request, Response
from softswitch.sip.non_invite_client import NonInviteClient
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.timers import Timer, TimerEntry
from softswitch.sip.transaction import FailureReason

if TYPE_CHECKING:
    from softswitch.sip.invite_server import InviteServer
    from softswitch.sip.stack import Stack

AFTER_RESTART = 1000
"""By how much CSeq jumps when a subscription is read back: what was sent last is not known."""

Grant = Callable[[Request], int]
"""The seconds a SUBSCRIBE gets; raises RemoteProtocolError for an interval that is refused."""


@dataclass(frozen=True, slots=True)
class _Notice:
    """A NOTIFY that waits for the one before it to be answered."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


class Subscription(DialogUsage):
    """One watcher of ours. At most one NOTIFY is under way; of those that wait the last counts.

    Told by ``SubscriptionRefreshed`` (then call `notify`, or `terminate` where ``expires`` is 0),
    ``SubscriptionExpired`` (then call `terminate`) and ``SubscriptionEnded``: the watcher is gone.
    """

    __slots__ = (
        "_expiry",
        "_grant",
        "_life",
        "_sending",
        "_waiting",
        "event",
        "expires",
        "identifier",
        "over",
    )

    def __init__(self, stack: Stack, flow: Flow, dialog: Dialog, event: str, grant: Grant) -> None:
        super().__init__(stack, flow, dialog.local_tag)
        self.dialog = dialog
        self.event, self.identifier = read_event(event)
        self.expires = 0
        """Seconds granted last."""
        self.over = False
        self._grant = grant
        self._life = 0.0
        self._expiry: TimerEntry | None = None
        self._sending: NonInviteClient | None = None
        self._waiting: _Notice | None = None

    @classmethod
    def begin(
        cls,
        stack: Stack,
        transaction: NonInviteServer,
        request: Request,
        flow: Flow,
        grant: Grant,
        headers: ExtraHeaders,
        now: float,
    ) -> Subscription:
        """Accept a SUBSCRIBE: 200 is sent, the NOTIFY is the owner's to send.

        Raises RemoteProtocolError where the request cannot make a dialog, or asks for too little.
        """
        dialog = Dialog.of_callee(request, transaction.local_tag)
        made = cls(stack, flow, dialog, request.headers.get("Event") or "", grant)
        made.symmetric = request.top_via.host != flow.remote[0]
        made._accept(transaction, request, headers, now)
        stack.remember_subscription(made)
        return made

    @classmethod
    def of_refer(
        cls, stack: Stack, transaction: NonInviteServer, request: Request, life: int, now: float
    ) -> Subscription:
        """Accept a REFER outside any dialog: 202 is sent, whoever sent it watches (RFC 3515 §2.4).

        It lives ``life`` seconds at most. Raises RemoteProtocolError where the request cannot make
        a dialog.
        """
        dialog = Dialog.of_callee(request, transaction.local_tag)

        def grant(refresh: Request) -> int:
            return life if refresh.expires is None else min(refresh.expires, life)

        made = cls(stack, transaction.flow, dialog, "refer", grant)
        made.symmetric = request.top_via.host != transaction.flow.remote[0]
        made.live_for(life, now)
        own = (("Expires", str(life)), ("Contact", made.contact_header()))
        stack.reply(transaction, 202, headers=own, now=now)
        stack.remember_subscription(made)
        return made

    def _accept(
        self,
        transaction: NonInviteServer,
        request: Request,
        headers: ExtraHeaders,
        now: float,
    ) -> None:
        self.live_for(self._grant(request), now)
        own = [("Expires", str(self.expires)), ("Contact", self.contact_header()), *headers]
        self.stack.reply(transaction, 200, headers=own, now=now)

    def live_for(self, seconds: int, now: float) -> None:
        """Expire so many seconds from now."""
        self.stack.timers.cancel(self._expiry)
        self._expiry = None
        self.expires, self._life = seconds, now + seconds
        if seconds:
            self._expiry = self.stack.timers.start(self._life, self, Timer.SUBSCRIPTION)

    def remaining(self, now: float) -> int:
        """Seconds until it expires."""
        return max(round(self._life - now), 0)

    # Out

    def notify(
        self, content_type: str, body: bytes, headers: ExtraHeaders = (), *, now: float
    ) -> None:
        """Tell the watcher a state; a body may be empty."""
        if self.over:
            return
        notice = _notice(content_type, body, headers)
        if self._sending is not None:
            self._waiting = notice
        else:
            self._send(notice, f"active;expires={self.remaining(now)}", now)

    def terminate(
        self,
        reason: str,
        content_type: str = "",
        body: bytes = b"",
        headers: ExtraHeaders = (),
        *,
        now: float,
    ) -> None:
        """Tell a last state and end; ``reason`` as RFC 6665 §4.1.3 has it (``timeout`` …)."""
        if self.over:
            return
        notice = _notice(content_type, body, headers)
        self._send(notice, f"terminated;reason={reason}", now)
        self.close()

    def _send(self, notice: _Notice, state: str, now: float) -> None:
        event = f"{self.event};id={self.identifier}" if self.identifier else self.event
        headers = [
            ("Contact", self.contact_header()),
            ("Event", event),
            ("Subscription-State", state),
            *notice.headers,
        ]
        request = self.build_request("NOTIFY", headers, notice.body)
        self._sending = self.send_request(request, self, now)

    def close(self) -> None:
        """Forget the watcher, who is told nothing."""
        if not self.over:
            self.over = True
            self._waiting = None
            self.stack.timers.cancel(self._expiry)
            self._expiry = None
            self.stack.forget_subscription(self)

    # In

    def handle_request(self, transaction: NonInviteServer, request: Request, now: float) -> None:
        if request.method != "SUBSCRIBE" or read_event(request.headers.get("Event") or "") != (
            self.event,
            self.identifier,
        ):
            self.stack.reply(transaction, 481 if request.method == "SUBSCRIBE" else 501, now=now)
            return
        self.established().refresh_target(request)
        self._accept(transaction, request, (), now)
        self.stack.emit(SubscriptionRefreshed(self, request))

    def handle_reinvite(self, transaction: InviteServer, request: Request, now: float) -> None:
        transaction.respond(self.stack.response(request, 488), now)

    def handle_ack(self, request: Request, now: float) -> None:
        pass

    def handle_response(self, transaction: NonInviteClient, response: Response, now: float) -> None:
        if response.status < 200 or transaction is not self._sending:
            return
        self._sending = None
        if self.over:
            return
        if response.status >= 300 and "Retry-After" not in response.headers:
            self._lost(str(response.status))
            return
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._send(waiting, f"active;expires={self.remaining(now)}", now)

    def handle_failure(
        self, transaction: NonInviteClient, reason: FailureReason, now: float
    ) -> None:
        if not self.over and transaction is self._sending:
            self._lost(reason.value)

    def _lost(self, reason: str) -> None:
        self.close()
        self.stack.emit(SubscriptionEnded(self, reason))

    def handle_timer(self, timer: Timer, now: float) -> None:
        if timer is not Timer.SUBSCRIPTION:
            raise AssertionError(f"{timer} is no timer of a subscription")
        self._expiry = None
        self.stack.emit(SubscriptionExpired(self))

    # Over a restart

    def snapshot(self, now: float) -> dict[str, Any]:
        """All that must be known to go on later, as JSON can hold it."""
        transport, local, remote, _ = self.flow
        return {
            "dialog": self.established().snapshot(),
            "event": f"{self.event};id={self.identifier}" if self.identifier else self.event,
            "flow": [transport, list(local), list(remote)],
            "contact": self.contact,
            "symmetric": self.symmetric,
            "remaining": self.remaining(now),
        }

    @classmethod
    def restore(
        cls, stack: Stack, known: dict[str, Any], grant: Grant, seconds: int, now: float
    ) -> Subscription:
        """Go on with a subscription that `snapshot` told of.

        Raises KeyError, TypeError or ValueError where that is not what it was.
        """
        dialog = Dialog.restore(known["dialog"])
        dialog.local_cseq += AFTER_RESTART
        transport, local, remote = known["flow"]
        flow = Flow(transport, (local[0], int(local[1])), (remote[0], int(remote[1])))
        restored = cls(stack, flow, dialog, known["event"], grant)
        restored.contact = str(known["contact"])
        restored.symmetric = bool(known["symmetric"])
        restored.live_for(seconds, now)
        stack.remember_subscription(restored)
        return restored

    def __repr__(self) -> str:
        return f"<Subscription {self.event} {self.expires} s {self.flow}>"


def _notice(content_type: str, body: bytes, headers: ExtraHeaders) -> _Notice:
    kind = (("Content-Type", content_type),) if body else ()
    return _Notice((*headers, *kind), body)


def read_event(text: str) -> tuple[str, str]:
    """Package and id of an Event header; empty where it cannot be read."""
    package, _, tail = text.partition(";")
    try:
        identifier = parameters(tail).get("id") if tail.strip() else ""
    except RemoteProtocolError:
        identifier = ""
    return package.strip().lower(), identifier or ""
