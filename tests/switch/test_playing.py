from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.switch import ivr
from softswitch.switch.digits import Digit
from tests.support.engine import far_end
from tests.support.waiting_call import waiting_call


@pytest.mark.parametrize(
    ("value", "keys"),
    [(None, "*"), ("any", "1234567890*#"), ("none", ""), ("NONE", ""), ("#5", "#5")],
)
async def test_terminators_come_from_a_variable(
    tmp_path: Path, value: str | None, keys: str
) -> None:
    async with waiting_call(tmp_path) as (_, session):
        session.set("playback_terminators", value or "")
        assert ivr.terminators_of(session) == keys


async def test_sound_paths_begin_at_the_prefix_unless_absolute(tmp_path: Path) -> None:
    async with waiting_call(tmp_path) as (_, session):
        assert ivr.sound_path(session, "a.wav") == f"{tmp_path}/sounds/a.wav"
        session.set("sound_prefix", "/p")
        assert ivr.sound_path(session, "a.wav") == "/p/a.wav"
        assert ivr.sound_path(session, "/x/a.wav") == "/x/a.wav"
        assert ivr.sound_path(session, "tone_stream://x") == "tone_stream://x"


async def test_play_tells_how_it_ended(tmp_path: Path) -> None:
    async with waiting_call(tmp_path, script="digit:5@2 digit:#@3") as (_, session):
        done = await ivr.play(session, "silence_stream://500")
        assert done == ivr.PlayResult("done", None, 500)
        stopped = await ivr.play(session, "silence_stream://9000", terminators="#")
        assert (stopped.reason, stopped.terminator) == ("terminator", "#")
        assert stopped.milliseconds == pytest.approx(2000, abs=50)
        assert await ivr.play(session, "no.wav") == ivr.PlayResult("failed")


async def test_a_handler_is_told_the_digits_and_may_end_the_playback(tmp_path: Path) -> None:
    heard: list[str] = []

    def press(digit: Digit) -> bool:
        heard.append(digit.digit)
        return digit.digit == "3"

    async with waiting_call(tmp_path, script="digit:123456@2") as (_, session):
        result = await ivr.play(session, "silence_stream://9000", terminators="", input=press)
        assert heard == ["1", "2", "3"]
        assert result.reason == "input"
        assert len(session.digits) == 3


async def test_another_playback_on_the_call_ends_this_one(tmp_path: Path) -> None:
    async with waiting_call(tmp_path) as (b, session):
        source = await b.switch.open_source("silence_stream://1000")
        b.switch.loop.call_later(1, session.media.play, source)
        result = await ivr.play(session, "silence_stream://9000")
        assert result.reason == "break"


async def test_a_playback_the_engine_gives_up_has_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with waiting_call(tmp_path) as (b, session):
        b.switch.loop.call_later(1, far_end(session.media).finish_playback, "failed")
        result = await ivr.play(session, "silence_stream://9000")
        assert result.reason == "failed"
        assert "could not be played to its end" in caplog.text


async def test_a_cancelled_playback_stops_sounding(tmp_path: Path) -> None:
    async with waiting_call(tmp_path) as (b, session):
        task = b.switch.loop.create_task(ivr.play(session, "silence_stream://-1"))
        await b.after(1)
        assert far_end(session.media).playing is not None
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert far_end(session.media).playing is None
