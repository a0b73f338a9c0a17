from __future__ import annotations

import pytest

from softswitch.switch.hash_store import DialGroups, HashStore, Path


def test_values_are_kept_by_realm_and_key() -> None:
    store = HashStore()
    store.insert("r", "k", "1")
    store.insert("r", "k", "2")
    store.insert("s", "k", "3")
    assert store.select("r", "k") == "2"
    assert store.select("r", "no") is None and store.select("no", "k") is None
    assert store.realms() == ["r", "s"] and store.keys("r") == ["k"]
    assert store.items() == [("r", "k", "2"), ("s", "k", "3")]
    assert store.items("s") == [("s", "k", "3")]


def test_insert_if_empty_keeps_what_is_there() -> None:
    store = HashStore()
    assert store.insert_if_empty("r", "k", "1")
    assert not store.insert_if_empty("r", "k", "2")
    assert store.select("r", "k") == "1"


def test_values_are_deleted() -> None:
    store = HashStore()
    for key in "abc":
        store.insert("r", key, key)
    assert store.delete("r", "a") and not store.delete("r", "a")
    assert not store.delete_if_match("r", "b", "x") and store.delete_if_match("r", "b", "b")
    assert store.delete_realm("r") == 1 and store.delete_realm("r") == 0
    assert store.realms() == []


def test_an_emptied_realm_is_gone() -> None:
    store = HashStore()
    store.insert("r", "k", "1")
    store.delete("r", "k")
    assert store.realms() == []


def test_groups_keep_their_members_in_order_and_once() -> None:
    groups = DialGroups()
    for url in ("b", "a", "b"):
        groups.insert("g", url)
    assert groups.members("g") == ["b", "a"]
    groups.delete("g", "b")
    groups.delete("g", "nobody")
    assert groups.members("g") == ["a"]
    groups.delete("g", "*")
    assert groups.members("g") == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("insert/r/k/v", Path("insert", "r", "k", "v")),
        ("INSERT/r/k/a/b", Path("insert", "r", "k", "a/b")),
        ("select/r/k", Path("select", "r", "k")),
        ("list", Path("list")),
        ("", Path("")),
    ],
)
def test_paths_are_split_at_the_first_three_slashes(text: str, path: Path) -> None:
    assert Path.parse(text) == path
