from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from softswitch.modules.event_socket.delivery import GATHER_SECONDS, PIECE, Delivery
from softswitch.modules.event_socket.listener import Listener
from tests.modules.event_socket.support import serving


class _Client:
    def __init__(self, limit: int = 1_000_000) -> None:
        self.listener = Listener(limit=limit)
        self.pieces: list[tuple[bytes, int]] = []

    def put(self, data: bytes, events: int) -> None:
        self.pieces.append((data, events))
        self.listener.put(data, events)


def _takers(*clients: _Client) -> Any:
    return clients


async def test_what_is_published_in_one_turn_is_one_piece_that_clients_share() -> None:
    delivery = Delivery(asyncio.get_running_loop())
    one, other = _Client(), _Client()
    takers = _takers(one, other)
    for data in (b"a", b"b", b"c"):
        delivery.add(takers, lambda data=data: data)  # type: ignore[misc]
    assert one.pieces == []
    await asyncio.sleep(0)
    assert one.pieces == other.pieces == [(b"abc", 3)]
    assert one.pieces[0][0] is other.pieces[0][0]
    await asyncio.sleep(0)
    assert len(one.pieces) == 1


@pytest.mark.virtual_time
async def test_a_lone_event_goes_at_once_and_many_go_together() -> None:
    loop = asyncio.get_running_loop()
    delivery = Delivery(loop)
    client = _Client()
    takers = _takers(client)
    went: list[tuple[float, int]] = []
    begun = loop.time()
    for _ in range(20):
        delivery.add(takers, lambda: b"x")
        await asyncio.sleep(0.001)
        if client.pieces:
            went.append((loop.time() - begun, sum(events for _, events in client.pieces)))
            client.pieces.clear()
    delivery.stop()
    assert client.listener.take(100) == b"x" * 20
    assert went[0][1] == 1
    assert 3 <= len(went) <= 5
    gaps = [after - before for (before, _), (after, _) in itertools.pairwise(went)]
    assert all(gap > GATHER_SECONDS / 2 for gap in gaps)


async def test_each_client_gets_its_events_in_the_order_they_were_published() -> None:
    delivery = Delivery(asyncio.get_running_loop())
    one, other = _Client(), _Client()
    both, alone = _takers(one, other), _takers(one)
    for takers, data in ((both, b"a"), (alone, b"b"), (alone, b"c"), (both, b"d")):
        delivery.add(takers, lambda data=data: data)  # type: ignore[misc]
    delivery.flush()
    assert one.listener.take(100) == b"abcd"
    assert other.listener.take(100) == b"ad"
    assert (one.listener.sent, other.listener.sent) == (4, 2)


async def test_a_piece_is_handed_over_before_it_is_large() -> None:
    delivery = Delivery(asyncio.get_running_loop())
    client = _Client()
    takers = _takers(client)
    for _ in range(5):
        delivery.add(takers, lambda: b"x" * (PIECE // 2))
    assert [events for _, events in client.pieces] == [2, 2]


async def test_for_full_clients_nothing_is_encoded_and_each_loss_is_counted() -> None:
    delivery = Delivery(asyncio.get_running_loop())
    full, reading = _Client(limit=10), _Client()
    full.listener.put(b"x" * 11)

    def encode() -> bytes:
        raise AssertionError("nobody reads it")

    delivery.add(_takers(full), encode)
    assert full.listener.lost == 2
    delivery.add(_takers(full, reading), lambda: b"data")
    delivery.flush()
    assert full.listener.lost == 3
    assert reading.listener.take(100) == b"data"


async def test_noevents_forgets_what_was_published_before_it() -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain API")
        [connection] = harness.server.connections
        harness.switch.publish("API", {"X": "1"})
        connection.data_received(b"noevents\n\n")
        assert (await client.frame())[0]["Reply-Text"] == "+OK no longer listening for events"
        harness.switch.publish("API", {"X": "2"})
        assert await client.ask("noevents") == "-ERR not listening for events"
        assert connection.listener.sent == 0
