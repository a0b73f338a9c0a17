"""What the rewriter makes of a pattern, and what it knows of its cost."""

from __future__ import annotations

import pytest

from softswitch.dialplan.pcre_items import ENDLESS
from softswitch.dialplan.pcre_rewrite import rewrite


@pytest.mark.parametrize(
    ("pattern", "rewritten"),
    [
        ("^9196$", "^9196$"), (r"^(10[01]\d)$", "^(10[0-1][0-9])$"),
        ("a{e<=1}", r"a\x7be\x3c\x3d1\x7d"),
        (r"\N", r"[^\n]"), (r"a\Z", r"a(?=\n?\Z)"), (r"a\z", r"a\Z"),
        (r"(a)\g{-1}", r"(a)(?:\1)"), ("(?<n>a)", "(a)"),
        ("(?i)a1", "[Aa]1"), ("(?#c)a", "a"), (r"\Qa.b\E", r"a\x2eb"), ("(*pla:a)", "(?=a)"),
        ("(?U)a*", "a*?"),
    ],
)  # fmt: skip
def test_a_pattern_is_rewritten(pattern: str, rewritten: str) -> None:
    assert rewrite(pattern)[0].text == rewritten


def test_flags_apply_from_the_start() -> None:
    assert rewrite("a", "i")[0].text == "[Aa]"
    assert rewrite(".", "s")[0].text == r"[\x00-\xff]"


def test_repeats_that_prefer_less_can_be_made_greedy() -> None:
    assert rewrite("a*?b+?", lazy=False)[0].text == "a*b+"


@pytest.mark.parametrize(
    ("pattern", "groups"), [("a", 0), ("(a)(?:b)(?<n>c)", 2), ("(?|(a)|(b)(c))(d)", 3)]
)
def test_groups_are_counted(pattern: str, groups: int) -> None:
    assert rewrite(pattern)[1] == groups


@pytest.mark.parametrize(
    ("pattern", "width", "ways", "degree"),
    [
        ("^abc$", 3, 1, 0), ("a|b", 1, 2, 0), ("a|bc", None, 2, 0), ("a*", None, 1, 1),
        ("a*b*", None, 1, 2),
        ("a{2}", 2, 1, 0), ("a{1,3}", None, 3, 0), ("(a|b)(c|d)", 2, 4, 0),
        ("(a|b)*", None, ENDLESS, 0),
        ("(a*)*", None, ENDLESS, 0), ("(?=a)", 0, 1, 0),
    ],
)  # fmt: skip
def test_the_cost_of_a_pattern_is_known(
    pattern: str, width: int | None, ways: int, degree: int
) -> None:
    node, _ = rewrite(pattern)
    assert (node.width, node.ways, node.degree) == (width, ways, degree)
