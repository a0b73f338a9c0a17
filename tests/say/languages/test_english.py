"""The lists that a real FreeSWITCH played, and those of its ``mod_say_en``."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from softswitch.say.languages.english import English
from softswitch.say.request import Gender, Kind, Method, SayRequest
from softswitch.say.speaking import say

NOW = datetime(2026, 3, 4, 15, 5, tzinfo=UTC)

NUMBERS = [
    ("0", "pronounced", "0"),
    ("7", "pronounced", "7"),
    ("10", "pronounced", "10"),
    ("19", "pronounced", "19"),
    ("42", "pronounced", "40 2"),
    ("100", "pronounced", "1 hundred"),
    ("115", "pronounced", "1 hundred 15"),
    ("999", "pronounced", "9 hundred 90 9"),
    ("1001", "pronounced", "1 thousand 1"),
    ("10000", "pronounced", "10 thousand"),
    ("1,203,400", "pronounced", "1 million 2 hundred 3 thousand 4 hundred"),
    ("999999999", "pronounced", "9 hundred 90 9 million 9 hundred 90 9 thousand 9 hundred 90 9"),
    ("007", "pronounced", "7"),
    ("1", "counted", "h-1"),
    ("3", "counted", "h-3"),
    ("11", "counted", "11"),
    ("21", "counted", "20 h-1"),
    ("30", "counted", "h-30"),
    ("42", "counted", "40 h-2"),
    ("100", "counted", "1 hundred"),
    ("101", "counted", "1 hundred h-1"),
    ("1001", "counted", "1 thousand h-1"),
    ("507", "iterated", "5 0 7"),
    ("1234567890", "iterated", "1 2 3 4 5 6 7 8 9 0"),
    ("1984", "pronounced_year", "19 80 4"),
    ("2000", "pronounced_year", "2 thousand"),
    ("1900", "pronounced_year", "1 thousand 9 hundred"),
    ("2015", "pronounced_year", "2 thousand 15"),
    ("1905", "pronounced_year", "19 5"),
    ("2026", "pronounced_year", "2 thousand 20 6"),
    ("5", "n/a", ""),
    ("0", "n/a", "0"),
    ("0", "counted", "0"),
    ("45", "pronounced_year", "40 5"),
]

OTHERS = [
    ("currency", "1", "digits/1 currency/dollar"),
    ("currency", "1.50", "digits/1 currency/dollar currency/and digits/50 currency/cents"),
    ("currency", "2.5", "digits/2 currency/dollars currency/and digits/5 currency/cents"),
    ("currency", "1.00", "digits/1 currency/dollar currency/and digits/0 currency/cents"),
    (
        *("currency", "-3.01"),
        "currency/negative digits/3 currency/dollars currency/and digits/1 currency/cent",
    ),
    ("currency", "$ 12", "digits/12 currency/dollars"),
    ("time_measurement", "65", "digits/0 time/hours digits/1 time/minute digits/5 time/seconds"),
    ("time_measurement", "3661", "digits/1 time/hour digits/1 time/minute digits/1 time/second"),
    (
        "time_measurement",
        "1:02:03",
        "digits/1 time/hour digits/2 time/minutes digits/3 time/seconds",
    ),
    ("time_measurement", "2:03", "digits/0 time/hours digits/2 time/minutes digits/3 time/seconds"),
    (
        *("current_date", "1700000000"),
        "time/day-2 time/mon-10 digits/14 digits/2 digits/thousand digits/20 digits/3",
    ),
    (
        *("current_date", "1709210096"),
        "time/day-4 time/mon-1 digits/20 digits/h-9 digits/2 digits/thousand digits/20 digits/4",
    ),
    ("current_time", "1709210096", "digits/12 digits/30 digits/4 time/p-m"),
    (
        *("current_date_time", "now"),
        "time/day-3 time/mon-2 digits/h-4 digits/2 digits/thousand digits/20 digits/6 time/at"
        " digits/3 time/oh digits/5 time/p-m",
    ),
    ("short_date_time", "2026-03-04 09:00:00", "time/today time/at digits/9 time/oclock time/a-m"),
    (
        "short_date_time",
        "2026-03-03 00:00",
        "time/yesterday time/at digits/12 time/oclock time/a-m",
    ),
    ("short_date_time", "2026-03-01 12:10", "time/day-0 time/at digits/12 digits/10 time/p-m"),
    (
        *("short_date_time", "2026-02-20 12:10"),
        "time/day-5 time/mon-1 digits/h-20 time/at digits/12 digits/10 time/p-m",
    ),
    (
        *("short_date_time", "2026-03-05 12:10"),
        "time/day-4 time/mon-2 digits/h-5 digits/2 digits/thousand digits/20 digits/6 time/at"
        " digits/12 digits/10 time/p-m",
    ),
]

TWENTY_FOUR = [
    ("2026-03-04 15:05", "15 0 5"),
    ("2026-03-04 09:30", "0 9 30"),
    ("2026-03-04 17:00", "17 hundred"),
    ("2026-03-04 00:00", "20 4 hundred"),
    ("2026-03-04 00:05", "0 0 0 5"),
]


def listed(kind: str, method: str, text: str) -> str:
    request = SayRequest(Kind(kind.upper()), Method(method.upper()), text, NOW)
    return " ".join(say(request, English()))


@pytest.mark.parametrize(("text", "method", "expected"), NUMBERS)
def test_numbers_are_said_as_mod_say_en_says_them(text: str, method: str, expected: str) -> None:
    names = " ".join(f"digits/{word}" for word in expected.split())
    for kind in ("number", "items", "persons", "messages"):
        assert listed(kind, method, text) == names


@pytest.mark.parametrize(("kind", "text", "expected"), OTHERS)
def test_values_are_said_as_mod_say_en_says_them(kind: str, text: str, expected: str) -> None:
    assert listed(kind, "pronounced", text) == expected


@pytest.mark.parametrize(("text", "expected"), TWENTY_FOUR)
def test_iterated_times_have_twenty_four_hours(text: str, expected: str) -> None:
    names = " ".join(f"digits/{word}" for word in expected.split())
    assert listed("current_time", "iterated", text) == f"{names} time/hours"


def test_genders_change_nothing() -> None:
    english = English()
    for gender in Gender:
        assert english.number(1, gender=gender) == ["digits/1"]


@pytest.mark.parametrize(
    ("method", "text", "expected"),
    [
        ("iterated", "12.05", "1 2 dollars and 0 5 cents"),
        ("iterated", "1.01", "1 dollar and 0 1 cent"),
        ("counted", "21.30", "20 h-1 dollars and h-30 cents"),
        ("n/a", "3.20", "dollars and cents"),
        ("pronounced_year", "1984.00", "19 80 4 dollars and 0 cents"),
        ("iterated", "-7", "negative 7 dollars"),
    ],
)
def test_the_numbers_of_money_are_said_as_other_numbers(
    method: str, text: str, expected: str
) -> None:
    said = say(SayRequest(Kind.CURRENCY, Method(method.upper()), text, NOW), English())
    assert " ".join(prompt.partition("/")[2] for prompt in said) == expected
