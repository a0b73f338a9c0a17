from __future__ import annotations

import pytest

from softswitch.say.request import Gender, Kind, Method, SayError, find_word, parse_word


def test_words_are_compared_without_case() -> None:
    assert parse_word(Kind, "short_date_time") is Kind.SHORT_DATE_TIME
    assert parse_word(Method, "Pronounced_Year") is Method.PRONOUNCED_YEAR
    assert parse_word(Method, "n/a") is Method.NONE
    assert find_word(Gender, "feminine") is Gender.FEMININE


def test_a_word_that_does_not_exist_is_told_with_those_that_do() -> None:
    assert find_word(Kind, "numbers") is None
    with pytest.raises(SayError, match="'numbers' is no kind of say: there are number, items"):
        parse_word(Kind, "numbers")
