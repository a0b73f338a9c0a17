"""The command ``uuid_session_heartbeat``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize(("more", "beats"), [(" 10", 3), (" sched 10", 2), (" 0", 0)])
async def test_a_call_beats(tmp_path: Path, more: str, beats: int) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100")
        await b.after(1)
        run = b.switch.run_command
        assert await run(f"uuid_session_heartbeat {session.uuid}{more}") == "+OK\n"
        await b.after(25)
        assert b.names(session).count("SESSION_HEARTBEAT") == beats
        session.hangup()


async def test_what_means_nothing_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100")
        run = b.switch.run_command
        assert await run("uuid_session_heartbeat nobody 5") == (
            "-ERR Cannot locate session. "
            "USAGE: uuid_session_heartbeat <uuid> [sched] [0|<seconds>]\n"
        )
        for line in ("", f" {session.uuid}", f" {session.uuid} soon", f" {session.uuid} 1 2"):
            assert (await run(f"uuid_session_heartbeat{line}")).startswith("-USAGE: uuid_s")
        session.hangup()
