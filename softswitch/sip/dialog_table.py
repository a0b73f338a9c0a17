"""The dialogs of an element and what uses them: calls and subscriptions (RFC 3261 §12)."""

from __future__ import annotations

from typing import Unpack

from softswitch.sip.dialog import Dialog, DialogKey
from softswitch.sip.dialog_usage import DialogUsage
from softswitch.sip.events import Event
from softswitch.sip.identity import IdentityArguments
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.message import Request
from softswitch.sip.session_timer import SessionInterval
from softswitch.sip.subscriber import Subscriber
from softswitch.sip.subscription import Subscription
from softswitch.sip.timers import Timers
from softswitch.sip.transaction_table import TransactionTable


class DialogTable(TransactionTable):
    """Keeps each dialog until it ends, and gathers what is to be told of it."""

    __slots__ = (
        "_dialogs",
        "_events",
        "session_interval",
        "subscribers",
        "subscriptions",
        "usages",
    )

    def __init__(
        self,
        *,
        timers: Timers | None = None,
        session_interval: SessionInterval | None = None,
        **named: Unpack[IdentityArguments],
    ) -> None:
        super().__init__(timers=timers, **named)
        self.session_interval = session_interval or SessionInterval()
        """What new calls want of session timers."""
        self.usages: set[InviteUsage] = set()
        """All calls that are not over."""
        self.subscriptions: set[Subscription] = set()
        """Watchers of ours."""
        self.subscribers: dict[tuple[str, str], Subscriber] = {}
        """What we subscribe to elsewhere and have no dialog yet, by Call-ID and our tag."""
        self._dialogs: dict[DialogKey, tuple[DialogUsage, Dialog]] = {}
        self._events: list[Event] = []

    def events(self) -> list[Event]:
        """What happened, in order; each is given once."""
        events, self._events = self._events, []
        return events

    @property
    def quiet(self) -> bool:
        """Whether neither `transmits` nor `events` has anything to give."""
        return not self._transmits and not self._events

    def emit(self, event: Event) -> None:
        """Tell the user."""
        self._events.append(event)

    @staticmethod
    def _dialog_key(request: Request) -> DialogKey:
        return (request.call_id, request.to_tag, request.from_tag)

    def remember_usage(self, usage: InviteUsage) -> None:
        """A call begins."""
        self.usages.add(usage)

    def forget_usage(self, usage: InviteUsage) -> None:
        """A call is over."""
        self.usages.discard(usage)
        if usage.dialog is not None:
            self.forget_dialog(usage.dialog)

    def remember_subscription(self, subscription: Subscription) -> None:
        """A watcher subscribes."""
        self.subscriptions.add(subscription)
        self.remember_dialog(subscription.established(), subscription)

    def forget_subscription(self, subscription: Subscription) -> None:
        """A watcher is gone."""
        self.subscriptions.discard(subscription)
        self.forget_dialog(subscription.established())

    def remember_subscriber(self, subscriber: Subscriber, call_id: str) -> None:
        """We subscribe: whoever answers, or notifies first, makes the dialog."""
        self.subscribers[call_id, subscriber.local_tag] = subscriber

    def enter_dialog(self, subscriber: Subscriber, call_id: str) -> None:
        """The notifier is known."""
        self.subscribers.pop((call_id, subscriber.local_tag), None)
        self.remember_dialog(subscriber.established(), subscriber)

    def forget_subscriber(self, subscriber: Subscriber, call_id: str) -> None:
        """What the notifier says is unknown from now on."""
        self.subscribers.pop((call_id, subscriber.local_tag), None)
        if subscriber.dialog is not None:
            self.forget_dialog(subscriber.dialog)

    def remember_dialog(self, dialog: Dialog, usage: DialogUsage) -> None:
        """Requests within ``dialog`` belong to ``usage``."""
        self._dialogs[dialog.key] = (usage, dialog)

    def forget_dialog(self, dialog: Dialog) -> None:
        """Requests within ``dialog`` are unknown from now on."""
        self._dialogs.pop(dialog.key, None)
