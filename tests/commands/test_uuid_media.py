"""The command ``uuid_media``; what it does is held by the tests of bypassed media."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ("", "-USAGE: [off] <uuid>"),
        ("off", "-ERR Operation failed"),
        ("off nobody", "-ERR Operation failed"),
        ("UUID", "-ERR Operation failed"),
        ("off UUID", "-ERR Operation failed"),
    ],
)
async def test_what_cannot_be_is_told(tmp_path: Path, arguments: str, answer: str) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        told = await running.switch.run_command(
            f"uuid_media {arguments}".replace("UUID", session.uuid)
        )
        assert told.startswith(answer)
