from __future__ import annotations

from collections import Counter

import pytest

from softswitch.modules.distributor.lists import DistributorList, Node


def trunks(**weights: int) -> DistributorList:
    return DistributorList("trunks", [Node(name, weight) for name, weight in weights.items()])


def taken(list_: DistributorList, count: int, *excluded: str) -> str:
    return " ".join(str(list_.next(excluded)) for _ in range(count))


@pytest.mark.parametrize(
    ("weights", "order"),
    [
        ({"a": 1, "b": 1}, "a b a b a b"),
        ({"a": 1, "b": 3}, "a b b b a b b b"),
        ({"a": 3, "b": 1}, "a b a a a b a a"),
        ({"a": 2, "b": 2, "c": 1}, "a b c a b a b c a b"),
        ({"a": 5}, "a a a a a a"),
    ],
)
def test_nodes_take_turns_by_their_weights(weights: dict[str, int], order: str) -> None:
    assert taken(trunks(**weights), len(order.split())) == order


def test_weights_hold_exactly_over_whole_rounds() -> None:
    list_ = trunks(foo1=1, foo2=9)
    assert Counter(taken(list_, 100).split()) == {"foo1": 10, "foo2": 90}


@pytest.mark.parametrize(
    ("excluded", "order"),
    [
        (["a"], "b c b c b b c b c b"),
        (["a", "b"], "c c c c"),
        (["a", "b", "c"], "None None"),
        (["d"], "a b c a b a b c a b"),
    ],
)
def test_excluded_nodes_lose_their_turns(excluded: list[str], order: str) -> None:
    list_ = trunks(a=2, b=3, c=2) if excluded == ["a"] else trunks(a=2, b=2, c=1)
    assert taken(list_, len(order.split()), *excluded) == order


def test_a_heavy_node_that_is_excluded_holds_nobody_up() -> None:
    list_ = trunks(a=900_000_000, b=1)
    assert taken(list_, 5, "a") == "b b b b b"


def test_a_list_without_nodes_gives_nothing() -> None:
    assert trunks().next() is None


def test_a_list_is_shown_and_begins_anew() -> None:
    list_ = trunks(a=1, B=2)
    assert list_.text() == "list: name=trunks\nnode: name=a weight=1\nnode: name=B weight=2\n"
    assert list_.next() == "a"
    list_.restart()
    assert list_.next() == "a"
    assert list_.node("b") is list_.nodes[1] and list_.node("c") is None
