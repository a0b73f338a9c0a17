from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.audio_levels import SILENCE_DB
from tests.support.engine import far_end
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("action", "gains"),
    [
        ("set_audio_level read 1", (0, 2.28)),
        ("set_audio_level write -1", (-1.94, 0)),
        ("set_audio_level read 0", (0, 0)),
        ("set_mute read true", (0, SILENCE_DB)),
        ("set_mute write 1400", (SILENCE_DB, 0)),
        ("set_mute write false", (0, 0)),
    ],
)
async def test_a_direction_gets_its_level(
    tmp_path: Path, action: str, gains: tuple[float, float]
) -> None:
    async with bench(tmp_path, extension("1", "answer", action, "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        assert far_end(session.media).gains == pytest.approx(gains, abs=0.01)
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize("action", ["set_audio_level 3", "set_audio_level read x", "set_mute x"])
async def test_mistakes_are_told(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "answer", action, "set after=yes")) as b:
        assert (await b.ended(b.call("1"))).get("after") == "yes"
        assert "wanted, not" in caplog.text
