"""Which calls can be joined past the switch."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.direct_media import bring_back, send_around
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


async def test_legs_without_far_ends_of_their_own_stay_at_the_switch(tmp_path: Path) -> None:
    actions = ("set bypass_media_after_bridge=true", "bridge test/bob")
    async with bench(tmp_path, extension("1", *actions)) as running:
        running.script("bob", "answer@1")
        caller = running.call("1")
        await running.after(2)
        called = caller.peer
        assert called is not None
        assert not send_around(caller, called)
        assert not bring_back(caller)
        assert caller.leg.media is not None
