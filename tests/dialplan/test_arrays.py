"""Array values."""

from __future__ import annotations

import pickle

import pytest

from softswitch.dialplan import arrays
from softswitch.dialplan.arrays import ArrayValue


def test_one_element_prints_as_itself_and_several_with_separators() -> None:
    assert ArrayValue(["one"]) == "one"
    assert ArrayValue(["one", "two"]) == "ARRAY::one|:two"
    assert ArrayValue([]) == ""


def test_pushing_builds_an_array_whose_first_element_can_be_indexed() -> None:
    value = arrays.push(None, "one")
    assert (value, arrays.element(value, 0)) == ("one", "one")
    value = arrays.push(value, "two")
    assert value == "ARRAY::one|:two"
    assert arrays.unshift(value, "zero") == "ARRAY::zero|:one|:two"


def test_pushing_onto_plain_text_keeps_it_as_first_element() -> None:
    assert arrays.push("plain", "x") == "ARRAY::plain|:x"


def test_plain_text_has_no_elements() -> None:
    assert arrays.elements("plain") == ()
    assert arrays.element("plain", 0) is None
    assert arrays.elements("ARRAY::a|:b") == ("a", "b")


def test_assigning_an_index_fills_gaps_with_empty_elements() -> None:
    assert arrays.assign("ARRAY::a|:b", 3, "d") == "ARRAY::a|:b|:|:d"
    assert arrays.assign(None, 0, "x").elements == ("x",)


@pytest.mark.parametrize("index", [-1, arrays.MAX_INDEX + 1])
def test_an_index_outside_the_limit_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match="array index"):
        arrays.assign("a", index, "b")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("x[2]", ("x", 2)), ("x", None), ("x[a]", None), ("x[1", None), ("x[]", None)],
)
def test_a_name_may_carry_an_index(name: str, expected: tuple[str, int] | None) -> None:
    assert arrays.split_index(name) == expected


def test_an_array_value_survives_pickling() -> None:
    value = pickle.loads(pickle.dumps(ArrayValue(["a"])))
    assert value.elements == ("a",)
