"""Applications about video; whole calls are in tests/endpoints/test_rtp_video.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


async def test_novideo_is_kept_for_later_offers_too(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "novideo", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        assert session.refuses_video


async def test_a_call_without_video_cannot_be_refreshed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "answer", "video_refresh", "park")) as running:
        running.call("1")
        await running.after(0.01)
        assert "video_refresh: the call has no video" in caplog.text
