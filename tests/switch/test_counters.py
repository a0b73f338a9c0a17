"""Counts of sessions in their windows of time."""

from __future__ import annotations

from softswitch.switch.counters import SessionCounters


def test_sessions_are_counted_in_all_at_once_and_in_each_second() -> None:
    counters = SessionCounters()
    for at_once, now in enumerate((10.0, 10.2, 10.9, 11.1), start=1):
        counters.begin(now, at_once)
    assert (counters.total, counters.peak) == (4, 4)
    assert (counters.this_second, counters.per_second_last, counters.per_second_peak) == (1, 3, 3)
    counters.turn(15.0, 2)
    assert (counters.this_second, counters.per_second_last) == (0, 0)


def test_peaks_of_five_minutes_are_forgotten_after_them() -> None:
    counters = SessionCounters()
    counters.begin(10.0, 7)
    counters.begin(10.5, 3)
    counters.turn(200.0, 0)
    assert (counters.peak_five_minutes, counters.per_second_five_minutes) == (7, 2)
    counters.turn(400.0, 1)
    assert (counters.peak_five_minutes, counters.per_second_five_minutes) == (1, 0)
    assert (counters.peak, counters.per_second_peak) == (7, 2)
