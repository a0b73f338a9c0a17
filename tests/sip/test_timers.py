"""The timer queue."""

from __future__ import annotations

import random

from softswitch.sip.timers import Timer, TimerQueue, Timers


class Owner:
    def __init__(self) -> None:
        self.fired: list[tuple[Timer, float]] = []

    def handle_timer(self, timer: Timer, now: float) -> None:
        self.fired.append((timer, now))


def test_timers_fire_in_order_of_their_deadlines_and_once() -> None:
    queue, owner = TimerQueue(), Owner()
    queue.start(2.0, owner, Timer.B)
    queue.start(1.0, owner, Timer.A)
    queue.start(2.0, owner, Timer.M)
    assert (len(queue), queue.next_timeout()) == (3, 1.0)
    queue.fire(0.9)
    assert owner.fired == []
    queue.fire(2.0)
    queue.fire(3.0)
    assert owner.fired == [(Timer.A, 2.0), (Timer.B, 2.0), (Timer.M, 2.0)]
    assert (len(queue), queue.next_timeout()) == (0, None)


def test_a_cancelled_timer_does_not_fire_and_lets_go_of_its_owner() -> None:
    queue, owner = TimerQueue(), Owner()
    entry = queue.start(1.0, owner, Timer.A)
    queue.start(2.0, owner, Timer.B)
    queue.cancel(entry)
    queue.cancel(entry)
    queue.cancel(None)
    assert owner not in entry
    assert (len(queue), queue.next_timeout()) == (1, 2.0)
    queue.fire(5.0)
    assert owner.fired == [(Timer.B, 5.0)]


def test_cancelling_one_that_has_fired_is_harmless() -> None:
    queue, owner = TimerQueue(), Owner()
    entry = queue.start(1.0, owner, Timer.A)
    queue.fire(1.0)
    queue.cancel(entry)
    assert len(queue) == 0


def test_timers_started_and_cancelled_while_firing_are_honoured() -> None:
    queue = TimerQueue()
    fired: list[str] = []

    class Chain:
        def handle_timer(self, timer: Timer, now: float) -> None:
            fired.append(timer.name)
            if timer is Timer.A:
                queue.start(now, self, Timer.E)
                queue.cancel(later)

    later = queue.start(2.0, Chain(), Timer.B)
    queue.start(1.0, Chain(), Timer.A)
    queue.fire(3.0)
    assert fired == ["A", "E"]


def test_cancelled_timers_do_not_pile_up() -> None:
    queue, owner = TimerQueue(), Owner()
    source = random.Random(1)
    kept = [queue.start(1000.0 + number, owner, Timer.L) for number in range(10)]
    for _ in range(5000):
        queue.cancel(queue.start(source.random() * 100, owner, Timer.A))
    assert len(queue) == len(kept)
    assert len(queue._heap) < 200
    queue.fire(2000.0)
    assert len(owner.fired) == len(kept)


def test_the_life_of_a_transaction_follows_t1_unless_it_is_set() -> None:
    assert Timers().t1x64 == 32.0
    assert Timers(t1=0.1).t1x64 == 6.4
    assert Timers(t1=0.1, t1x64=10.0).t1x64 == 10.0
