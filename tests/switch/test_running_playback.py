from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension

PLAN = extension("1", "playback silence_stream://10000", "set after=yes")


async def test_a_playback_is_wound_and_counts_as_one(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        session = b.call("1")
        await b.after(2)
        player = session.player
        assert player is not None and 1900 <= player.position_ms <= 2000
        assert player.command("seek:+5000")
        await b.after(1)
        assert 7900 <= player.position_ms <= 8000
        assert player.command("seek:1000")
        await b.after(0.5)
        assert 1400 <= player.position_ms <= 1500
        assert player.command("restart")
        await b.after(1)
        assert 900 <= player.position_ms <= 1000
        assert player.command("seek:+99999")
        await b.ended(session, within=1)
        assert session.get("after") == "yes" and session.player is None
        assert b.names(session).count("PLAYBACK_START") == 1
        assert b.names(session).count("PLAYBACK_STOP") == 1
        assert session.get("playback_last_offset_pos") == "80000", "where it was wound to"
        assert 4400 <= int(session.get("playback_ms") or 0) <= 4600


@pytest.mark.parametrize(
    ("commands", "steering"),
    [
        (["pause"], (True, 0.0, 1.0)),
        (["pause", "pause"], (False, 0.0, 1.0)),
        (["pause", "resume"], (False, 0.0, 1.0)),
        (["volume:+1"], (False, 2.28, 1.0)),
        (["volume:-9"], (False, -13.98, 1.0)),
        (["vol:2", "volume:+"], (False, 10.37, 1.0)),
        (["speed:+1", "speed:+5"], (False, 0.0, 2.0)),
        (["speed:-2"], (False, 0.0, 2 / 3)),
    ],
)
async def test_a_playback_is_steered(
    tmp_path: Path, commands: list[str], steering: tuple[bool, float, float]
) -> None:
    async with bench(tmp_path, PLAN) as b:
        session = b.call("1")
        await b.after(1)
        assert session.player is not None
        for command in commands:
            assert session.player.command(command)
        playing = far_end(session.media).playing
        assert playing is not None and playing.steering == steering
        session.hangup()
        await b.ended(session)


async def test_a_paused_playback_stays_where_it_is(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        session = b.call("1")
        await b.after(1)
        player = session.player
        assert player is not None
        player.pause(True)
        before = player.position_ms
        await b.after(3)
        assert player.position_ms == before
        player.pause(False)
        assert player.command("stop")
        for wrong in ("dance", "seek:x", ""):
            assert not player.command(wrong)
        await b.ended(session, within=1)


async def test_a_file_may_be_limited_and_tell_its_kind(tmp_path: Path) -> None:
    plan = extension("1", "playback {timeout=2000}tone_stream://%(60000,0,440)", "set after=yes")
    async with bench(tmp_path, plan) as b:
        session = await b.ended(b.call("1"), within=2.5)
        assert session.get("after") == "yes"
        assert session.get("current_application_response") != "PLAYBACK ERROR"
        start, stop = (
            next(event for event in b.events if event.name == name).headers
            for name in ("PLAYBACK_START", "PLAYBACK_STOP")
        )
        assert start["Playback-File-Type"] == "tone_stream"
        assert stop["Playback-Status"] == "done"
