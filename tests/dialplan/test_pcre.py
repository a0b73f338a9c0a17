"""Expressions: PCRE2's meaning, flags, Asterisk patterns, time limits, collected digits."""

from __future__ import annotations

import ctypes
import gc
import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.dialplan import pcre
from softswitch.dialplan.pcre import Expression, Fit, MatchTimeout, PatternError, compile_expression
from tests.dialplan import libpcre2
from tests.dialplan.pcre_constructs import (
    CONSTRUCTS,
    MORE_CONSTRUCTS,
    MORE_SUBJECTS,
    SUBJECTS,
)

try:
    LIBRARY: ctypes.CDLL | None = libpcre2.load()
except libpcre2.LibraryAbsent:
    LIBRARY = None

needs_library = pytest.mark.skipif(LIBRARY is None, reason="there is no libpcre2-8 here")

REFUSED = {
    "(*COMMIT)a": "backtracking verbs beyond PRUNE, SKIP and FAIL",
    "(*ACCEPT)a": "backtracking verbs beyond PRUNE, SKIP and FAIL",
    "(*THEN)a": "backtracking verbs beyond PRUNE, SKIP and FAIL",
    "(*UTF)a": "subjects are bytes",
    "(*UCP)a": "subjects are bytes",
    r"^(?:(.)(?=.*(\1(?(2)\2))$))*": "a condition on the group it stands in",
    "(?(R)a|b)": "conditions on recursion",
    "(?(VERSION>=10)a|b)": "conditions on the version",
    "a(*SKIP:x)b": "backtracking verbs beyond PRUNE, SKIP and FAIL",
    "a(*THEN)b|c": "backtracking verbs beyond PRUNE, SKIP and FAIL",
    "(*COMMIT)b": "backtracking verbs beyond PRUNE, SKIP and FAIL",
    "a(*ACCEPT)b": "backtracking verbs beyond PRUNE, SKIP and FAIL",
    "(a(*ACCEPT)b)c": "backtracking verbs beyond PRUNE, SKIP and FAIL",
    "(*CR)a": "newlines are line feeds",
    "(*CRLF)a$": "newlines are line feeds",
    "(*ANYCRLF)a$": "newlines are line feeds",
    "(*ANY)a$": "newlines are line feeds",
    "(*NUL)a": "newlines are line feeds",
    r"(*BSR_ANYCRLF)\R": "newlines are line feeds",
    "(*NOTEMPTY)a*": "options of one match",
    "(*napla:a)a": "assertions that are not atomic",
    "(*sr:a)a": "script runs",
    "(*asr:a)": "script runs",
    "(?J)(?<n>a)|(?<n>b)": "several groups of one name",
    r"\p{Greek}": "scripts and binary properties",
    r"\p{Script=Latin}": "scripts and binary properties",
    r"\p{Alphabetic}": "scripts and binary properties",
}
"""What PCRE2 accepts and we refuse, with the reason."""


def reference(pattern: str) -> libpcre2.Pattern | None:
    assert LIBRARY is not None
    try:
        return libpcre2.Pattern(LIBRARY, pattern.encode())
    except libpcre2.BadPattern:
        return None


def ours(pattern: str) -> Expression | None:
    try:
        return Expression(pattern if pattern[:1] not in ("/", "_") else f"/{pattern}/")
    except PatternError:
        return None


def answer(pattern: libpcre2.Pattern, subject: str) -> list[str | None] | None:
    groups = pattern.match(subject.encode())
    if groups is None:
        return None
    return [None if g is None else g.decode("utf-8", "surrogateescape") for g in groups]


def test_the_table_covers_what_it_should() -> None:
    constructs, subjects = CONSTRUCTS + MORE_CONSTRUCTS, SUBJECTS + MORE_SUBJECTS
    assert len(set(constructs)) == len(constructs) >= 570
    assert len(set(subjects)) == len(subjects) >= 120


@needs_library
@pytest.mark.parametrize("pattern", CONSTRUCTS + MORE_CONSTRUCTS)
def test_every_construct_means_what_it_means_in_pcre2(pattern: str) -> None:
    theirs, mine = reference(pattern), ours(pattern)
    if pattern in REFUSED:
        assert mine is None and theirs is not None
        return
    assert (theirs is None) == (mine is None)
    if theirs is None or mine is None:
        return
    for subject in SUBJECTS + MORE_SUBJECTS:
        if pattern == "(?0)?a":
            continue  # endless recursion: PCRE2 gives up, we run into the time limit
        assert mine.search(subject, 5) == answer(theirs, subject), subject


ATOMS = st.sampled_from(
    [
        "a", "b", "1", "2", ".", r"\d", r"\w", r"\s", r"\D", "[ab]", "[^a]", "[0-9]", r"\.", r"\b",
        "^", "$", r"\1", r"\x61", "(?i)", r"\h", "[[:alpha:]]", r"\R", "(?=a)", "(?!b)", "(?<=a)",
        r"\N", " ", "-",
    ]
)  # fmt: skip
REPEATS = st.sampled_from(
    ["", "", "", "*", "+", "?", "{2}", "{1,2}", "*?", "+?", "??", "++", "{,2}"]
)


def _sequences(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    groups = st.builds(
        lambda opening, body: f"{opening}{body})",
        st.sampled_from(["(", "(?:", "(?>", "(?|", "(?=", "(?!", "(?i:", "(?<n>"]),
        inner,
    )
    piece = st.builds(lambda atom, repeat: atom + repeat, ATOMS | groups, REPEATS)
    branch = st.lists(piece, max_size=3).map("".join)
    return st.lists(branch, min_size=1, max_size=3).map("|".join)


PATTERNS = st.recursive(ATOMS, _sequences, max_leaves=8)


@needs_library
@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.lists(st.text("ab12 .-AB\n", max_size=8), max_size=5))
def test_any_pattern_means_what_it_means_in_pcre2(pattern: str, subjects: list[str]) -> None:
    theirs, mine = reference(pattern), ours(pattern)
    if mine is None or theirs is None:
        assert theirs is None or _inexpressible(pattern)
        assert mine is None
        return
    for subject in subjects:
        assert mine.search(subject, 5) == answer(theirs, subject)


def _inexpressible(pattern: str) -> bool:
    """Whether a refusal is one that we know of: a reference inside its own group."""
    try:
        Expression(pattern if pattern[:1] not in ("/", "_") else f"/{pattern}/")
    except PatternError as error:
        return "cannot refer to an open group" in error.reason
    return False


@given(st.text("()[]{}*+?|\\^$.<>=!:'&-,0123abdgkpPQExR#CKi(", max_size=16))
def test_no_text_breaks_the_compiler(pattern: str) -> None:
    expression = ours(pattern)
    if expression is not None:
        expression.match("ab12")


@pytest.mark.parametrize(
    ("expression", "subject", "groups"),
    [
        ("/^ab$/", "ab", ["ab"]), ("/^ab$/", "AB", None), ("/^ab$/i", "AB", ["AB"]),
        ("/a.b/s", "a\nb", ["a\nb"]),
        ("/a.b/", "a\nb", None), ("/a/x", "a", ["a"]), ("/A.B/is", "a\nb", ["a\nb"]),
        ("/a/b/", "a/b", ["a/b"]),
        (r"\/a", "/a", ["/a"]), ("/\\/a/", "/a", ["/a"]), ("_NXX", "234", ["234"]),
        ("_NXX", "134", None),
        ("_ZX", "10", ["10"]), ("_ZX", "00", None), ("_9.", "9", ["9"]),
        ("_9.", "91234", ["91234"]),
        ("_x", "x", ["x"]), ("_x", "1", None), ("_2XXX", "23456", None), ("_[1-3]X", "25", ["25"]),
        ("", "anything", [""]), ("9196", "x9196y", ["9196"]), ("^(1)(2)?(3)?$", "1", ["1", "1"]),
        ("^(1)?(2)$", "2", ["2", None, "2"]), ("^(.*)$", "é", ["é", "é"]), ("^..$", "é", ["é"]),
    ],
)  # fmt: skip
def test_an_expression_is_plain_or_slashed_or_an_asterisk_pattern(
    expression: str, subject: str, groups: list[str | None] | None
) -> None:
    assert compile_expression(expression).match(subject) == groups


@pytest.mark.parametrize(
    ("expression", "offset", "words"),
    [
        ("^(1", 3, "parenthesis"), ("/^(1/", 4, "parenthesis"), ("/abc", 4, "closing /"),
        ("/", 1, "closing /"),
        ("a**", 2, "quantifier"), ("[z-a]", 4, "out of order"),
        ("(*THEN)a", 0, "cannot be expressed"),
        ("(?<=a+)b", 4, "fixed length"), (r"\p{Foo}", 7, "Unicode property"),
        ("(a\\1)", 0, "cannot be expressed"),
        ("(a{1000}){1000}", 15, "too large"), ("(" * 200, 100, "too deeply"),
        ("a" * 9000, 8192, "longer than"),
        (r"(a)\2", 3, "no group 2"), ("(?&n)", 5, "named 'n'"), ("é[", 3, "missing terminating"),
    ],
)  # fmt: skip
def test_a_refusal_says_why_and_where(expression: str, offset: int, words: str) -> None:
    with pytest.raises(PatternError) as refused:
        compile_expression(expression)
    assert words in refused.value.reason
    assert abs(refused.value.offset - offset) <= 1


def test_refusals_are_cached_like_expressions() -> None:
    assert compile_expression("^cached$") is compile_expression("^cached$")
    for _ in range(2):
        with pytest.raises(PatternError):
            compile_expression("^cached(")


SLOW = r"^(?:(a|aa)+|b)+$"
SUBJECT = "a" * 60 + "!"


def test_a_refusal_keeps_nothing_of_who_asked() -> None:
    class Asker:
        pass

    def ask() -> weakref.ref[Asker]:
        asker = Asker()
        with pytest.raises(PatternError):
            compile_expression("/(asked only here/")
        return weakref.ref(asker)

    gone = ask()
    gc.collect()
    assert gone() is None


def test_a_match_that_takes_too_long_is_reported_and_counts_as_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    expression = compile_expression(SLOW)
    with pytest.raises(MatchTimeout, match="took longer than 10 ms"):
        expression.search(SUBJECT, 0.01)
    assert expression.match(SUBJECT, 0.01) is None
    assert "took longer" in caplog.text
    assert expression.fit(SUBJECT, 0.01) is Fit.NONE


@pytest.mark.parametrize("pattern", [r"^(\d+)$", r"^(\d+)@(.*)$", "^(a|b|c)(d|e)$", "^a?b?c?$"])
def test_a_cheap_match_needs_no_clock(pattern: str) -> None:
    expression = compile_expression(pattern)
    assert expression._ways * 20**expression._degree <= pcre._CHEAP


@pytest.mark.parametrize("pattern", [SLOW, r"(\d+)*$", "(a?){30}b", "(?R)?a", "(.*)(.*)(.*)(.*)x"])
def test_an_expensive_match_is_always_timed(pattern: str) -> None:
    expression = compile_expression(pattern)
    assert expression._ways * 40**expression._degree > pcre._CHEAP


@pytest.mark.parametrize(
    ("expression", "digits", "fit"),
    [
        (r"^9\d\d$", "9", Fit.PARTIAL), (r"^9\d\d$", "91", Fit.PARTIAL),
        (r"^9\d\d$", "912", Fit.FULL),
        (r"^9\d\d$", "9123", Fit.NONE), (r"^9\d\d$", "8", Fit.NONE), (r"^(2\d)$", "2", Fit.PARTIAL),
        (r"^\d*?#$", "12", Fit.PARTIAL), (r"^\d*?#$", "12x", Fit.NONE), (r"^\d+$", "1", Fit.FULL),
        ("_NXX", "2", Fit.PARTIAL), ("_NXX", "1", Fit.NONE),
    ],
)  # fmt: skip
def test_collected_digits_fit_fully_partly_or_not(expression: str, digits: str, fit: Fit) -> None:
    assert compile_expression(expression).fit(digits) is fit


@needs_library
@pytest.mark.parametrize("pattern", [p for p in CONSTRUCTS if p.startswith(r"^") and "<" not in p])
def test_anchored_patterns_fit_partly_where_pcre2_says_so(pattern: str) -> None:
    theirs, mine = reference(pattern), ours(pattern)
    if theirs is None or mine is None:
        return
    meaning = {1: Fit.FULL, 0: Fit.PARTIAL, -1: Fit.NONE}
    for subject in filter(str.isdigit, SUBJECTS):
        assert mine.fit(subject) is meaning[theirs.partial(subject.encode())], subject


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("100", True),
        ("100\n", True),
        ("100\n\n", False),
        ("1001", False),
        ("", False),
        ("é", False),
    ],
)
def test_a_plain_number_is_compared_as_its_pattern_would_match(subject: str, found: bool) -> None:
    plain, compiled = compile_expression("^100$"), compile_expression("^(?:100)$")
    assert (plain.search(subject) is not None) is found
    assert plain.search(subject) == compiled.search(subject)
    assert plain.fit(subject[:2]) is compiled.fit(subject[:2])
