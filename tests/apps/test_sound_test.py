"""The application ``sound_test``."""

from __future__ import annotations

import logging
from array import array
from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_loudness_is_told_each_second_and_in_the_mean(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "softswitch.call")
    async with bench(tmp_path, extension("1", "sound_test", "set went=on", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        assert session.leg.media is not None
        (recording,) = far_end(session.leg.media).recordings.values()
        assert recording.tap is not None
        for loudness, share in ((1000, 6000), (1000, 2000), (200, 8000)):
            signs = array("h", [loudness, -loudness]) * (share // 2)
            recording.tap.put(signs.tobytes())
            await running.after(0.05)
        lines = [record.getMessage().partition("] ")[2] for record in caplog.records]
        told = [line for line in lines if line.startswith("sound_test")]
        assert told == [
            "sound_test: 1000 in the last second, 1000 so far",
            "sound_test: 200 in the last second, 600 so far",
        ]
        session.break_()
        await running.after(0.05)
        assert session.get("went") == "on"
        assert not far_end(session.leg.media).recordings


async def test_it_ends_with_the_call(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sound_test")) as running:
        session = running.call("1")
        await running.after(0.01)
        session.hangup()
        await running.ended(session)
