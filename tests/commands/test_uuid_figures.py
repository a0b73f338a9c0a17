"""The commands ``uuid_set_media_stats``, ``uuid_debug_media`` and ``uuid_preprocess``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs

pytestmark = pytest.mark.virtual_time


async def test_they_reach_the_call(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        ask, native = running.switch.run_command, far_end(session.media)
        assert await ask(f"uuid_set_media_stats {session.uuid}") == "+OK:\n"
        assert "note_media" in verbs(session)
        assert await ask(f"uuid_debug_media {session.uuid} both on") == "+OK Success\n"
        assert native.traced == (True, True)
        assert await ask(f"uuid_debug_media {session.uuid} write off") == "+OK Success\n"
        assert native.traced == (True, False)
        assert await ask(f"uuid_preprocess {session.uuid} w.agc=true") == "+OK\n"
        assert native.effects["write"] == (8000, None)
        assert await ask(f"uuid_preprocess {session.uuid} stop") == "+OK\n"
        assert native.effects["write"] == (None, None)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("uuid_set_media_stats", "-USAGE: <uuid>\n"),
        ("uuid_set_media_stats nobody", "-ERR No such channel nobody!\n"),
        ("uuid_debug_media nobody both on", "-ERR Operation failed\n"),
        ("uuid_debug_media UUID sideways on", "-ERR Operation failed\n"),
        ("uuid_debug_media UUID vread on", "-ERR Operation failed\n"),
        (
            "uuid_debug_media UUID both",
            "-USAGE: <uuid> <read|write|both|vread|vwrite|vboth|all> <on|off>\n",
        ),
        (
            "uuid_preprocess UUID",
            "-USAGE: <uuid> stop|<r|w>.<agc|noise_suppress>=<value>[,...]\n",
        ),
        ("uuid_preprocess nobody stop", "-ERR No such channel!\n"),
        ("uuid_preprocess UUID r.reverb=1", "-ERR 'reverb' is no effect"),
    ],
)
async def test_mistakes_are_told(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        told = await running.switch.run_command(line.replace("UUID", session.uuid))
        assert told.startswith(answer)
