from __future__ import annotations

import re

import pytest

from softswitch.lint.numbers import MOST, numbers_of


@pytest.mark.parametrize(
    ("expression", "numbers"),
    [
        ("^9196$", ["9196"]),
        ("^(0|operator)$", ["0", "operator"]),
        ("^(?:1|2)3$", ["13", "23"]),
        ("^1[0-2]$", ["10", "11", "12"]),
        ("^1[09-]$", ["10", "19", "1-"]),
        ("^\\*9?8$", ["*8", "*98"]),
        ("^2{3}$", ["222"]),
        ("^1$|^2$", []),
        ("^(1|1)$", ["1"]),
    ],
)
def test_a_short_expression_is_its_numbers(expression: str, numbers: list[str]) -> None:
    assert numbers_of(expression) == numbers


@pytest.mark.parametrize(
    "expression",
    ["9196", "^9196", "^\\d+$", "^.*$", "^1.$", "^\\d{5}$", "^[^1]$", "^(?=1)1$", "^(1$", "^1)$",
     "^[1$", "^\\w$", "^1{$", "^1{2,3}$", "^(\\d{3})(\\d{3})$", "^\\", "^$x$"],
)  # fmt: skip
def test_what_is_many_or_not_plain_gives_none(expression: str) -> None:
    assert numbers_of(expression) == []


@pytest.mark.parametrize("expression", ["^(10[01][0-9])$", "^(91[1-3]|8\\d)x?$", "^a{2}(b|)c$"])
def test_each_number_fits_the_expression(expression: str) -> None:
    numbers = numbers_of(expression)
    assert 0 < len(numbers) <= MOST
    assert all(re.fullmatch(expression, number) for number in numbers)
