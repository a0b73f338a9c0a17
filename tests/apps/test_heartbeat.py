"""``enable_heartbeat`` and ``sched_heartbeat``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("action", "beats"),
    [
        ("enable_heartbeat 10", 3),
        ("sched_heartbeat 10", 2),
        ("enable_heartbeat", 1),
        ("enable_heartbeat 0", 0),
        ("enable_heartbeat soon", 0),
    ],
)
async def test_a_call_beats(tmp_path: Path, action: str, beats: int) -> None:
    async with bench(tmp_path, extension("100", action, "sleep 25000")) as b:
        session = await b.ended(b.call("100"))
        assert b.names(session).count("SESSION_HEARTBEAT") == beats
