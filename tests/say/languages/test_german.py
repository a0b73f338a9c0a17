from __future__ import annotations

from datetime import UTC, datetime

import pytest

from softswitch.media.prompts.texts import texts
from softswitch.say.languages.german import German
from softswitch.say.request import Gender, Kind, Method, SayRequest
from softswitch.say.speaking import say

NOW = datetime(2026, 3, 4, 15, 5, tzinfo=UTC)

SAID = [
    ("number", "pronounced", "0", "null"),
    ("number", "pronounced", "1", "eins"),
    ("number", "pronounced", "21", "ein und zwanzig"),
    ("number", "pronounced", "101", "ein hundert eins"),
    ("number", "pronounced", "1217", "ein tausend zwei hundert siebzehn"),
    ("number", "pronounced", "31000", "ein und dreißig tausend"),
    ("number", "pronounced", "1000000", "eine Million"),
    ("number", "pronounced", "2000001", "zwei Millionen eins"),
    ("number", "counted", "1", "erster"),
    ("number", "counted", "12", "zwölfter"),
    ("number", "counted", "31", "ein und dreißigster"),
    ("number", "counted", "1000", "ein tausendster"),
    ("number", "iterated", "110", "eins eins null"),
    ("number", "pronounced_year", "1984", "neunzehn hundert vier und achtzig"),
    ("number", "pronounced_year", "1900", "neunzehn hundert"),
    ("number", "pronounced_year", "2026", "zwei tausend sechs und zwanzig"),
    ("currency", "pronounced", "1.50", "ein Euro und fünfzig Cent"),
    ("currency", "pronounced", "-2", "minus zwei Euro"),
    ("time_measurement", "pronounced", "3661", "eine Stunde eine Minute eine Sekunde"),
    ("time_measurement", "pronounced", "7200", "zwei Stunden null Minuten null Sekunden"),
    (
        *("current_date_time", "pronounced", ""),
        "Mittwoch vierter März zwei tausend sechs und zwanzig um fünfzehn Uhr fünf",
    ),
    ("current_time", "iterated", "2026-03-04 01:00", "ein Uhr"),
    ("short_date_time", "pronounced", "2026-03-03 10:30", "gestern um zehn Uhr dreißig"),
    ("ip_address", "pronounced", "10.1.0.21", "zehn Punkt eins Punkt null Punkt ein und zwanzig"),
    ("name_phonetic", "pronounced", "ab", "Anton Berta"),
]


@pytest.mark.parametrize(("kind", "method", "text", "expected"), SAID)
def test_values_are_said_in_german(kind: str, method: str, text: str, expected: str) -> None:
    request = SayRequest(Kind(kind.upper()), Method(method.upper()), text, NOW)
    words = texts("de")
    assert " ".join(words[name] for name in say(request, German())) == expected


def test_one_has_a_gender() -> None:
    german = German()
    said = {gender: german.number(1, gender=gender)[0] for gender in Gender}
    words = texts("de")
    assert words[said[Gender.NEUTER]] == "eins"
    assert words[said[Gender.MASCULINE]] == "ein"
    assert words[said[Gender.FEMININE]] == "eine"


def test_each_number_up_to_a_thousand_has_its_prompts() -> None:
    german, words = German(), texts("de")
    for value in range(1001):
        for counted in (False, True):
            for name in german.number(value, counted=counted and value > 0):
                assert name in words, (value, name)
