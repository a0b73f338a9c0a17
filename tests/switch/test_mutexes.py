"""Mutexes: one call at a time, in order."""

from __future__ import annotations

from pathlib import Path

from softswitch.switch.mutexes import Mutexes
from tests.support.switch import bench, extension


async def test_calls_take_their_turns_in_order(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        mutexes = Mutexes()
        calls = [b.call("100") for _ in range(4)]
        turns = [mutexes.take("k", call) for call in calls]
        assert [turn.done() for turn in turns] == [True, False, False, False]
        assert mutexes.take("k", calls[0]).done(), "who holds it may ask again"
        assert mutexes.take("other", calls[1]).done()
        assert not mutexes.give_back("k", calls[1])
        turns[1].cancel()
        assert mutexes.give_back("k", calls[0])
        assert turns[2].done() and mutexes.holder("k") is calls[2]
        calls[2].hangup()
        assert turns[3].done() and mutexes.holder("k") is calls[3]
        calls[3].hangup()
        assert mutexes.holder("k") is None
        for call in calls:
            call.hangup()
