"""The connections of one listener: which one a flow means, and what is told when it is gone."""

from __future__ import annotations

import pytest

from softswitch.net.connection_table import ConnectionTable
from softswitch.sip.flow import Flow

HERE, THERE, ELSEWHERE = ("192.0.2.1", 5060), ("192.0.2.2", 5060), ("192.0.2.3", 5060)
ANY = Flow("tcp", HERE, THERE)
"""A flow that means whichever connection leads there."""


class FakeConnection:
    def __init__(self, serial: int, remote: tuple[str, int] = THERE) -> None:
        self.flow = Flow("tcp", HERE, remote, serial)
        self.aliases: set[Flow] = set()
        self.aborted = 0

    def abort(self) -> None:
        self.aborted += 1


@pytest.fixture
def table() -> ConnectionTable[FakeConnection]:
    return ConnectionTable()


def test_a_flow_finds_its_own_connection_alone(table: ConnectionTable[FakeConnection]) -> None:
    one, other = FakeConnection(1), FakeConnection(2)
    table.add(one)
    table.add(other)
    assert (table.find(one.flow), table.find(other.flow)) == (one, other)
    assert table.find(FakeConnection(3).flow) is None
    assert one.aliases == other.aliases == set()


def test_a_flow_without_a_serial_is_led_to_the_latest_of_its_address(
    table: ConnectionTable[FakeConnection],
) -> None:
    assert table.find(ANY) is None
    one, other = FakeConnection(1), FakeConnection(2)
    table.add(one)
    assert table.find(ANY) is one
    table.add(other)
    assert table.find(ANY) is other
    table.add(one)
    assert table.find(ANY) is other, "it was here already"
    assert table.find(Flow("tcp", HERE, ELSEWHERE)) is None


def test_every_flow_that_led_to_a_connection_is_told_when_it_is_gone(
    table: ConnectionTable[FakeConnection],
) -> None:
    one = FakeConnection(1)
    table.add(one)
    table.find(ANY)
    assert set(table.remove(one)) == {one.flow, ANY}
    assert (table.find(one.flow), table.find(ANY)) == (None, None)
    assert table.remove(one) == (), "once too often is harmless"


def test_an_older_connection_takes_nothing_from_the_latest(
    table: ConnectionTable[FakeConnection],
) -> None:
    one, other = FakeConnection(1), FakeConnection(2)
    table.add(one)
    table.add(other)
    table.remove(one)
    assert table.find(ANY) is other


def test_one_that_was_not_let_in_is_not_let_go(table: ConnectionTable[FakeConnection]) -> None:
    table.add(FakeConnection(1))
    assert table.remove(FakeConnection(1)) == ()
    assert len(table) == 1


def test_a_drop_ends_the_connection_of_that_very_flow(
    table: ConnectionTable[FakeConnection],
) -> None:
    one = FakeConnection(1)
    table.add(one)
    table.drop(ANY)
    table.drop(FakeConnection(2).flow)
    assert one.aborted == 0
    table.drop(one.flow)
    assert one.aborted == 1


def test_connections_may_go_while_all_are_gone_through(
    table: ConnectionTable[FakeConnection],
) -> None:
    for serial in (1, 2, 3):
        table.add(FakeConnection(serial))
    for connection in table:
        table.remove(connection)
    assert (len(table), repr(table)) == (0, "<ConnectionTable 0 connections>")
