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


@dataclass(slots=True)
class Subscription:
    """One subscriber's wish; give it back with :meth:`EventBus.unsubscribe`."""

    callback: Subscriber
    names: frozenset[str]
    subclasses: frozenset[str] = frozenset()
    skipped: Callable[[str, str | None], None] | None = None
    """Set while its subscriber has no room for events: it is told their names and subclasses
    alone, so that events for nobody else are not built."""


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
        self._note_wishes()

    @property
    def sequence(self) -> int:
        """The number of the last event."""
        return self._sequence

    def wanted_beside(self, one: Subscription | None, name: str) -> bool:
        """True if publishing an event of that name would reach anybody but ``one``."""
        wishes = self._by_name.get(name, ())
        return ALL in self._by_name or any(wish is not one for wish in wishes)

    def _note_wishes(self) -> None:
        self.wants = _wants_all if ALL in self._by_name else self._by_name.__contains__
        for told in self.on_wishes:
            told()

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
        told = []
        for wishes in (self._by_name.get(name, ()), self._by_name.get(ALL, ())):
            for wish in wishes:
                if wish.skipped is None:
                    return False
                told.append(wish.skipped)
        self._sequence += bool(told)
        for skipped in told:
            skipped(name, subclass)
        return bool(told)

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
