"""What both databases share: the writer thread, and one statement for both."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable

import pytest

from softswitch.db.database import BATCH, Database, Statement, upsert


class Kept(Database):
    """Keeps the batches it was to write."""

    def __init__(self) -> None:
        self.batches: list[list[Statement]] = []
        self.disconnected = False
        super().__init__("kept")

    def _commit(self, statements: Iterable[Statement]) -> None:
        self.batches.append(list(statements))

    def _disconnect(self) -> None:
        self.disconnected = True


def test_statements_are_gathered_into_batches_of_bounded_size() -> None:
    database = Kept()
    for number in range(3 * BATCH):
        database.execute("INSERT", (number,))
    database.flush().result(10)
    assert [values[0] for batch in database.batches for _, values in batch] == [*range(3 * BATCH)]
    assert max(map(len, database.batches)) <= BATCH
    assert repr(database) == "<Kept kept 0 waiting, 0 failed>"
    database.close()


def test_closing_writes_what_waits_and_may_be_done_twice() -> None:
    database = Kept()
    database.execute("INSERT", (1,))
    database.close()
    database.close()
    assert database.batches == [[("INSERT", (1,))]]
    assert database.disconnected
    assert database.flush().done()


def test_nobody_has_to_wait_for_a_flush() -> None:
    database = Kept()
    database.flush().cancel()
    database.flush().result(10)
    assert database.batches == []
    database.close()


def test_reading_is_each_databases_own() -> None:
    database = Kept()
    with pytest.raises(NotImplementedError):
        database.query("SELECT 1")
    database.close()


def test_a_row_is_put_in_place_of_one_with_its_key() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a, b, c, PRIMARY KEY (a, b))")
    put = upsert("t", ("a", "b", "c"), ("a", "b"))
    for row in ((1, 1, "x"), (1, 2, "y"), (1, 1, "z")):
        connection.execute(put, row)
    assert connection.execute("SELECT * FROM t ORDER BY b").fetchall() == [
        (1, 1, "z"),
        (1, 2, "y"),
    ]
    connection.close()


def test_what_finds_no_room_to_wait_is_counted_and_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("softswitch.db.database.MOST_WAITING", 3)
    gate = Gate()
    gate.execute("first")
    assert gate.writes.wait(10)
    for number in range(5):
        gate.execute("later", (number,))
    assert (gate.waiting, gate.lost, gate.taken) == (3, 2, 4)
    assert [record.message for record in caplog.records] == ["kept: 3 changes wait, more are lost"]
    gate.opened.set()
    gate.close()
    assert [values for batch in gate.batches[1:] for _, values in batch] == [(0,), (1,), (2,)]


class Gate(Kept):
    """Does not come to an end with its first batch before it is opened."""

    def __init__(self) -> None:
        self.writes, self.opened = threading.Event(), threading.Event()
        super().__init__()

    def _commit(self, statements: Iterable[Statement]) -> None:
        super()._commit(statements)
        self.writes.set()
        assert self.opened.wait(30)
