"""The ``presence`` application."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


async def test_watchers_are_told_an_activity(tmp_path: Path) -> None:
    ids = ("set presence_id=1000@x", "presence busy Meeting", "presence away Out 7@y")
    async with bench(tmp_path, extension("1", *ids, "presence one", "park")) as b:
        session = b.call("1")
        await b.after(1)
        told = [e.headers for e in b.events if e.name == "PRESENCE_IN"]
        said = [(e["from"], e["rpid"], e["status"]) for e in told if e["rpid"] != "unknown"]
        assert said == [("1000@x", "busy", "Meeting"), ("7@y", "away", "Out")]
        session.hangup()
        await b.ended(session)
