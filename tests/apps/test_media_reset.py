"""The application ``media_reset``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


async def test_the_wish_for_media_past_the_switch_is_forgotten(tmp_path: Path) -> None:
    actions = ("set bypass_media=true", "media_reset", "park")
    async with bench(tmp_path, extension("1", *actions)) as running:
        session = running.call("1")
        await running.after(0.01)
        assert session.channel.up
        assert session.get("bypass_media") is None
