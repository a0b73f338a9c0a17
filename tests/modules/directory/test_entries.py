from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.directory.lookup import Directory
from softswitch.directory.user import Domain
from softswitch.modules.directory.entries import Entry, entries_of, keys_of, matching
from tests.modules.directory.support import DIRECTORY, param, user
from tests.support.switch import DOCUMENT


def domain(folder: Path, *users: str) -> Domain:
    text = DOCUMENT.format(
        configuration="",
        dialplan="",
        languages="",
        directory=DIRECTORY.format(users="".join(users)),
    )
    (folder / "softswitch.xml").write_text(text)
    found = Directory.from_configuration(load(folder, {})).domain("example.test")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Smith", "76484"),
        ("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999"),
        ("O'Brien-Jones", "62743656637"),
        ("Müller", "685537"),
        ("Straße", "7872773"),
        ("Łukasz", "585279"),
        ("1000", "1000"),
        ("", ""),
        ("王", ""),
    ],
)
def test_names_are_spelled_on_the_keypad(name: str, keys: str) -> None:
    assert keys_of(name) == keys


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Anna Smith", "Anna", "Smith"),
        ("Anna Maria Smith", "Anna Maria", "Smith"),
        ("Prince", "Prince", "Prince"),
        ("  Anna   Smith ", "Anna", "Smith"),
    ],
)
def test_the_last_name_stands_behind_the_last_blank(
    tmp_path: Path, name: str, first: str, last: str
) -> None:
    (entry,) = entries_of(domain(tmp_path, user("1000", name)))
    assert (entry.first_name, entry.last_name) == (first, last)


def test_a_name_of_its_own_wins_and_who_has_none_is_not_found(tmp_path: Path) -> None:
    own = '<variable name="directory_full_name" value="Ann Smythe"/>'
    named = user("1000", "Reception").replace("<variables>", f"<variables>{own}")
    found = entries_of(domain(tmp_path, named, user("1001", ""), user("1002", " ")))
    assert [(entry.extension, entry.full_name) for entry in found] == [("1000", "Ann Smythe")]


@pytest.mark.parametrize("value", ["false", "no", "0", "maybe", ""])
def test_nobody_is_shown_who_does_not_say_yes(tmp_path: Path, value: str) -> None:
    hidden = user("1000", "Anna Smith", params=param("directory-visible", value))
    assert entries_of(domain(tmp_path, hidden)) == ()


@pytest.mark.parametrize(("value", "tells"), [("true", True), ("false", False)])
def test_a_user_may_keep_his_number_untold(tmp_path: Path, value: str, tells: bool) -> None:
    shy = user("1000", "Anna Smith", params=param("directory-exten-visible", value))
    (entry,) = entries_of(domain(tmp_path, shy))
    assert entry.tells_extension is tells


def test_entries_come_by_last_name_and_then_by_first_name(tmp_path: Path) -> None:
    people = [("1", "Carl Smith"), ("2", "Bob Jones"), ("3", "Anna Smith"), ("4", "Anna Smith")]
    found = entries_of(domain(tmp_path, *(user(*person) for person in people)))
    assert [entry.extension for entry in found] == ["2", "3", "4", "1"]


def test_one_group_alone_can_be_searched(tmp_path: Path) -> None:
    people = domain(tmp_path, user("1000", "Anna Smith"), user("1001", "Bob Smart"))
    assert [entry.extension for entry in entries_of(people, group="SALES")] == ["1001"]
    assert entries_of(people, group="nosuch") == ()


def test_a_user_of_two_groups_is_there_once(tmp_path: Path) -> None:
    found = entries_of(domain(tmp_path, user("1001", "Bob Smart")))
    assert [entry.extension for entry in found] == ["1001"]


@pytest.mark.parametrize(("alias", "extension"), [(True, "5551000"), (False, "1000")])
def test_the_number_alias_may_be_told(tmp_path: Path, alias: bool, extension: str) -> None:
    people = domain(tmp_path, user("1000", "Anna Smith", attributes='number-alias="5551000"'))
    (entry,) = entries_of(people, use_number_alias=alias)
    assert entry.extension == extension


@pytest.mark.parametrize(
    ("order", "keys", "found"),
    [
        ("last_name", "764", ["1000"]),
        ("last_name", "7", ["1000", "1001"]),
        ("last_name", "266", []),
        ("first_name", "2662", ["1000"]),
        ("first_name", "764", ["1001"]),
        ("first_and_last_name", "764", ["1000", "1001"]),
        ("first_and_last_name", "26", ["1000"]),
        ("last_name", "76484", ["1000"]),
        ("last_name", "764845", []),
    ],
)
def test_what_begins_with_the_keys_matches(order: str, keys: str, found: list[str]) -> None:
    entries = [
        Entry("Smith", "Anna", "1000", "Anna Smith", True, "76484", "2662"),
        Entry("Sand", "Roger", "1001", "Roger Sand", True, "7263", "76437"),
    ]
    assert [entry.extension for entry in matching(entries, order, keys)] == found
