"""Which binding keys mean."""

from __future__ import annotations

import pytest

from softswitch.dialplan.pcre import PatternError
from softswitch.switch.digit_machine import Binding, DigitMachine, Verdict


def machine(*digits: str) -> DigitMachine:
    made = DigitMachine()
    for keys in digits:
        made.bind("r", Binding.make(keys, f"exec:{keys}"))
    return made


@pytest.mark.parametrize(
    ("bound", "pressed", "verdicts"),
    [
        (("1",), "1", "match"),
        (("1",), "2", "none"),
        (("12",), "12", "partial match"),
        (("12",), "13", "partial none"),
        (("1", "12"), "12", "early match"),
        (("1", "12"), "13", "early none"),
        (("*1", "*12", "*2"), "*12", "partial early match"),
        (("~^[34]\\d$",), "35", "partial match"),
        (("~^[34]\\d$",), "5", "none"),
        (("~^9\\d+$", "91"), "91", "partial match"),
        (("#", "~^#$"), "#", "match"),
    ],
)
def test_each_key_brings_a_verdict(bound: tuple[str, ...], pressed: str, verdicts: str) -> None:
    made = machine(*bound)
    assert " ".join(made.feed(key)[0].value for key in pressed) == verdicts


def test_the_binding_that_was_made_first_wins() -> None:
    made = machine("~^1.$", "12")
    made.feed("1")
    verdict, binding = made.feed("2")
    assert (verdict, binding and binding.digits) == (Verdict.MATCH, "~^1.$")
    assert made.take() == "12"
    assert made.take() == ""


def test_the_first_realm_is_heeded_until_another_is_set() -> None:
    made = machine("1")
    made.bind("other", Binding.make("2", "x"))
    assert made.feed("2")[0] is Verdict.NONE
    made.take()
    made.realm = "other"
    assert made.feed("2")[0] is Verdict.MATCH
    made.realm = "nowhere"
    assert not made.active


def test_realms_are_cleared_one_by_one_or_all() -> None:
    made = machine("1")
    made.bind("other", Binding.make("2", "x"))
    made.clear("r")
    assert not made.active
    made.clear("nowhere")
    made.realm = "other"
    assert made.active
    made.clear("all")
    assert not made.realms


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(PatternError):
        Binding.make("~(", "x")
