"""Announcements to many phones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize("how", ["digit:#@3", "hangup@3"])
async def test_what_is_said_is_played_to_all_who_answer(tmp_path: Path, how: str) -> None:
    page = extension("100", "page test/bob,test/carol,test/nobody,test/busy", "set went=on")
    async with bench(tmp_path, page) as b:
        b.script("bob", "answer@1")
        b.script("carol", "answer@2")
        b.script("busy", "hangup:USER_BUSY@1")
        session = b.call("100", script=how, variables={"page_path": str(tmp_path)})
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
    page = extension("100", "page test/one,test/two,test/three")
    async with bench(tmp_path, page) as b:
        for name in ("one", "two", "three"):
            b.script(name, "answer@1 hangup@5")
        variables = {"page_chunk_size": "2", "page_path": str(tmp_path)}
        session = b.call("100", script="digit:#@3", variables=variables)
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
    assert "page: <channel_url>" in caplog.text
