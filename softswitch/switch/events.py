"""Events and the bus that carries them to whoever subscribed.

An event that nobody wants is never built: ask :meth:`EventBus.wants` first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

ALL = "ALL"
"""Subscribes to every event."""


@dataclass(slots=True)
class Event:
    """A named set of headers in order, with an optional body.

    ``sequence`` is given by the bus when the event is published; header values are plain
    text (arrays as ``ARRAY::a|:b``) and are encoded by whoever sends them out.
    """

    name: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    subclass: str | None = None
    sequence: int = 0

    def __repr__(self) -> str:
        kind = f"{self.name} {self.subclass}" if self.subclass else self.name
        return f"<Event {kind} #{self.sequence} {self.headers.get('Unique-ID', '')}>"


Subscriber = Callable[[Event], None]
Skipped = Callable[[str, str | None], None]
"""Told the name and the subclass of an event that is not built."""


@dataclass(slots=True)
class Subscription:
    """One subscriber's wish; give it back with :meth:`EventBus.unsubscribe`."""

    callback: Subscriber
    names: frozenset[str]
    subclasses: frozenset[str] = frozenset()
    skipped: Skipped | None = None
    """Whom to tell instead while its subscriber has no room, see :meth:`EventBus.hold`."""


def _wants_all(name: str) -> bool:
    return True


class EventBus:
    """Hands each event, in the order they are published, to its subscribers at once.

    Subscribers must not block and must not raise; one that raises is logged and the others
    still get the event. ``stamp`` adds the headers every event has.
    """

    def __init__(self, stamp: Callable[[Event], None] | None = None) -> None:
        self._stamp = stamp
        self._by_name: dict[str, list[Subscription]] = {}
        self._sequence = 0
        self.on_wishes: list[Callable[[], None]] = []
        """Called when what is wanted may have changed."""
        self.wants: Callable[[str], bool]
        """True if publishing an event of that name would reach anybody. Every call asks this some
        forty times, nearly always for nothing."""
        self._held: dict[str, tuple[Skipped, ...]] = {}
        """By name what nobody has room for; `ALL` stands for names that nobody subscribed to."""
        self._note_wishes()

    @property
    def sequence(self) -> int:
        """The number of the last event."""
        return self._sequence

    def wanted_beside(self, one: Subscription | None, name: str) -> bool:
        """True if publishing an event of that name would reach anybody but ``one``.

        Where that is nobody who has room, those who have none are told that they miss it.
        """
        wishes = [*self._by_name.get(name, ()), *self._by_name.get(ALL, ())]
        others = [wish for wish in wishes if wish is not one]
        if not others or any(wish.skipped is None for wish in others):
            return bool(others)
        self._sequence += 1
        for wish in others:
            if wish.skipped is not None:
                wish.skipped(name, None)
        return False

    def _note_wishes(self) -> None:
        self.wants = _wants_all if ALL in self._by_name else self._by_name.__contains__
        self._note_held()
        for told in self.on_wishes:
            told()

    def _note_held(self) -> None:
        self._held.clear()
        for_all = self._by_name.get(ALL, [])
        for name, wishes in self._by_name.items():
            several = wishes if name == ALL else [*wishes, *for_all]
            told = tuple(wish.skipped for wish in several if wish.skipped is not None)
            if len(told) == len(several):
                self._held[name] = told

    def hold(self, subscription: Subscription, skipped: Skipped | None) -> None:
        """A subscriber has no room for events, or again where ``skipped`` is None.

        Until then it is told their names and subclasses alone, so that events for nobody else
        need not be built.
        """
        if subscription.skipped != skipped:
            subscription.skipped = skipped
            self._note_held()

    def subscribe(
        self, callback: Subscriber, *names: str, subclasses: frozenset[str] = frozenset()
    ) -> Subscription:
        """Call ``callback`` with each event of ``names`` (``ALL`` for every one).

        ``subclasses`` narrows CUSTOM events; empty means all of them.
        """
        subscription = Subscription(callback, frozenset(names), subclasses)
        for name in subscription.names:
            self._by_name.setdefault(name, []).append(subscription)
        self._note_wishes()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription; one that has ended already is ignored."""
        for name in subscription.names:
            wishes = self._by_name.get(name, [])
            if subscription in wishes:
                wishes.remove(subscription)
            if not wishes:
                self._by_name.pop(name, None)
        self._note_wishes()

    def number(self, event: Event) -> None:
        """Give an event the next number, also one that is not published."""
        self._sequence += 1
        event.sequence = self._sequence

    def skip(self, name: str, subclass: str | None = None) -> bool:
        """True if nobody has room for such an event: it is numbered, and need not be built."""
        held = self._held
        if not held:
            return False
        told = held.get(ALL if name not in self._by_name else name)
        if told is None:
            return False
        self._sequence += 1
        for skipped in told:
            skipped(name, subclass)
        return True

    def publish(self, event: Event) -> None:
        """Number and stamp the event, then hand it to all who want it."""
        self.number(event)
        wishes = [*self._by_name.get(event.name, ()), *self._by_name.get(ALL, ())]
        if not wishes:
            return
        if self._stamp is not None:
            self._stamp(event)
        for wish in wishes:
            if event.subclass and wish.subclasses and event.subclass not in wish.subclasses:
                continue
            try:
                wish.callback(event)
            except Exception:
                log.exception("a subscriber of %r failed", event)
