"""The ``presence`` command."""

from __future__ import annotations

from pathlib import Path

from tests.support.switch import bench


async def test_a_user_comes_and_goes(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("presence in 1@x busy At lunch") == "Event Sent"
        assert await b.switch.run_command("presence out 1@x unknown") == "Event Sent"
        told = [
            (e.name, e.headers["from"], e.headers["status"])
            for e in b.events
            if e.name.startswith("PRESENCE")
        ]
        assert told == [
            ("PRESENCE_IN", "1@x", "At lunch"),
            ("PRESENCE_OUT", "1@x", "offline"),
            ("PRESENCE_IN", "1@x", "offline"),
        ]
        for wrong in ("", "in 1@x busy", "maybe 1@x a b"):
            assert (await b.switch.run_command(f"presence {wrong}")).startswith("Invalid: ")
