"""The command ``uuid_jitterbuffer``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


async def test_a_call_is_given_a_jitter_buffer(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        ask = running.switch.run_command
        assert await ask(f"uuid_jitterbuffer {session.uuid} 40:120") == "+OK Success\n"
        assert far_end(session.media).jitter_buffer == (40, 120, False)
        assert await ask(f"uuid_jitterbuffer {session.uuid} 0") == "+OK Success\n"
        assert far_end(session.media).jitter_buffer is None


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ("", "-USAGE: <uuid>"),
        ("nobody", "-USAGE: <uuid>"),
        ("nobody 60", "-ERR Operation failed"),
        ("UUID fast", "-ERR 'fast' is not"),
    ],
)
async def test_mistakes_are_told(tmp_path: Path, arguments: str, answer: str) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        arguments = arguments.replace("UUID", session.uuid)
        told = await running.switch.run_command(f"uuid_jitterbuffer {arguments}")
        assert told.startswith(answer)
