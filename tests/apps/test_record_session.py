from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.audio import read_wav
from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_a_call_is_recorded_while_the_dialplan_goes_on(tmp_path: Path) -> None:
    plan = extension(
        "1",
        "answer",
        f"record_session {tmp_path}/a b.wav +5 {{RECORD_STEREO=true,RECORD_TITLE=a%20talk}}",
        "sleep 2000",
        f"record_session_mask {tmp_path}/a b.wav",
        "record_session_unmask all",
        "record_session_pause all",
        "record_session_resume all",
        "sleep 1000",
        f"stop_record_session {tmp_path}/a b.wav",
        "sleep 1000",
    )
    async with bench(tmp_path, plan) as b:
        session = b.call("1")
        await b.after(1)
        ((_, native),) = far_end(session.media).recordings.items()
        assert native.path == f"{tmp_path}/a b.wav"
        assert (native.options["stereo"], native.options["limit_ms"]) == (True, 5000)
        await b.after(1.5)
        assert native.actions == ["mask", "unmask", "pause", "resume"]
        await b.ended(session)
        assert len(read_wav(tmp_path / "a b.wav")[0]) == 24000
        start, stop = (
            next(event for event in b.events if event.name == name)
            for name in ("RECORD_START", "RECORD_STOP")
        )
        for event in (start, stop):
            assert event.headers["Record-File-Path"] == f"{tmp_path}/a b.wav"
            assert event.headers["Recording-Variable-RECORD_STEREO"] == "true"


async def test_variables_may_stand_in_front_of_the_path(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    plan = extension("1", "answer", f"record_session {{RECORD_READ_ONLY=true}}{path} +5", "sleep 1")
    async with bench(tmp_path, plan) as b:
        session = b.call("1")
        await b.ended(session)
        start = next(event for event in b.events if event.name == "RECORD_START")
        assert start.headers["Record-File-Path"] == str(path)
        assert start.headers["Recording-Variable-RECORD_READ_ONLY"] == "true"
        assert path.exists()


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("record_session", "is missing"),
        ("stop_record_session /x.wav", "is not recorded"),
        ("record_session_mask all", "is not recorded"),
        ("record_session /dev/null/x.wav", "cannot record"),
    ],
)
async def test_mistakes_are_told_and_leave_the_call_alone(
    tmp_path: Path, action: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "answer", action, "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert text in caplog.text
