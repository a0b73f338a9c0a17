from __future__ import annotations

from pathlib import Path

from softswitch.switch.causes import HangupCause
from tests.modules.fifo.support import office


async def test_unloading_rings_nobody_any_more(tmp_path: Path) -> None:
    fifos = '<fifo name="sales"><member>test/a</member></fifo>'
    async with office(tmp_path, fifos=fifos) as b:
        b.script("a", "ring@1")
        b.call("in", script="hangup@9")
        await b.after(2)
        assert await b.switch.modules.unload("mod_fifo") is None
        assert b.legs.legs["a"].cause is not None
        one = await b.ended(b.call("next"), within=3)
        assert one.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER


async def test_a_switch_that_stops_leaves_nothing_behind(tmp_path: Path) -> None:
    fifos = '<fifo name="sales"><member>test/a</member></fifo>'
    async with office(tmp_path, fifos=fifos) as b:
        b.script("a", "ring@1")
        for number in ("in", "in", "out"):
            b.call(number)
        await b.after(2)
