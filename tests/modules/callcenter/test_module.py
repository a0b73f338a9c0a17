from __future__ import annotations

from pathlib import Path

from softswitch.switch.causes import HangupCause
from tests.modules.callcenter.support import agents, office, tiers

ONE = {"agents": agents("a"), "tiers": tiers("a")}


async def test_unloading_rings_nobody_any_more(tmp_path: Path) -> None:
    async with office(tmp_path, **ONE) as b:
        b.script("a", "ring@1")
        b.call("help", script="hangup@9")
        await b.after(2)
        assert await b.switch.modules.unload("mod_callcenter") is None
        assert b.legs.legs["a"].cause is not None
        one = await b.ended(b.call("help"), within=3)
        assert one.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER


async def test_talks_go_on_without_the_module(tmp_path: Path) -> None:
    async with office(tmp_path, **ONE) as b:
        b.script("a", "answer@1 hangup@20")
        one = b.call("help", script="hangup@60")
        await b.after(4)
        assert await b.switch.modules.unload("mod_callcenter") is None
        await b.after(5)
        assert one.peer is b.leg("a")
        assert await b.switch.modules.load("mod_callcenter") is None
        assert b.agent("a").state.value == "Waiting"


async def test_a_switch_that_stops_leaves_nothing_behind(tmp_path: Path) -> None:
    async with office(tmp_path, **ONE) as b:
        b.script("a", "ring@1")
        for _ in range(3):
            b.call("help")
        await b.after(2)
