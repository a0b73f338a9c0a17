"""Channel variables."""

from __future__ import annotations

from softswitch.switch.variables import Variables


def test_variables_compare_without_case_and_keep_their_order_and_last_spelling() -> None:
    variables = Variables()
    for name, value in (("One", "1"), ("two", "2"), ("ONE", "3"), ("gone", "4"), ("gone", "")):
        variables.set(name, value)
    assert list(variables) == [("ONE", "3"), ("two", "2")]
    assert variables.get("one") == "3"
    assert "Two" in variables and "gone" not in variables
    assert len(variables) == 2


def test_deferred_variables_are_made_when_somebody_asks() -> None:
    made: list[int] = []

    def values(_: Variables) -> dict[str, str]:
        made.append(1)
        return {"late": "1", "empty": ""}

    variables = Variables()
    variables.set("early", "0")
    variables.defer(("late", "empty"), values)
    assert variables.get("early") == "0" and variables.peek("late") is None
    assert variables.get("other") is None and not made
    assert variables.get("LATE") == "1"
    assert list(variables) == [("early", "0"), ("late", "1")]
    assert made == [1]


def test_of_several_deferred_sets_the_one_that_is_asked_for_is_made() -> None:
    variables = Variables()
    variables.defer(("one",), lambda _: {"one": "1"})
    variables.defer(("two",), lambda _: {"two": "2"})
    assert "two" in variables and variables.peek("one") is None
    assert variables.with_prefix("o") == [("one", "1")]
    assert list(variables) == [("two", "2"), ("one", "1")]


def test_the_spelling_of_a_name_is_that_of_its_last_setting() -> None:
    variables = Variables()
    variables.set("One", "1")
    variables.set("Two", "2")
    variables.set("one", "3")
    variables.load({"two": "4"})
    variables.set("THREE", "5")
    variables.set("three", "")
    variables.set("three", "6")
    assert list(variables) == [("one", "3"), ("two", "4"), ("three", "6")]


def test_prefixes_find_their_family() -> None:
    variables = Variables()
    assert variables.with_prefix("execute_on_answer") == []
    for name in ("execute_on_answer", "Execute_On_Answer_2", "execute_on_ring", "other"):
        variables.set(name, "x")
    found = [name for name, _ in variables.with_prefix("execute_on_answer")]
    assert found == ["execute_on_answer", "Execute_On_Answer_2"]
    assert [name for name, _ in variables.with_prefix("OTH")] == ["other"]


def test_several_variables_are_picked_at_once() -> None:
    variables = Variables()
    variables.set("A", "1")
    assert variables.pick(("a", "b")) == {"a": "1"}


def test_loading_leaves_alone_what_it_has_no_value_for() -> None:
    variables = Variables()
    variables.set("Kept", "1")
    variables.load({"kept": "", "new": "2"})
    assert list(variables) == [("Kept", "1"), ("new", "2")]


def test_hooks_are_noted_once_they_are_set() -> None:
    variables = Variables()
    variables.set("sip_h_x-one", "1")
    assert not variables.hooked
    variables.set("API_on_answer", "status")
    assert variables.hooked
