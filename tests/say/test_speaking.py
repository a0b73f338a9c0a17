from __future__ import annotations

import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from softswitch.media.prompts.texts import texts
from softswitch.say.languages.english import English
from softswitch.say.request import Kind, Method, SayError, SayRequest
from softswitch.say.speaking import PAUSE, say, weekday

NOW = datetime(2026, 3, 4, 15, 5, tzinfo=UTC)

SAID = [
    ("ip_address", "pronounced", "10.0.0.9", "d10 dot d0 dot d0 dot d9"),
    (
        *("ip_address", "pronounced", "192.168.1.20"),
        "d1 hundred d90 d2 dot d1 hundred d60 d8 dot d1 dot d20",
    ),
    ("ip_address", "counted", "10.0.0.9", "d10 dot d0 dot d0 dot dh-9"),
    ("telephone_number", "pronounced", "(0)--5 ", "pause d0 pause d5 pause"),
    ("number", "n/a", "0", "d0"),
    ("ip_address", "iterated", "10.0.0.9", "d1 d0 dot d0 dot d0 dot d9"),
    ("ip_address", "pronounced", "fe80::1", "a102 a101 d8 d0 a58 a58 d1"),
    ("telephone_number", "pronounced", "+15551234", "a43 d1 d5 d5 d5 d1 d2 d3 d4"),
    ("telephone_number", "pronounced", "+1 - 5", "a43 d1 pause d5"),
    ("telephone_number", "iterated", "1-800 FOO", "d1 pause d8 d0 d0 pause a102 a111 a111"),
    ("name_spelled", "pronounced", "a9#", "a97 d9 a35"),
    ("name_spelled", "pronounced", "x*.", "a120 a42 a46"),
    ("name_spelled", "pronounced", "Jürgen", "a106 a117 a114 a103 a101 a110"),
    ("name_spelled", "pronounced", "李", ""),
    ("name_phonetic", "pronounced", "Abc1", "p97 p98 p99 d1"),
]
_SHORT = {"d": "digits/", "a": "ascii/", "p": "phonetic-ascii/"}


def written_out(short: str) -> list[str]:
    words = {"dot": "digits/dot", "hundred": "digits/hundred", "pause": PAUSE}
    return [words.get(word) or _SHORT[word[0]] + word[1:] for word in short.split()]


def said(kind: str, method: str, text: str) -> list[str]:
    return say(SayRequest(Kind(kind.upper()), Method(method.upper()), text, NOW), English())


@pytest.mark.parametrize(("kind", "method", "text", "expected"), SAID)
def test_what_languages_share_is_said(kind: str, method: str, text: str, expected: str) -> None:
    assert said(kind, method, text) == written_out(expected)


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("number", "abc", "'abc' is no whole number"),
        ("number", "-5", "'-5' is no whole number"),
        ("number", "3.14", "'3.14' is no whole number"),
        ("number", "", "'' is no whole number"),
        ("number", "1234567890", "'1234567890' has more than 9 digits"),
        ("currency", "many", "'many' is no amount of money"),
        ("currency", "1234567890123456", "is longer than 15 characters"),
        ("time_measurement", "soon", "'soon' is no time"),
        ("time_measurement", "1:2:3:4", "is no time"),
        ("time_measurement", "99999999999999", "is too long a time"),
        ("current_date", "9:99", "'9:99' is no date"),
        ("current_date", "2026-02-30 10:00:00", "is outside the calendar"),
        ("current_time", "99999999999999999999", "is outside the calendar"),
        ("ip_address", "10.0.300.1", "'10.0.300.1' is no IP address"),
        ("ip_address", "a.b", "'a.b' is no IP address"),
        ("account_number", "12", "account_number is a type that no language says"),
        ("email_address", "a@b", "email_address is a type that no language says"),
    ],
)
def test_what_cannot_be_said_is_told_with_its_reason(kind: str, text: str, reason: str) -> None:
    with pytest.raises(SayError, match=reason.replace(".", r"\.")):
        said(kind, "pronounced", text)


def test_a_moment_is_taken_in_the_zone_of_the_listener() -> None:
    now = datetime(2026, 3, 4, 15, 5, tzinfo=ZoneInfo("America/New_York"))
    request = SayRequest(Kind.CURRENT_TIME, Method.PRONOUNCED, "1700000000", now)
    assert say(request, English()) == [
        "digits/5",
        "digits/13",
        "time/p-m",
    ]


def test_sunday_is_the_first_day() -> None:
    assert weekday(datetime(2026, 3, 1)) == "time/day-0"
    assert weekday(datetime(2026, 3, 7)) == "time/day-6"


def test_any_text_is_said_or_refused() -> None:
    dice = random.Random(5)
    letters = "0123456789.:-+,* abzé\x00😀"
    known = texts("en")
    for _ in range(2000):
        text = "".join(dice.choices(letters, k=dice.randrange(12)))
        request = SayRequest(dice.choice([*Kind]), dice.choice([*Method]), text, NOW)
        try:
            names = say(request, English())
        except SayError:
            continue
        for name in names:
            assert name in known or "://" in name, (request, name)


def test_a_very_long_text_has_an_end() -> None:
    assert len(said("name_spelled", "pronounced", "a" * 100_000)) == 1000
