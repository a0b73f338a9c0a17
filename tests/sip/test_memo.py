"""What is parsed once is not parsed again."""

from __future__ import annotations

import pytest

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.memo import LONGEST, MOST, Memo, forget, lazy


class Counted:
    """Measures texts, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, text: str) -> int:
        self.asked += 1
        if not text:
            raise RemoteProtocolError(400, "Empty")
        return len(text)


def test_a_text_is_made_sense_of_once() -> None:
    measure = Counted()
    memo = Memo(measure)
    assert [memo["abc"], memo["abc"], memo["ab"]] == [3, 3, 2]
    assert measure.asked == 2


def test_what_cannot_be_read_is_refused_each_time() -> None:
    measure = Counted()
    memo = Memo(measure)
    for _ in range(2):
        with pytest.raises(RemoteProtocolError):
            memo[""]
    assert measure.asked == 2
    assert not memo


def test_long_texts_are_not_kept() -> None:
    measure = Counted()
    memo = Memo(measure)
    for length in (LONGEST, LONGEST + 1):
        assert memo["x" * length] == memo["x" * length] == length
    assert measure.asked == 3
    assert list(memo) == ["x" * LONGEST]


def test_texts_from_the_network_do_not_fill_the_memory() -> None:
    memo = Memo(len)
    for number in range(3 * MOST):
        assert memo[f"{number:06}"] == 6
        assert len(memo) <= MOST


class Square:
    """A thing with lazy attributes."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.made = 0

    @lazy
    def area(self) -> int:
        """The side squared."""
        self.made += 1
        return self.side**2


def test_a_lazy_attribute_is_made_when_first_asked_for() -> None:
    square = Square(3)
    assert square.made == 0
    assert (square.area, square.area) == (9, 9)
    assert square.made == 1


def test_a_lazy_attribute_that_was_set_is_not_made() -> None:
    square = Square(3)
    square.area = 5
    assert square.area == 5
    assert square.made == 0


def test_what_is_forgotten_is_made_anew_and_nothing_else_is() -> None:
    square = Square(3)
    assert square.area == 9
    square.side = 4
    forget(square)
    assert square.area == 16
    assert square.side == 4
    assert Square.area.__doc__ == "The side squared."
