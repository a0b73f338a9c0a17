"""The bus: who gets which event, in which order."""

from __future__ import annotations

import pytest

from softswitch.switch.events import Event, EventBus


def test_events_reach_those_who_asked_in_the_order_they_happened() -> None:
    bus = EventBus()
    everything: list[str] = []
    some: list[int] = []
    bus.subscribe(lambda event: everything.append(event.name), "ALL")
    bus.subscribe(lambda event: some.append(event.sequence), "B", "C")
    for name in "ABCB":
        bus.publish(Event(name))
    assert everything == ["A", "B", "C", "B"]
    assert some == [2, 3, 4]


def test_nobody_wants_what_nobody_asked_for() -> None:
    bus = EventBus()
    assert not bus.wants("A")
    one = bus.subscribe(lambda event: None, "A")
    other = bus.subscribe(lambda event: None, "ALL")
    assert bus.wants("A") and bus.wants("B")
    bus.unsubscribe(other)
    assert bus.wants("A") and not bus.wants("B")
    bus.unsubscribe(one)
    bus.unsubscribe(one)
    assert not bus.wants("A")


def test_subclasses_narrow_custom_events_alone() -> None:
    bus = EventBus()
    seen: list[str | None] = []
    bus.subscribe(
        lambda event: seen.append(event.subclass), "CUSTOM", "A", subclasses=frozenset({"x::y"})
    )
    for event in (Event("CUSTOM", subclass="x::y"), Event("CUSTOM", subclass="z"), Event("A")):
        bus.publish(event)
    assert seen == ["x::y", None]


def test_a_subscriber_that_fails_or_leaves_costs_the_others_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus = EventBus()
    seen: list[str] = []

    def fail(event: Event) -> None:
        bus.unsubscribe(failing)
        raise RuntimeError("broken")

    failing = bus.subscribe(fail, "A")
    bus.subscribe(lambda event: seen.append(event.name), "A")
    bus.publish(Event("A"))
    bus.publish(Event("A"))
    assert seen == ["A", "A"]
    assert len(caplog.records) == 1


def test_an_event_is_stamped_once_before_anybody_sees_it() -> None:
    stamped: list[int] = []
    bus = EventBus(lambda event: stamped.append(event.sequence))
    bus.publish(Event("A"))
    for _ in range(2):
        bus.subscribe(lambda event: None, "A")
    bus.publish(Event("A"))
    assert stamped == [2]


def test_an_event_is_skipped_only_if_nobody_has_room_and_is_numbered_all_the_same() -> None:
    bus = EventBus()
    assert not bus.skip("A"), "nobody wants it"
    missed: list[tuple[str, str | None]] = []
    full = bus.subscribe(lambda event: None, "ALL")
    reading = bus.subscribe(lambda event: None, "A")
    bus.hold(full, lambda name, subclass: missed.append((name, subclass)))
    assert not bus.skip("A")
    assert bus.skip("CUSTOM", "x::y")
    assert not bus.wanted_beside(reading, "A"), "nobody else has room"
    assert bus.wanted_beside(None, "A")
    bus.unsubscribe(reading)
    assert bus.skip("A")
    assert missed == [("CUSTOM", "x::y"), ("A", None), ("A", None)]
    assert bus.sequence == 3
    bus.hold(full, None)
    assert bus.wanted_beside(reading, "A") and not bus.skip("A")
