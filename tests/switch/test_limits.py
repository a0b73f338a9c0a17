from __future__ import annotations

import pytest

from softswitch.switch.limits import Limits, key_of, parse_maximum


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_resource_is_held_by_at_most_so_many() -> None:
    limits = Limits(Clock())
    assert limits.take("a", "r", "x", 2)
    assert limits.take("b", "r", "x", 2)
    assert not limits.take("c", "r", "x", 2)
    limits.release("a")
    assert limits.take("c", "r", "x", 2)
    assert limits.usage("r", "x").total == 2


def test_a_holder_counts_once() -> None:
    limits = Limits(Clock())
    assert limits.take("a", "r", "x", 1)
    assert limits.take("a", "r", "x", 1)
    assert limits.usage("r", "x").total == 1


def test_without_a_maximum_it_only_counts() -> None:
    limits = Limits(Clock())
    assert all(limits.take(str(number), "r", "x") for number in range(100))
    assert limits.usage("r", "x").total == 100


def test_a_rate_counts_takings_within_an_interval() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert limits.take("a", "r", "x", 2, 10)
    limits.release("a")
    assert limits.take("b", "r", "x", 2, 10)
    assert not limits.take("c", "r", "x", 2, 10)
    clock.now += 10
    assert limits.take("c", "r", "x", 2, 10)
    assert limits.usage("r", "x").rate == 1
    assert limits.reset_interval("r", "x") and limits.usage("r", "x").rate == 0
    assert not limits.reset_interval("r", "unknown")


def test_one_resource_can_be_given_back() -> None:
    limits = Limits(Clock())
    limits.take("a", "r", "x")
    limits.take("a", "r", "y")
    limits.release("a", "r", "x")
    limits.release("nobody")
    assert not limits.holds("a", "r", "x")
    assert limits.holds("a", "r", "y")
    assert [key for key, _ in limits] == [("r", "y")]
    limits.reset()
    assert not list(limits)


def test_keys_name_realm_and_resource() -> None:
    assert key_of("r", "x") == "r_x"
    assert key_of("r", "") == "r"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10", (10, 0)),
        ("10/5", (10, 5)),
        ("-1", (-1, 0)),
        ("-5", (-1, 0)),
        ("x", (-1, 0)),
        ("3/x", (3, 0)),
        ("", (-1, 0)),
        ("0", (0, 0)),
    ],
)
def test_maxima_are_read(text: str, expected: tuple[int, int]) -> None:
    assert parse_maximum(text) == expected
