from __future__ import annotations

import asyncio
import itertools
import re
from typing import Any

import pytest

from softswitch.modules.event_socket.delivery import GATHER_SECONDS, PIECE, Delivery
from softswitch.modules.event_socket.encoding import EventFormat
from softswitch.modules.event_socket.listener import Listener
from softswitch.modules.event_socket.piece import Piece
from softswitch.switch.events import Event
from tests.modules.event_socket.support import serving

PLAIN = EventFormat.PLAIN


class _Client:
    def __init__(self, limit: int = 1_000_000) -> None:
        self.listener = Listener(limit=limit)
        self.pieces: list[Piece] = []

    def put(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.listener.put(piece)

    @property
    def got(self) -> str:
        """The names of what it takes."""
        frames = self.listener.take(1_000_000).decode()
        return "".join(re.findall("^Event-Name: (.*)$", frames, re.MULTILINE))


def _event(name: str, fill: int = 0) -> Event:
    return Event(name, {"Event-Name": name, "Fill": "x" * fill})


def _takers(*clients: _Client) -> Any:
    return clients


async def test_what_is_published_in_one_turn_is_one_piece_that_clients_share() -> None:
    delivery = Delivery(asyncio.get_running_loop())
    one, other = _Client(), _Client()
    takers = _takers(one, other)
    for name in "abc":
        delivery.add(takers, _event(name), PLAIN)
    assert one.pieces == []
    await asyncio.sleep(0)
    assert [piece.count for piece in one.pieces] == [3]
    assert one.pieces[0] is other.pieces[0]
    assert one.got == other.got == "abc"
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
        delivery.add(takers, _event("x"), PLAIN)
        await asyncio.sleep(0.001)
        if client.pieces:
            went.append((loop.time() - begun, sum(piece.count for piece in client.pieces)))
            client.pieces.clear()
    delivery.stop()
    assert client.got == "x" * 20
    assert went[0][1] == 1
    assert 3 <= len(went) <= 5
    gaps = [after - before for (before, _), (after, _) in itertools.pairwise(went)]
    assert all(gap > GATHER_SECONDS / 2 for gap in gaps)


async def test_each_client_gets_its_events_in_the_order_they_were_published() -> None:
    delivery = Delivery(asyncio.get_running_loop())
    one, other = _Client(), _Client()
    both, alone = _takers(one, other), _takers(one)
    for takers, name in ((both, "a"), (alone, "b"), (alone, "c"), (both, "d")):
        delivery.add(takers, _event(name), PLAIN)
    delivery.flush()
    assert one.got == "abcd"
    assert other.got == "ad"
    assert (one.listener.sent, other.listener.sent) == (4, 2)


async def test_a_piece_is_handed_over_before_it_is_large() -> None:
    delivery = Delivery(asyncio.get_running_loop())
    client = _Client()
    takers = _takers(client)
    for _ in range(5):
        delivery.add(takers, _event("x", PIECE // 2), PLAIN)
    assert [piece.count for piece in client.pieces] == [2, 2]


async def test_for_full_clients_nothing_is_kept_and_each_loss_is_counted() -> None:
    delivery = Delivery(asyncio.get_running_loop())
    full, reading = _Client(limit=10), _Client()
    full.listener.put(Piece(PLAIN, b"x" * 11))
    assert not delivery.add(_takers(full), _event("a"), PLAIN)
    delivery.flush()
    assert (full.pieces, full.listener.lost) == ([], 2)
    assert delivery.add(_takers(full, reading), _event("b"), PLAIN)
    delivery.flush()
    assert full.listener.lost == 3
    assert reading.got == "b"


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
