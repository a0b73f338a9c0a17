"""Sets of byte values."""

from __future__ import annotations

import pytest
import regex

from softswitch.dialplan import pcre_sets


@pytest.mark.parametrize(
    ("members", "pattern"),
    [
        ({0x61}, "a"), ({0x2E}, r"\x2e"), ({0x61, 0x62, 0x63}, "[a-c]"), ({0x61, 0x7A}, "[az]"),
        (set(), "(?!)"),
        ({0x30, 0x31, 0x41}, "[0-1A]"), (set(range(256)), r"[\x00-\xff]"),
    ],
)  # fmt: skip
def test_a_set_becomes_one_item(members: set[int], pattern: str) -> None:
    assert pcre_sets.pattern_of(frozenset(members)) == pattern


def test_the_item_matches_exactly_its_members() -> None:
    for members in (*pcre_sets.ESCAPES.values(), *pcre_sets.POSIX.values()):
        compiled = regex.compile(pcre_sets.pattern_of(members), regex.VERSION0 | regex.ASCII)
        matched = {code for code in range(256) if compiled.fullmatch(chr(code))}
        assert matched == members


def test_folding_adds_the_other_case_of_ascii_letters_only() -> None:
    assert pcre_sets.fold(frozenset((0x61, 0x31, 0xE9))) == {0x61, 0x41, 0x31, 0xE9}


def test_general_categories_are_known_and_others_not() -> None:
    letters = pcre_sets.property_set("L")
    assert letters and 0x61 in letters and 0xE9 in letters and 0x31 not in letters
    upper = pcre_sets.property_set("Lu")
    assert upper and 0x41 in upper and 0x61 not in upper
    assert pcre_sets.property_set("Greek") is None
    assert pcre_sets.property_set("Any") == pcre_sets.ALL
