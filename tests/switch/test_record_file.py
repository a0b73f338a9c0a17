from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import ivr
from tests.support.engine import far_end
from tests.support.switch import bench, extension
from tests.support.waiting_call import waiting_call


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


@pytest.mark.parametrize("action", ["record http://x/a.wav", "record_session http://x/a.wav"])
async def test_nothing_is_recorded_to_a_stream(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with bench(tmp_path, extension("100", "answer", action)) as b:
        await b.ended(b.call("100"))
    assert "cannot record to http://x/a.wav: recordings go to files" in caplog.text
    assert not (tmp_path / "http:").exists()
