"""Characters, escapes and classes, as PCRE2 reads them."""

from __future__ import annotations

import pytest

from softswitch.dialplan import pcre_sets
from softswitch.dialplan.pcre_characters import CharacterReader, PatternError


def reader(text: str, flags: str = "") -> CharacterReader:
    return CharacterReader(text, frozenset(flags.split()))


def members(text: str, flags: str = "") -> str:
    """The printable members of a class, in order."""
    found = reader(text, flags).class_members()
    return "".join(chr(code) for code in sorted(found) if 0x20 <= code < 0x7F)


def test_what_comes_next_is_taken_only_where_it_is_what_was_expected() -> None:
    place = reader("abc>d")
    assert not place.take("b")
    assert place.take("a")
    assert place.peek(2) == "bc"
    assert place.until(">", "missing >") == "bc"
    assert place.peek() == "d"
    with pytest.raises(PatternError, match=r"missing > \(at offset 4\)") as refused:
        place.until(">", "missing >")
    assert (refused.value.reason, refused.value.offset) == ("missing >", 4)


@pytest.mark.parametrize(
    ("text", "code", "left"),
    [
        (r"\n", 10, ""), (r"\e", 27, ""), (r"\.", 0x2E, ""),
        (r"\x41B", 0x41, "B"), (r"\x4g", 4, "g"), (r"\xg", 0, "g"), (r"\x{fF}", 255, ""),
        (r"\o{101}", 0x41, ""), (r"\1012", 0x41, "2"), (r"\08", 0, "8"),
        (r"\cA", 1, ""), (r"\ca", 1, ""), (r"\c[", 27, ""),
    ],
)  # fmt: skip
def test_an_escape_stands_for_one_byte(text: str, code: int, left: str) -> None:
    place = reader(text)
    assert place.character_escape() == code
    assert place.text[place.position :] == left


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"\x{100}", "above 255"), (r"\777", "above 255"), (r"\x{}", "digits are missing"),
        (r"\x{4z}", "digits are missing"), (r"\x{41", "missing }"), (r"\o1", "not followed by {"),
        ("\\c", "end of pattern"), ("\\c\t", "printable"), (r"\y", "unrecognised letter y"),
    ],
)  # fmt: skip
def test_an_escape_that_stands_for_none_is_refused(text: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        reader(text).character_escape()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[abc]", "abc"), ("[a-d]", "abcd"), ("[a-]", "-a"), ("[-a]", "-a"), ("[]a]", "]a"),
        (r"[\d-]", "-0123456789"), (r"[\]\\]", r"\]"), ("[[:digit:]x]", "0123456789x"),
        (r"[\x41-\x43]", "ABC"), (r"[\Qa-c\E]", "-ac"), ("[^ -y~]", "z{|}"), (r"[\8]", "8"),
        ("[[:^print:]a]", "a"), ("[[:x]", ":[x"),
    ],
)  # fmt: skip
def test_a_class_has_its_members(text: str, expected: str) -> None:
    assert members(text) == expected


def test_settings_change_what_a_class_means() -> None:
    assert members("[ab]", "i") == "ABab"
    assert members("[a b]", "xx") == "ab"
    assert members("[[:upper:]]", "i") == members("[[:alpha:]]")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[abc", "missing terminating ]"), ("[z-a]", "out of order"), (r"[\d-z]", "invalid range"),
        (r"[a-\d]", "invalid range"), ("[[:tall:]]", "unknown POSIX class"),
        ("[[.a.]]", "collating"), ("[:alpha:]", "only within a class"), (r"[\B]", "invalid in a"),
        ("[a\\", "at end of pattern"),
    ],
)  # fmt: skip
def test_a_class_that_is_none_is_refused(text: str, reason: str) -> None:
    with pytest.raises(PatternError, match=reason):
        reader(text).class_members()


@pytest.mark.parametrize(
    ("text", "negated", "has", "lacks"),
    [("{Lu}", False, "A", "a"), ("{^Lu}", False, "a", "A"), ("{^Lu}", True, "A", "a"),
     ("L", False, "a", "1")],
)  # fmt: skip
def test_a_unicode_property_is_a_set_of_bytes(
    text: str, negated: bool, has: str, lacks: str
) -> None:
    found = reader(text).property(negated)
    assert ord(has) in found
    assert ord(lacks) not in found
    assert found < pcre_sets.ALL


def test_a_property_nobody_knows_is_refused() -> None:
    with pytest.raises(PatternError, match="'Tall' cannot be expressed"):
        reader("{Tall}").property(False)
