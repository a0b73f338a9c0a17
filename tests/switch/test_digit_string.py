from __future__ import annotations

import pytest

from softswitch.switch.digit_string import DigitDurations, DigitGroup, parse, total_ms


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("123", [DigitGroup("123", 250)]),
        ("~1", [DigitGroup("1", 250)]),
        ("1@500", [DigitGroup("1", 500)]),
        ("1@50", [DigitGroup("1", 250)]),
        ("1@x", [DigitGroup("1", 250)]),
        ("1@999999", [DigitGroup("1", 24_000)]),
        ("1w2W#", [DigitGroup("1w2W#", 250)]),
        ("abcd", [DigitGroup("ABCD", 250)]),
        ("1@100+2", [DigitGroup("1", 100), DigitGroup("2", 250)]),
        (" *# ", [DigitGroup("*#", 250)]),
        ("1++2", [DigitGroup("1", 250), DigitGroup("2", 250)]),
    ],
)
def test_digit_strings_are_read(text: str, groups: list[DigitGroup]) -> None:
    assert parse(text) == groups


@pytest.mark.parametrize("text", ["", "~", "+", "12x", "1 2", "é", "1" * 100])
def test_what_are_no_digits_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"digit"):
        parse(text)


def test_pauses_are_no_digits_but_take_time() -> None:
    (group,) = groups = parse("1w2W@100")
    assert group.digits == "12"
    assert total_ms(groups) == 2 * 350 + 500 + 1000


@pytest.mark.parametrize(
    ("text", "lengths"),
    [("1", [500]), ("1@200", [200]), ("1@100", [500]), ("1@9999", [1000]), ("1@120+2", [120, 500])],
)
def test_the_durations_that_hold_are_those_of_the_switch(text: str, lengths: list[int]) -> None:
    durations = DigitDurations(shortest=800, usual=4000, longest=8000)
    assert [group.duration_ms for group in parse(text, durations)] == lengths
