"""Repeats: what is written for them, and what they cost."""

from __future__ import annotations

import pytest

from softswitch.dialplan.pcre_characters import PatternError
from softswitch.dialplan.pcre_items import ENDLESS
from softswitch.dialplan.pcre_rewrite import rewrite


@pytest.mark.parametrize(
    ("pattern", "rewritten"),
    [
        ("a*", "a*"),
        ("a+?", "a+?"),
        ("a?+", "a?+"),
        ("a{2}", "a{2}"),
        ("a{2,}", "a{2,}"),
        ("a{2,3}?", "a{2,3}?"),
        ("a{0,1}", "a?"),
        ("a{1}", "a"),
        ("a{2}?", "a{2}"),
    ],
)
def test_a_repeat_is_written_shortly(pattern: str, rewritten: str) -> None:
    assert rewrite(pattern)[0].text == rewritten


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("a{3,2}", "out of order"),
        ("a{65536}", "too big"),
        ("a{1,99999}", "too big"),
        ("(?:a{1000}){1000}", "too large"),
        ("*a", "does not follow a repeatable item"),
        ("a**", "does not follow a repeatable item"),
    ],
)
def test_repeats_without_sense_or_limit_are_refused(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        rewrite(pattern)


@pytest.mark.parametrize(
    ("pattern", "ways", "degree"),
    [
        ("a", 1, 0),
        ("a{2}", 1, 0),
        ("a{0,3}", 4, 0),
        ("a*", 1, 1),
        ("a*a*", 1, 2),
        ("(?:a|b)*", ENDLESS, 0),
        ("(?:a*)*", ENDLESS, 0),
    ],
)
def test_the_ways_of_a_repeat_are_counted(pattern: str, ways: int, degree: int) -> None:
    node, _ = rewrite(pattern)
    assert (node.ways, node.degree) == (ways, degree)


@pytest.mark.parametrize(
    ("pattern", "width"), [("a{3}", 3), ("a{0}", 0), ("a*", None), ("ab{2}", 3)]
)
def test_the_width_of_a_repeat_is_known_where_it_is_fixed(pattern: str, width: int | None) -> None:
    assert rewrite(pattern)[0].width == width
