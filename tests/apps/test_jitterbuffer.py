"""The application ``jitterbuffer``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("data", "held"),
    [("60:200:20", (60, 200, False)), ("off", None), ("nonsense", None)],
)
async def test_packets_of_the_call_are_held_back(
    tmp_path: Path, data: str, held: tuple[int, int, bool] | None
) -> None:
    async with bench(tmp_path, extension("1", "answer", f"jitterbuffer {data}", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        assert session.channel.up
        assert far_end(session.media).jitter_buffer == held
