from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch.switch import ivr
from softswitch.switch.digits import Digit
from softswitch.switch.session import Session
from tests.support.engine import far_end
from tests.support.switch import Bench, bench, extension


@asynccontextmanager
async def waiting_call(folder: Path, script: str = "") -> AsyncIterator[tuple[Bench, Session]]:
    """A call that is answered and parked, so that a test may do things to it."""
    async with bench(folder, extension("1", "answer", "park")) as b:
        session = b.call("1", script=script)
        await b.after(0.5)
        yield b, session
        session.hangup()
        await b.ended(session)


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
        assert result.reason == "break"
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


async def test_digits_are_collected_until_there_are_enough(tmp_path: Path) -> None:
    async with waiting_call(tmp_path, script="digit:12@1 digit:3@2") as (_, session):
        collected = await ivr.collect_digits(
            session, minimum=1, maximum=3, timeout_ms=5000, digit_timeout_ms=2000, terminators="#"
        )
        assert collected == ivr.Collected("123", None, "maximum")


async def test_the_first_digit_may_take_longer_than_the_next(tmp_path: Path) -> None:
    async with waiting_call(tmp_path, script="digit:1@4.4 digit:2@6") as (b, session):
        begun = b.switch.loop.time()
        collected = await ivr.collect_digits(
            session, minimum=1, maximum=3, timeout_ms=4000, digit_timeout_ms=1000, terminators="#"
        )
        assert collected == ivr.Collected("1", None, "timeout")
        assert b.switch.loop.time() - begun == pytest.approx(4.9, abs=0.05)


async def test_a_break_ends_the_collecting(tmp_path: Path) -> None:
    async with waiting_call(tmp_path) as (b, session):
        b.switch.loop.call_later(1, session.break_)
        collected = await ivr.collect_digits(
            session, minimum=1, maximum=3, timeout_ms=4000, digit_timeout_ms=1000, terminators="#"
        )
        assert collected.reason == "break"


async def test_a_terminator_during_the_prompt_ends_the_input(tmp_path: Path) -> None:
    async with waiting_call(tmp_path, script="digit:#@1") as (_, session):
        collected = await ivr.play_and_collect(
            session,
            "silence_stream://5000",
            minimum=1,
            maximum=4,
            timeout_ms=3000,
            digit_timeout_ms=3000,
            terminators="#",
        )
        assert collected == ivr.Collected("", "#", "terminator")


async def test_a_cancelled_playback_stops_sounding(tmp_path: Path) -> None:
    async with waiting_call(tmp_path) as (b, session):
        task = b.switch.loop.create_task(ivr.play(session, "silence_stream://-1"))
        await b.after(1)
        assert far_end(session.media).playing is not None
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert far_end(session.media).playing is None


async def test_a_recording_tells_how_it_ended(tmp_path: Path) -> None:
    async with waiting_call(tmp_path, script="digit:1@2") as (_, session):
        limited = await ivr.record(session, f"{tmp_path}/a", limit_seconds=1)
        assert limited == ivr.RecordResult("limit", 1000, f"{tmp_path}/a.wav")
        keyed = await ivr.record(session, f"{tmp_path}/b.wav", terminators="1")
        assert (keyed.reason, keyed.terminator) == ("terminator", "1")
        failed = await ivr.record(session, "/dev/null/c.wav")
        assert failed.reason == "failed"


async def test_a_recording_may_be_appended_to(tmp_path: Path) -> None:
    async with waiting_call(tmp_path) as (_, session):
        path = tmp_path / "a.wav"
        await ivr.record(session, str(path), limit_seconds=1)
        first = path.stat().st_size
        session.set("RECORD_APPEND", "true")
        await ivr.record(session, str(path), limit_seconds=1)
        assert path.stat().st_size > 1.9 * first


async def test_a_recording_that_breaks_has_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with waiting_call(tmp_path) as (b, session):

        def break_it() -> None:
            stream = far_end(session.media)
            stream.end_recording(next(iter(stream.recordings)), "failed: the disk is full")

        b.switch.loop.call_later(1, break_it)
        result = await ivr.record(session, f"{tmp_path}/a.wav")
        assert result.reason == "failed"
        assert "the disk is full" in caplog.text


@pytest.mark.parametrize("action", ["record /", "record_session /"])
async def test_a_path_that_names_no_file_is_told(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("100", "answer", action)) as b:
        await b.ended(b.call("100"))
    assert not [record for record in caplog.records if record.exc_info]
    assert "/" in caplog.text
