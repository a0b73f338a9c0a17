"""The queue of digits."""

from __future__ import annotations

import asyncio

from softswitch.switch.digits import LIMIT, Digit, DigitQueue


async def test_digits_are_taken_in_order_and_the_oldest_are_dropped() -> None:
    queue = DigitQueue()
    assert queue.take() is None
    for number in range(LIMIT + 3):
        queue.put(Digit(str(number % 10), number))
    assert len(queue) == LIMIT
    first = queue.take()
    assert first is not None and first.duration_ms == 3
    assert queue.clear() == LIMIT - 1
    assert queue.take() is None


async def test_an_arrival_is_told_once_a_digit_waits() -> None:
    queue = DigitQueue()
    arrival = queue.arrival()
    assert queue.arrival() is arrival
    assert not arrival.done()
    asyncio.get_running_loop().call_soon(queue.put, Digit("1"))
    await arrival
    assert queue.arrival().done()
    queue.take()
    assert not queue.arrival().done()


async def test_a_digit_may_be_put_back() -> None:
    digits = DigitQueue()
    for key in "123":
        digits.put(Digit(key))
    first = digits.take()
    assert first is not None
    digits.put_back(first)
    assert [digit.digit for digit in iter(digits.take, None)] == ["1", "2", "3"]
