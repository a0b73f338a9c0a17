"""Heartbeats of single calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.heartbeat import beat, seconds_of
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 60), ("5", 5), ("0", 0), (" on ", 60), ("false", 0), ("soon", None), ("-1", None)],
)
def test_intervals_are_numbers_or_words(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(("at_once", "count"), [(True, 4), (False, 3)])
async def test_it_beats_until_it_is_stopped_or_the_call_ends(
    tmp_path: Path, at_once: bool, count: int
) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100")
        await b.after(1)
        beat(session, 10, at_once=at_once)
        await b.after(35)
        assert b.names(session).count("SESSION_HEARTBEAT") == count
        beat(session, 0)
        await b.after(30)
        assert b.names(session).count("SESSION_HEARTBEAT") == count
        beat(session, 10)
        session.hangup()
        await b.ended(session)
        await b.after(30)
        assert b.names(session).count("SESSION_HEARTBEAT") == count + 1
        beat(session, 10)
        assert list(b.switch.scheduler) == []
