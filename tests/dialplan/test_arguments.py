"""Splitting of application data, bracketed variables and booleans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.dialplan.arguments import (
    is_false,
    is_true,
    split,
    split_variables,
    take_bracket,
    take_scope,
    take_variables,
    whole,
)


@pytest.mark.parametrize(
    ("text", "delimiter", "expected"),
    [
        ("", " ", []), ("a", " ", ["a"]), ("a b c", " ", ["a", "b", "c"]),
        ("a   b", " ", ["a", "b"]),
        (" a b ", " ", ["a", "b"]), ("a 'b c' d", " ", ["a", "b c", "d"]), ("'a b'", " ", ["a b"]),
        ("a 'b c", " ", ["a", "'b c"]), (r"a\ b c", " ", ["a\\ b", "c"]),
        (r"a\sb c", " ", ["a b", "c"]),
        ("11 11 'tone_stream://%(10000,0,350,440)' digits 5000 #", " ",
         ["11", "11", "tone_stream://%(10000,0,350,440)", "digits", "5000", "#"]),
        ("a,b,c", ",", ["a", "b", "c"]), ("a,,c", ",", ["a", "", "c"]), ("a,b,", ",", ["a", "b"]),
        (",a", ",", ["", "a"]), (",", ",", [""]), (",,", ",", ["", ""]),
        (" a , b ", ",", ["a", "b"]),
        ("a,'b,c',d", ",", ["a", "b,c", "d"]), ("a,it's,b", ",", ["a", "it's", "b"]),
        (r"a\,b,c", ",", ["a,b", "c"]), (r"a\nb,c", ",", ["a\nb", "c"]),
        (r"a\\,b", ",", ["a\\", "b"]),
        (r"a\x,b", ",", ["a\\x", "b"]), (r"it\'s,b", ",", ["it's", "b"]),
        (r"a\"b,c", ",", ['a"b', "c"]),
        ("' a ',b", ",", [" a ", "b"]), ("a' b 'c,d", ",", ["a b c", "d"]),
        ("^^;a;b c;d", ",", ["a", "b c", "d"]),
        ("^^:a=1,2:b=3", ",", ["a=1,2", "b=3"]), ("^^;a=1;b=2 x", " ", ["a=1", "b=2 x"]),
        ("^^", ",", ["^^"]),
        ("^^x", ",", ["^^x"]), ("^^ a b", ",", ["a", "b"]), ("a\\", ",", ["a\\"]),
        ("a b\\", " ", ["a", "b\\"]),
        ("''", ",", [""]), ("'a'b", ",", ["ab"]), ("a\tb", " ", ["a\tb"]), ("   ", " ", [""]),
    ],
)  # fmt: skip
def test_data_is_split_as_applications_expect(
    text: str, delimiter: str, expected: list[str]
) -> None:
    assert split(text, delimiter) == expected


@pytest.mark.parametrize(
    ("text", "delimiter", "limit", "expected"),
    [
        ("a b c d", " ", 2, ["a", "b c d"]), ("a,b,c", ",", 2, ["a", "b,c"]),
        ("a=b=c", "=", 2, ["a", "b=c"]),
        ("a,'b,c',d", ",", 2, ["a", "b,c,d"]), ("a b", " ", 1, ["a b"]), ("a,b", ",", 1, ["a,b"]),
        ("a,b,", ",", 2, ["a", "b,"]), ("a=", "=", 2, ["a"]),
    ],
)  # fmt: skip
def test_the_last_token_keeps_what_is_left(
    text: str, delimiter: str, limit: int, expected: list[str]
) -> None:
    assert split(text, delimiter, limit) == expected


@given(st.text("ab ,'\\^;=n", max_size=20), st.sampled_from(" ,;="), st.integers(1, 5))
def test_splitting_never_raises_and_keeps_to_its_limit(
    text: str, delimiter: str, limit: int
) -> None:
    assert len(split(text, delimiter, limit)) <= limit


@given(st.lists(st.text("abc", min_size=1), min_size=1), st.sampled_from(",;|"))
def test_plain_tokens_come_back_as_they_were_joined(tokens: list[str], delimiter: str) -> None:
    assert split(delimiter.join(tokens), delimiter) == tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1,b=2", [("a", "1"), ("b", "2")]), ("a='1,2',b=3", [("a", "1,2"), ("b", "3")]),
        (r"a=1\,2", [("a", "1,2")]), ("^^:a=1,2:b=3", [("a", "1,2"), ("b", "3")]),
        ("a=b=c", [("a", "b=c")]),
        ("a,b=1", [("b", "1")]), ("a=", []), ("", []), (" a = 1 , b=2", [("a", "1"), ("b", "2")]),
        ("a='x y'", [("a", "x y")]), ("leg_timeout=15,ignore_early_media=true",
                                      [("leg_timeout", "15"), ("ignore_early_media", "true")]),
    ],
)  # fmt: skip
def test_variable_lists_are_read(text: str, expected: list[tuple[str, str]]) -> None:
    assert split_variables(text) == expected


def test_a_bracket_ends_at_its_match() -> None:
    assert take_bracket("{a={b}}rest", "{", "}") == ("a={b}", "rest")
    assert take_bracket("[a=1][b=2]x", "[", "]") == ("a=1", "[b=2]x")
    assert take_bracket("{a='}'}", "{", "}") == ("a='", "'}")
    assert take_bracket("x{a}", "{", "}") is None
    assert take_bracket("{a", "{", "}") is None


def test_adjacent_brackets_of_one_kind_are_all_read() -> None:
    taken = take_variables("{a=1}{^^;b=2,3;c=4} user/1000", "{", "}")
    assert taken == ([("a", "1"), ("b", "2,3"), ("c", "4")], "user/1000")
    assert take_variables("user/1000", "{", "}") == ([], "user/1000")


def test_a_bracket_without_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="without its"):
        take_variables("{a=1 user/1000", "{", "}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%[x=1,y=2]data", ([("x", "1"), ("y", "2")], "data")),
        ("%;[x=1;y=2,3]data", ([("x", "1"), ("y", "2,3")], "data")),
        ("%(500,0,320)", ([], "%(500,0,320)")), ("data", ([], "data")), ("%[x=1", ([], "%[x=1")),
        ("%", ([], "%")), ("", ([], "")),
    ],
)  # fmt: skip
def test_scope_variables_are_taken_from_the_front(
    text: str, expected: tuple[list[tuple[str, str]], str]
) -> None:
    assert take_scope(text) == expected


TRUE = ["yes", "on", "true", "t", "enabled", "active", "allow", "TRUE", "Yes", "1", "42", "-1"]
FALSE = ["no", "off", "false", "f", "disabled", "inactive", "disallow", "No", "0", "0.0", "00"]
NEITHER = ["", "maybe", "y", "n", "truely", "1x", " true"]


def test_words_and_numbers_say_yes_or_no_or_neither() -> None:
    assert all(map(is_true, TRUE)) and not any(map(is_false, TRUE))
    assert all(map(is_false, FALSE)) and not any(map(is_true, FALSE))
    assert not any(map(is_true, NEITHER)) and not any(map(is_false, NEITHER))
    assert not is_true(None) and not is_false(None)


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("999999999", 999_999_999), ("1000000000", 7), ("", 7), ("-1", 7), ("9" * 5000, 7)],
)
def test_a_whole_number_has_nine_digits_at_most(text: str, number: int) -> None:
    assert whole(text, 7) == number
