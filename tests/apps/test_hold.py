"""``hold`` and ``unhold``."""

from __future__ import annotations

from pathlib import Path

from tests.support.switch import bench, extension, verbs


async def test_the_far_end_is_held_and_taken_back(tmp_path: Path) -> None:
    actions = ("unhold", "answer", "hold", "hold wait", "sleep 2000", "unhold", "unhold")
    async with bench(tmp_path, extension("100", *actions)) as b:
        session = await b.ended(b.call("100"))
        assert verbs(session)[:3] == ["answer", "hold", "unhold"]
        assert session.get("hold_accum_seconds") == "2"
        told = [name for name in b.names(session) if "HOLD" in name]
        assert told == ["CHANNEL_HOLD", "CHANNEL_UNHOLD"]
