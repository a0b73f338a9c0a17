"""Dial strings: what is rung together, in turn and independently."""

from __future__ import annotations

import pytest

from softswitch.switch.causes import CallFailed
from softswitch.switch.dialstring import (
    MOST_GROUPS,
    dialable,
    flatten,
    parse,
    parse_enterprise,
    split_outside,
)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("a/1", [["a/1"]]),
        ("a/1,b/2", [["a/1", "b/2"]]),
        ("a/1|b/2,c/3", [["a/1"], ["b/2", "c/3"]]),
        (" a/1 , b/2 | c/3 ", [["a/1", "b/2"], ["c/3"]]),
        ("a/1,,b/2||", [["a/1", "b/2"]]),
        ("a", [["a/service"]]),
        ("a/", [["a/service"]]),
        ("sofia/x/sip:1@[::1]:5060", [["sofia/x/sip:1@[::1]:5060"]]),
        ("{a=1,b=2}a/1", [["a/1"]]),
        ("[a='x,y|z']a/1,[b=1]b/2", [["a/1", "b/2"]]),
        ("loopback/app=playback:a{b", [["loopback/app=playback:a{b"]]),
    ],
)
def test_bars_part_groups_and_commas_part_legs(text: str, groups: list[list[str]]) -> None:
    found = [[f"{leg.endpoint}/{leg.target}" for leg in group] for group in parse(text).groups]
    assert found == groups


@pytest.mark.parametrize(
    ("text", "shared", "own"),
    [
        ("{a=1}{b=2}x/1", {"a": "1", "b": "2"}, {}),
        ("{^^:a=1,2:b=3}x/1", {"a": "1,2", "b": "3"}, {}),
        ("{a='1,2',b=3}x/1", {"a": "1,2", "b": "3"}, {}),
        (r"{a=1\,2}x/1", {"a": "1,2"}, {}),
        ("{a={b}}x/1", {"a": "{b}"}, {}),
        ("{a=b=c,junk}x/1", {"a": "b=c"}, {}),
        ("[a=1][b=2]x/1", {}, {"a": "1", "b": "2"}),
        ("[^^:a=1,2:b=3]x/1", {}, {"a": "1,2", "b": "3"}),
        ("<a=1>{b=2}[c=3]x/1", {"a": "1", "b": "2"}, {"c": "3"}),
        ("<a=1>{a=2}x/1", {"a": "2"}, {}),
    ],
)
def test_brackets_hold_variables(text: str, shared: dict[str, str], own: dict[str, str]) -> None:
    parsed = parse(text)
    assert parsed.variables == shared
    assert parsed.groups[0][0].variables == own
    assert parsed.groups[0][0].target == "1"


def test_independent_strings_have_their_own_variables_and_share_the_outer_ones() -> None:
    first, second = parse_enterprise("<x=1>{y=2}a/1:_:{y=3}b/1|c/1")
    assert (first.variables, second.variables) == ({"x": "1", "y": "2"}, {"x": "1", "y": "3"})
    assert len(second.groups) == 2
    [only] = parse_enterprise("{a='x:_:y'}a/1")
    assert only.variables == {"a": "x:_:y"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{a=1}",
        "|,",
        "{a=1",
        "[a=1",
        "<a=1",
        "a/1:_:",
        ",".join(["a/1"] * (MOST_GROUPS + 1)),
    ],
)
def test_what_cannot_be_rung_fails(text: str) -> None:
    with pytest.raises(CallFailed):
        parse_enterprise(text)


def test_an_escaped_separator_does_not_part() -> None:
    assert split_outside(r"a\,b,c", ",") == [r"a\,b", "c"]


@pytest.mark.parametrize(
    ("text", "flat"),
    [
        ("sofia/a/1", "sofia/a/1"),
        ("{a=b}sofia/a/1,sofia/a/2", "[a=b]sofia/a/1,[a=b]sofia/a/2"),
        ("{a=b}x/1|y/2,", "[a=b]x/1|[a=b]y/2"),
        ("{a=b}{c=d} [e=f]x/1,y/2", "[a=b][c=d][e=f]x/1,[a=b][c=d]y/2"),
        ("<g=h>{a=b}[e=f]x/1", "[g=h][a=b][e=f]x/1"),
        ("<g=h>{a=b}x/1", "[a=b][g=h]x/1"),
        ("{local_var_clobber=true}[e=f]x/1", "[e=f][local_var_clobber=true]x/1"),
        ("{a=b}x/1:_:{c=d}y/2:_:z/3", "[a=b]x/1:_:[c=d]y/2:_:z/3"),
        ("[a={b}]x/1", "[a={b}]x/1"),
    ],
)
def test_variables_of_all_legs_become_those_of_each(text: str, flat: str) -> None:
    assert flatten(text) == flat


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("+49 (30) 123-4", "+49(30)123-4"),
        ("*98#", "*98#"),
        ("alice@example.test", "alice@example.test"),
        ("1,user/2|3:_:[a=b]{c}<d>${e}'\\^", "1user23_abcde"),
        ("ä1", "1"),
    ],
)
def test_a_number_from_outside_is_never_more_than_a_number(number: str, kept: str) -> None:
    assert dialable(number) == kept
