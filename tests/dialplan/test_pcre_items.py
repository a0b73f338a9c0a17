"""Single items of a pattern: what they become, what they consume, what they refer to."""

from __future__ import annotations

import pytest

from softswitch.dialplan.pcre_characters import PatternError
from softswitch.dialplan.pcre_items import ENDLESS, ItemRewriter, Node, zero_width


def rewriter(text: str, flags: str = "") -> ItemRewriter:
    """In a pattern whose first two groups, the second named ``n``, were read."""
    made = ItemRewriter(text, frozenset(flags))
    made.groups, made.widths, made.named = 2, {1: 3, 2: None}, {"n": 2}
    return made


@pytest.mark.parametrize(
    ("text", "node"),
    [
        (r"\d", Node("[0-9]")), (r"\A", zero_width(r"\A")), (r"\z", zero_width(r"\Z")),
        (r"\b", zero_width(r"\b")), (r"\N", Node(r"[^\n]")), (r"\.", Node(r"\x2e")),
        (r"\K", zero_width(r"\K")), (r"\x41", Node("A")),
        (r"\1", Node(r"(?:\1)", 3)), (r"\g1", Node(r"(?:\1)", 3)), (r"\g{-2}", Node(r"(?:\1)", 3)),
        (r"\k<n>", Node(r"(?:\2)", 0)), (r"\k'n'", Node(r"(?:\2)", 0)),
        (r"\g{n}", Node(r"(?:\2)", 0)),
        (r"\g<1>", Node("(?1)", 3, ENDLESS)), (r"\g<0>", Node("(?R)", 0, ENDLESS)),
        (r"\g'n'", Node("(?2)", None, ENDLESS)), (r"\g<-1>", Node("(?2)", None, ENDLESS)),
        (r"\11", Node(r"\x09")),
    ],
)  # fmt: skip
def test_an_escape_becomes_what_it_means(text: str, node: Node) -> None:
    made = rewriter(text)
    assert made.escape() == node
    assert made.position == len(text)


def test_a_line_end_and_a_character_are_whole_and_of_no_fixed_width() -> None:
    for text in (r"\R", r"\X"):
        node = rewriter(text).escape()
        assert node.text.startswith("(?>")
        assert (node.width, node.ways) == (None, 2)


def test_case_does_not_count_where_it_shall_not() -> None:
    assert rewriter("", "i").literal(ord("a")).text == "[Aa]"
    assert rewriter(r"\1", "i").escape().text == r"(?i:\1)"
    assert rewriter("[a]", "i").character_class().text == "[Aa]"


def test_words_begin_and_end_at_marks() -> None:
    assert rewriter("[[:<:]]x").character_class() == zero_width(r"(?:\b(?=\w))")
    assert rewriter("[[:>:]]").character_class() == zero_width(r"(?:\b(?<=\w))")


def test_the_highest_reference_is_remembered_with_its_place() -> None:
    made = rewriter(r"\7\3")
    made.escape()
    made.escape()
    assert made.highest_reference == (7, 0)


def test_a_name_may_come_before_its_group_at_a_first_reading_only() -> None:
    made = rewriter(r"\k{later}")
    made.escape()
    assert made.unresolved
    again = rewriter(r"\k{later}")
    again.names = {"later": 1}
    assert again.escape() == Node(r"(?:\1)", 3)
    last = rewriter(r"\k{never}")
    last.names = {}
    with pytest.raises(PatternError, match="no group named 'never'"):
        last.escape()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\\", "at end of pattern"), (r"\N{U+41}", "not supported"), (r"\g{-3}", "does not exist"),
        (r"\g{-0}", "does not exist"), (r"\g{0}", "does not exist"), (r"\g!", "not followed by"),
        (r"\k!", "not followed by a name"), (r"\k<n", "missing >"), (r"\g{1", "missing }"),
    ],
)  # fmt: skip
def test_what_refers_to_nothing_is_refused(text: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        rewriter(text).escape()


def test_the_start_is_not_moved_within_a_lookaround() -> None:
    made = rewriter(r"\K")
    made.lookarounds = 1
    with pytest.raises(PatternError, match="not allowed in lookarounds"):
        made.escape()
