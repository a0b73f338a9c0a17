"""The command ``uuid_video_refresh``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ("", "-USAGE: <uuid> [auto|manual]"),
        ("one two three", "-ERR Operation Failed"),
        ("nobody", "-ERR Operation Failed"),
        ("UUID", "-ERR the call has no video"),
    ],
)
async def test_what_cannot_be_is_told(tmp_path: Path, arguments: str, answer: str) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        told = await running.switch.run_command(
            f"uuid_video_refresh {arguments}".replace("UUID", session.uuid)
        )
        assert told.startswith(answer)


async def test_the_far_end_is_asked_for_a_picture(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        assert session.leg.media is not None
        video = session.leg.media.video = running.switch.engine.open_stream("127.0.0.1")
        told = await running.switch.run_command(f"uuid_video_refresh {session.uuid} auto")
        assert told == "+OK Success\n"
        assert far_end(video).pictures_asked == 1
        video.close()
