"""What the stack tells its user.

A call that ends tells so once: a caller's usage by ``Rejected``, ``InviteFailed`` or ``Ended``, a
callee's by ``Cancelled`` or ``Ended``. What the user ended itself by ``bye`` or ``reject`` is over
for it at once and makes no event; after ``cancel`` the outcome is still told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.sip.invite_usage import InviteUsage
    from softswitch.sip.message import Request, Response
    from softswitch.sip.non_invite_client import NonInviteClient
    from softswitch.sip.non_invite_server import NonInviteServer
    from softswitch.sip.registration import Registration
    from softswitch.sip.subscriber import Subscriber
    from softswitch.sip.subscription import Subscription
    from softswitch.sip.transaction import FailureReason
    from softswitch.sip.usage_client import ClientUsage
    from softswitch.sip.usage_server import ServerUsage


@dataclass(frozen=True, slots=True)
class InviteReceived:
    """A new call; 100 Trying was sent. Answer by ``ring``, ``accept`` or ``reject``."""

    usage: ServerUsage
    request: Request


@dataclass(frozen=True, slots=True)
class RequestReceived:
    """Another request, within the dialog of ``usage`` or outside any. Answer it."""

    transaction: NonInviteServer
    request: Request
    usage: InviteUsage | None


@dataclass(frozen=True, slots=True)
class ResponseReceived:
    """A response to a request made with ``Stack.request`` or ``InviteUsage.request``."""

    transaction: NonInviteClient
    response: Response
    final: bool


@dataclass(frozen=True, slots=True)
class TransactionFailed:
    """Such a request had no final response."""

    transaction: NonInviteClient
    reason: FailureReason


@dataclass(frozen=True, slots=True)
class Progress:
    """A provisional response above 100 to our INVITE.

    Where ``usage.prack_due`` the offer is in it and ``usage.prack(sdp)`` must be called.
    """

    usage: ClientUsage
    response: Response
    early: str
    """The early dialog: the remote tag, which differs where the call was forked; may be empty."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Our call was accepted.

    The ACK is sent, unless ``usage.ack_due``: then the offer is in the response and
    ``usage.ack(sdp)`` must be called.
    """

    usage: ClientUsage
    response: Response


@dataclass(frozen=True, slots=True)
class Rejected:
    """Our call was refused or redirected, or its cancellation confirmed (487)."""

    usage: ClientUsage
    response: Response


@dataclass(frozen=True, slots=True)
class InviteFailed:
    """Our call had no final response."""

    usage: ClientUsage
    reason: FailureReason


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The caller gave up before an answer; all responses are sent."""

    usage: ServerUsage
    request: Request


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The ACK of our 2xx came; its body is the answer where our 2xx carried the offer."""

    usage: InviteUsage
    request: Request


@dataclass(frozen=True, slots=True)
class AckTimeout:
    """The ACK of our 2xx did not come; a BYE is sent and ``Ended`` follows."""

    usage: InviteUsage


@dataclass(frozen=True, slots=True)
class OfferReceived:
    """A re-INVITE or UPDATE; a re-INVITE without a body asks for our offer.

    Answer by ``usage.answer_reinvite`` or ``usage.reject_reinvite``.
    """

    usage: InviteUsage
    request: Request


@dataclass(frozen=True, slots=True)
class Refreshed:
    """An UPDATE without an offer came and is answered; it may tell a new identity or display."""

    usage: InviteUsage
    request: Request


@dataclass(frozen=True, slots=True)
class ProvisionalAcknowledged:
    """The PRACK of a reliable response of ours; its body is the answer where we offered."""

    usage: ServerUsage
    request: Request


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """Our re-INVITE or UPDATE was accepted; ``usage.ack_due`` as in :class:`Answered`."""

    usage: InviteUsage
    response: Response


@dataclass(frozen=True, slots=True)
class OfferRejected:
    """Our re-INVITE or UPDATE was refused, and the session stays as it was."""

    usage: InviteUsage
    status: int
    response: Response | None
    """None where there was no response: status 408 or 503."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over."""

    usage: InviteUsage
    request: Request | None
    """The BYE, if one came."""
    reason: str
    """``bye``, or what broke the dialog: ``ack timeout``, ``prack timeout``, ``session expired``,
    ``cancelled``, ``expired`` (the Expires of an INVITE passed), ``481``, ``408`` …"""


@dataclass(frozen=True, slots=True)
class ByeAnswered:
    """The peer gave a final answer to our BYE, of a usage that ``follows_bye``."""

    usage: InviteUsage
    response: Response


@dataclass(frozen=True, slots=True)
class SubscriptionRefreshed:
    """A watcher subscribes anew, or no longer: ``subscription.expires`` is 0. NOTIFY it."""

    subscription: Subscription
    request: Request


@dataclass(frozen=True, slots=True)
class SubscriptionExpired:
    """A watcher did not subscribe anew in time: end it by ``subscription.terminate``."""

    subscription: Subscription


@dataclass(frozen=True, slots=True)
class SubscriptionEnded:
    """A watcher is gone: it refused a NOTIFY, or did not answer it."""

    subscription: Subscription
    reason: str
    """The status of its refusal, ``timeout`` or ``transport``."""


@dataclass(frozen=True, slots=True)
class Notified:
    """What we subscribed to tells its state; the NOTIFY is answered already."""

    subscriber: Subscriber
    request: Request


@dataclass(frozen=True, slots=True)
class SubscriberFailed:
    """What we subscribed to does not tell its state any more; tried again after a while."""

    subscriber: Subscriber
    status: int
    """The refusal's status; 408 for no answer, 503 for no transport, 0 where it was ended."""
    retry_after: float
    """Seconds until the next attempt."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The registrar holds our binding for so many seconds; told at each refresh."""

    registration: Registration
    expires: float
    response: Response


@dataclass(frozen=True, slots=True)
class RegistrationFailed:
    """The registrar refused, or did not answer; tried again by itself after a while."""

    registration: Registration
    status: int
    """The refusal's status; 408 for no answer, 503 for no transport."""
    retry_after: float
    """Seconds until the next attempt."""


@dataclass(frozen=True, slots=True)
class Unregistered:
    """Our binding was removed, or will expire by itself because the registrar is silent."""

    registration: Registration


Event = (
    InviteReceived
    | RequestReceived
    | ResponseReceived
    | TransactionFailed
    | Progress
    | Answered
    | Rejected
    | InviteFailed
    | Cancelled
    | Acknowledged
    | AckTimeout
    | OfferReceived
    | Refreshed
    | ProvisionalAcknowledged
    | OfferAnswered
    | OfferRejected
    | Ended
    | ByeAnswered
    | SubscriptionRefreshed
    | SubscriptionExpired
    | SubscriptionEnded
    | Notified
    | SubscriberFailed
    | Registered
    | RegistrationFailed
    | Unregistered
)
