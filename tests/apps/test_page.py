"""Announcements to many phones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.audio import tone, write_wav
from tests.support.switch import bench, extension


@pytest.mark.parametrize("how", ["digit:*@3", "hangup@3"])
async def test_what_is_said_is_played_to_all_who_answer(tmp_path: Path, how: str) -> None:
    page = extension("100", "page test/bob:_:test/carol:_:test/nobody:_:test/busy", "set went=on")
    async with bench(tmp_path, page) as b:
        b.script("bob", "answer@1")
        b.script("carol", "answer@2")
        b.script("busy", "hangup:USER_BUSY@1")
        b.switch.globals["temp_dir"] = str(tmp_path)
        session = b.call("100", script=how)
        await b.ended(session, within=20)
        assert session.get("went") == ("on" if how.startswith("digit") else None)
        await b.after(10)
        for name in ("bob", "carol"):
            log = b.legs.legs[name].session.application_log
            assert [(app, Path(data).name) for app, data, _ in log][:1] == [
                ("playback", f"page_{session.uuid}.wav")
            ]
        assert not b.switch.sessions
        assert not (tmp_path / f"page_{session.uuid}.wav").exists()


async def test_phones_are_called_some_at_a_time(tmp_path: Path) -> None:
    page = extension("100", "page <x=1>test/one:_:test/two:_:test/three")
    async with bench(tmp_path, page) as b:
        for name in ("one", "two", "three"):
            b.script(name, "answer@1 hangup@5")
        b.switch.globals["temp_dir"] = str(tmp_path)
        session = b.call("100", script="digit:*@3", variables={"page_chunk_size": "2"})
        await b.after(4.5)
        assert set(b.legs.legs) == {"one", "two"}
        await b.ended(session, within=20)
        await b.after(30)
        assert set(b.legs.legs) == {"one", "two", "three"}


async def test_without_phones_nobody_is_asked_to_speak(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("100", "page", "set went=on")) as b:
        assert (await b.ended(b.call("100"))).get("went") == "on"
    assert "page: <var1=val1" in caplog.text


async def test_a_file_that_is_there_is_played_without_recording(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    file = tmp_path / "sounds/fire.wav"
    write_wav(file, tone(440, 500))
    async with bench(tmp_path, extension("100", "page", "set went=on")) as b:
        b.script("bob", "answer@1")
        variables = {"page_path": "fire.wav", "page_data": "test/bob"}
        session = b.call("100", variables=variables)
        await b.ended(session, within=2)
        assert session.get("went") == "on"
        await b.after(5)
        [played, *_] = b.legs.legs["bob"].session.application_log
        assert played[:2] == ("playback", str(file))
        assert file.exists()


async def test_a_file_that_is_missing_calls_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("100", "page test/bob")) as b:
        await b.ended(b.call("100", variables={"page_path": "/nosuch.wav"}))
        await b.after(1)
        assert not b.legs.legs
    assert "page: there is no file /nosuch.wav" in caplog.text


@pytest.mark.parametrize("limit", ["3", "+3"])
async def test_the_recording_ends_at_its_limit(tmp_path: Path, limit: str) -> None:
    async with bench(tmp_path, extension("100", "page test/bob", "set went=on")) as b:
        b.switch.globals["temp_dir"] = str(tmp_path)
        b.script("bob", "answer@1")
        session = b.call("100", variables={"page_record_limit": limit, "page_beep": "silence"})
        await b.ended(session, within=5)
        assert session.get("went") == "on"
        assert session.get("record_seconds") == "3"
