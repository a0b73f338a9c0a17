"""What a pattern demands of a number, and which extensions are therefore tried."""

from __future__ import annotations

import itertools

import pytest

from softswitch.dialplan.index import ExtensionIndex, demanded
from softswitch.dialplan.model import Break, Condition, Extension, RegexMode
from softswitch.dialplan.pcre import compile_expression


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ("^9196$", ["9196"]), (r"^\*98$", ["*98"]), ("^(operator|0)$", ["0", "operator"]),
        (r"^vmain$|^4000$|^\*98$", ["*98", "4000", "vmain"]),
        (r"^88(\d{4})$|^\*0(.*)$", ["*0…", "88…"]),
        (r"^(30\d{2})$", ["30…"]), ("^1[23]$", ["12", "13"]), ("/^12$/", ["12"]), ("_2.", ["2…"]),
        (r"^\\*97", ["*97…"]), ("^(1(2|3)4)$", ["124", "134"]),
        (r"^(12|3[45]6\d+|7)9$", ["12…", "346…", "356…", "7…"]),
        ("^12", ["12…"]), ("^12.*$", ["12…"]), ("^1?2$", None), ("12", None), ("^12|34$", None),
        ("^$", None),
        ("/^ab$/i", None), ("^(?i)ab$", None), ("^(a|b)?c", None), ("^[^1]", None),
        ("^${x}$", None), ("", None),
        ("^x{2}y$", None), (r"^\Q1\E$", None), ("^(12", None),
        (r"^(\d)\1$", [f"{n}…" for n in range(10)]),
    ],
)  # fmt: skip
def test_a_pattern_demands_numbers_or_beginnings(expression: str, texts: list[str] | None) -> None:
    found = demanded(Condition("destination_number", expression))
    told = None if found is None else [text if exact else f"{text}…" for text, exact in found]
    assert told == texts


@pytest.mark.parametrize(
    "condition",
    [
        Condition("caller_id_number", "^12$"), Condition("${destination_number}", "^12$"),
        Condition(None, "^12$"),
        Condition("destination_number", "^12$", Break.NEVER),
        Condition("destination_number", "^12$", Break.ON_TRUE),
        Condition("destination_number", "^12$", regex=RegexMode.ANY),
        Condition("destination_number", "^12$", times=(("hour", "1"),)),
    ],
)  # fmt: skip
def test_conditions_with_other_effects_are_always_tried(condition: Condition) -> None:
    assert demanded(condition) is None


def test_nothing_that_matches_is_passed_over() -> None:
    alphabet = "12a*"
    numbers = [
        "".join(n) for length in range(5) for n in itertools.product(alphabet, repeat=length)
    ]
    for expression in (
        "^1(2|1a)$",
        "^[12]2$|^a",
        r"^\*(1|2)\d",
        "^(1|2(1|2)2)1",
        "^1(2|a)*1$",
        "^12+1",
    ):
        texts = demanded(Condition("destination_number", expression))
        assert texts is not None
        for number in numbers:
            if compile_expression(expression).match(number):
                assert any(
                    number == text if exact else number.startswith(text) for text, exact in texts
                ), (expression, number)


def _extensions(*expressions: str) -> list[Extension]:
    return [
        Extension(f"e{n}", (Condition("destination_number", expression),))
        for n, expression in enumerate(expressions)
    ]


def test_candidates_come_in_order_without_those_that_cannot_match() -> None:
    index = ExtensionIndex(
        _extensions("^11$", "^12$", ".*", "^1", "^2", "^12$", "x", "^121", "^3$", "^4$")
    )
    assert list(index.candidates("12")) == [1, 2, 3, 5, 6]
    assert list(index.candidates("12", 3)) == [3, 5, 6]
    assert list(index.candidates("9")) == [2, 6]
    assert list(index.candidates("12\n")) == list(range(10))
    assert repr(index) == "<ExtensionIndex 10 extensions, 4 numbers, 3 beginnings, 2 always tried>"


def test_small_contexts_are_read_through() -> None:
    assert list(ExtensionIndex(_extensions("^1$", "^2$")).candidates("2")) == [0, 1]


def test_names_are_found_without_case_and_the_first_counts() -> None:
    index = ExtensionIndex([Extension("A"), Extension("b"), Extension("a")])
    assert (index.named("a"), index.named("B"), index.named("x")) == (0, 1, None)
