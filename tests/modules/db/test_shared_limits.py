"""Limits that switches share: in simulated time, with a database of their own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softswitch.db.database import Database
from softswitch.db.sqlite import SqliteDatabase
from softswitch.modules.db.shared_limits import (
    FORGOTTEN_US,
    INTERVAL,
    LEASE,
    MIGRATIONS,
    Leases,
    SharedLimits,
)
from softswitch.switch.limits import Limits


class Clock:
    """Seconds that pass when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now

    def us(self) -> int:
        return int(self.now * 1e6)


class Peer:
    """One switch: its counters and what it shares."""

    def __init__(self, folder: Path, name: str, clock: Clock) -> None:
        self.clock = clock
        self.database: Database = SqliteDatabase(folder / "shared.db", MIGRATIONS)
        self.limits = Limits(clock)
        self.shared = SharedLimits(self.database, name, self.limits, clock.us)
        self.shared.begin()
        # What it forgets of an earlier run it forgets now, not behind what a test writes.
        self.write()

    def write(self) -> None:
        self.database.flush().result(10)

    def put_right(self) -> None:
        self.write()
        self.shared.put_right(self.shared.mine())
        self.write()

    def learn(self) -> None:
        self.write()
        self.shared.learn(self.shared.read(), self.clock.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pair(tmp_path: Path, clock: Clock) -> Iterator[tuple[Peer, Peer]]:
    one, two = Peer(tmp_path, "one", clock), Peer(tmp_path, "two", clock)
    yield one, two
    one.database.close()
    two.database.close()


def settle(*peers: Peer) -> None:
    for peer in peers:
        peer.write()
    for peer in peers:
        peer.learn()


def test_a_place_taken_on_one_switch_is_taken_on_the_other(pair: tuple[Peer, Peer]) -> None:
    one, two = pair
    assert one.limits.take("a", "r", "it's", 2)
    assert two.limits.take("b", "r", "it's", 2)
    settle(one, two)
    assert one.limits.total("r", "it's") == two.limits.total("r", "it's") == 2
    assert not two.limits.take("c", "r", "it's", 2)
    assert two.limits.take("b", "r", "it's", 2), "who holds it goes on holding it"
    one.limits.release("a")
    settle(one, two)
    assert two.limits.take("c", "r", "it's", 2)
    settle(one, two)
    two.limits.reset()
    settle(one, two)
    assert one.limits.total("r", "it's") == 0


def test_a_switch_that_died_holds_its_places_for_its_lease(
    pair: tuple[Peer, Peer], clock: Clock
) -> None:
    one, two = pair
    one.limits.take("a", "r", "x")
    settle(one, two)
    began = clock.now
    while two.limits.total("r", "x"):
        clock.now += INTERVAL
        two.learn()
        assert clock.now - began < LEASE + 2
    assert clock.now - began >= LEASE
    one.shared.beat()
    settle(one, two)
    assert two.limits.total("r", "x") == 1, "it lives again"


def test_a_switch_that_starts_anew_gives_back_what_it_held(
    tmp_path: Path, pair: tuple[Peer, Peer], clock: Clock
) -> None:
    one, two = pair
    one.limits.take("a", "r", "x")
    settle(one, two)
    one.database.close()
    again = Peer(tmp_path, "one", clock)
    settle(again, two)
    assert two.limits.total("r", "x") == 0
    two.limits.take("b", "r", "x")
    two.shared.close()
    again.learn()
    assert again.limits.total("r", "x") == 0
    again.database.close()


def test_a_database_that_was_away_made_nobody_silent() -> None:
    leases = Leases()
    assert leases.read({"one": 1}, 0.0) == {"one"}
    assert leases.read({"one": 1}, 1000.0) == {"one"}


def test_a_switch_that_is_gone_for_good_is_removed(
    tmp_path: Path, pair: tuple[Peer, Peer], clock: Clock
) -> None:
    one, two = pair
    one.limits.take("a", "r", "x")
    settle(one, two)
    clock.now += FORGOTTEN_US / 1e6 + 1
    third = Peer(tmp_path, "three", clock)
    third.write()
    assert third.database.query("SELECT hostname FROM limit_switch") == [("three",)]
    assert third.database.query("SELECT * FROM limit_data") == []
    third.database.close()


def test_two_switches_of_one_name_are_told_of(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    one = Peer(tmp_path, "same", clock)
    one.learn()
    assert "switchname" not in caplog.text
    clock.now += 1
    twin = Peer(tmp_path, "same", clock)
    twin.write()
    one.learn()
    one.learn()
    assert caplog.text.count("switchname") == 1
    one.database.close()
    twin.database.close()


def test_what_the_database_forgot_or_kept_by_mistake_is_put_right(pair: tuple[Peer, Peer]) -> None:
    one = pair[0]
    one.limits.take("a", "r", "x")
    one.limits.take("b", "r", "x")
    one.write()
    one.database.execute("DELETE FROM limit_data WHERE uuid = 'a'")
    for row in (("one", "r", "x", "gone"), ("two", "r", "x", "of-another")):
        one.database.execute("INSERT INTO limit_data VALUES (?, ?, ?, ?)", row)
    one.put_right()
    assert one.database.query("SELECT hostname, uuid FROM limit_data ORDER BY 1, 2") == [
        ("one", "a"),
        ("one", "b"),
        ("two", "of-another"),
    ]
