"""Bindings: found, refreshed, forgotten, and still there after a restart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from softswitch.db.sqlite import SqliteDatabase
from softswitch.endpoints.sip.location import COLUMNS, MIGRATIONS, Binding, Location
from tests.endpoints.sip.test_reach import HOME

NOW = 1000.0
SOON = replace(HOME, expires=NOW + 60)
LATER = replace(HOME, contact="sip:1000@192.0.2.11", expires=NOW + 3600)


def test_a_user_is_found_whatever_the_case() -> None:
    location = Location(None, NOW)
    assert location.put(SOON)
    assert location.find("1000", "EXAMPLE.test") == [SOON]
    assert location.find("1001", "example.test") == []
    assert len(location) == 1


def test_a_refresh_is_nothing_new() -> None:
    location = Location(None, NOW)
    location.put(SOON)
    refreshed = replace(SOON, cseq=2)
    assert not location.put(refreshed)
    assert list(location) == [refreshed]
    assert len(location) == 1


def test_the_best_contact_comes_first() -> None:
    location = Location(None, NOW)
    worse = replace(SOON, contact="sip:worse@192.0.2.12", q=0.5, expires=NOW + 9999)
    for binding in (worse, SOON, LATER):
        location.put(binding)
    assert location.find("1000", "example.test") == [LATER, SOON, worse]


def test_profiles_are_kept_apart() -> None:
    location = Location(None, NOW)
    outer = replace(SOON, profile="external")
    location.put(SOON)
    location.put(outer)
    assert location.find("1000", "example.test", "external") == [outer]
    assert len(location.find("1000", "example.test")) == 2


def test_a_binding_is_removed_once() -> None:
    location = Location(None, NOW)
    location.put(SOON)
    assert location.remove(SOON)
    assert not location.remove(SOON)
    assert len(location) == 0
    assert location.find("1000", "example.test") == []


def test_what_ran_out_is_forgotten_and_told() -> None:
    location = Location(None, NOW)
    location.put(SOON)
    location.put(LATER)
    told: list[Binding] = []
    location.expire(NOW + 60, told.append)
    assert told == [SOON]
    assert list(location) == [LATER]


def test_bindings_outlive_a_restart(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "registrations.db", MIGRATIONS)
    location = Location(database, NOW)
    removed = replace(SOON, contact="sip:removed@192.0.2.10", expires=NOW + 9999)
    for binding in (SOON, LATER, removed):
        location.put(binding)
    location.put(replace(LATER, cseq=7))
    location.remove(removed)
    database.close()
    database = SqliteDatabase(tmp_path / "registrations.db", MIGRATIONS)
    # A minute has passed since.
    location = Location(database, NOW + 61)
    assert list(location) == [replace(LATER, cseq=7)]
    assert len(location) == 1
    database.close()


def test_bindings_are_found_by_where_they_came_from_now() -> None:
    location = Location(None, NOW)
    location.put(SOON)
    assert location.of_flow("udp", "192.0.2.10", 5062) == [SOON]
    assert location.of_flow("tcp", "192.0.2.10", 5062) == []
    moved = replace(SOON, network_port=7000)
    location.put(moved)
    assert location.of_flow("udp", "192.0.2.10", 5062) == []
    assert location.of_flow("udp", "192.0.2.10", 7000) == [moved]
    location.remove(moved)
    assert location.of_flow("udp", "192.0.2.10", 7000) == []


def test_refreshes_leave_nothing_behind() -> None:
    location = Location(None, NOW)
    for second in range(1000):
        location.put(replace(SOON, expires=NOW + second))
    assert len(location._ends) == 1
    assert location.counts == {"internal": 1}
    told: list[Binding] = []
    location.expire(NOW + 998, told.append)
    assert not told
    location.expire(NOW + 999, told.append)
    assert len(told) == 1
    assert not location._ends
    assert not location._by_flow
    assert location.counts["internal"] == 0


def test_a_database_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old = SqliteDatabase(tmp_path / "registrations.db", MIGRATIONS[:1])
    columns = COLUMNS[: COLUMNS.index("instance")]
    marks = ",".join("?" * len(columns))
    values = tuple(getattr(LATER, column) for column in columns)
    old.execute(f"INSERT INTO registration ({','.join(columns)}) VALUES ({marks})", values)
    old.close()
    database = SqliteDatabase(tmp_path / "registrations.db", MIGRATIONS)
    assert list(Location(database, NOW)) == [LATER]
    database.close()
