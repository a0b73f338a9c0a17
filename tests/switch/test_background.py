"""Commands whose answer comes as an event."""

from __future__ import annotations

from pathlib import Path

from softswitch.switch.background import run_in_background
from tests.support.switch import bench


async def test_the_answer_is_an_event(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        job = run_in_background(b.switch, "toupper a b", owner="me")
        named = run_in_background(b.switch, "msleep", job="mine")
        assert named == "mine"
        await b.after(0.1)
        first, second = [event for event in b.events if event.name == "BACKGROUND_JOB"]
        assert (first.body, first.headers["Job-UUID"]) == ("A B", job)
        assert first.headers["Job-Command"] == "toupper"
        assert first.headers["Job-Command-Arg"] == "a b"
        assert first.headers["Job-Owner-UUID"] == "me"
        assert (second.body, second.headers["Job-UUID"]) == ("+OK", "mine")
        assert "Job-Command-Arg" not in second.headers
