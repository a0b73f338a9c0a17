"""The applications ``set_media_stats``, ``debug_media`` and ``preprocess``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs

pytestmark = pytest.mark.virtual_time


async def test_figures_are_asked_of_the_leg(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "set_media_stats", "hangup")) as running:
        assert "note_media" in verbs(await running.ended(running.call("1")))


async def test_packets_are_told(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "debug_media read on", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        assert far_end(session.media).traced == (True, False)


async def test_voices_are_bettered(tmp_path: Path) -> None:
    plan = extension("1", "answer", "preprocess r.agc=true,r.noise_suppress=-20", "park")
    async with bench(tmp_path, plan) as running:
        session = running.call("1")
        await running.after(0.01)
        assert far_end(session.media).effects["read"] == (8000, 20)


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("debug_media", "wanted, not ''"),
        ("debug_media read", "wanted, not 'read'"),
        ("debug_media vread on", "the call has no media for 'vread'"),
        ("preprocess", "preprocess: no effect is named"),
        ("preprocess r.echo_cancel=true", "echoes are not cancelled"),
    ],
)
async def test_mistakes_are_told_and_the_call_goes_on(
    tmp_path: Path, action: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "answer", action, "set after=yes")) as running:
        assert (await running.ended(running.call("1"))).get("after") == "yes"
        assert told in caplog.text
