from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall


async def test_unloading_ends_the_rooms_and_the_calls_go_on(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000")
        await b.after(1)
        await b.say("3000 record a.wav")
        assert await b.switch.modules.unload("mod_conference") is None
        await b.ended(one, within=5)
        assert one.get("after") == "yes"
        assert await b.switch.modules.load("mod_conference") is None
        b.call("3000", script="hangup@3")
        await b.after(1)
        assert b.room.size == 1


async def test_a_switch_that_stops_leaves_nothing_behind(tmp_path: Path) -> None:
    async with hall(tmp_path, moh_sound="full.wav", alone_sound="alone.wav") as b:
        for _ in range(5):
            b.call("3000")
        await b.after(1)
        assert b.room.size == 5
