from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_tones_are_listened_for_until_stopped(tmp_path: Path) -> None:
    plan = extension(
        "1",
        "answer",
        "tone_detect busy 480,620 w +30 hangup USER_BUSY 2",
        "fax_detect",
        "sleep 1000",
        "stop_tone_detect",
        "spandsp_start_fax_detect set fax=yes 30 ced",
        "sleep 1000",
    )
    async with bench(tmp_path, plan) as b:
        session = b.call("1")
        await b.after(0.5)
        assert sorted(far_end(session.media).detectors.values(), key=str) == [
            ("tone", "read", 1100.0),
            ("tone", "write", 480.0, 620.0),
        ]
        await b.after(1)
        stream = far_end(session.media)
        assert list(stream.detectors.values()) == [("tone", "read", 2100.0)]
        stream.sound()
        await b.after(0.1)
        assert session.get("fax") == "yes"
        await b.ended(session)


@pytest.mark.parametrize("name", ["detect_audio", "detect_silence"])
async def test_a_level_is_waited_for(tmp_path: Path, name: str) -> None:
    plan = extension("1", "answer", f"{name} 500 7 3000", "sleep 60000")
    async with bench(tmp_path, plan) as b:
        session = b.call("1")
        await b.after(1)
        kind = "sound" if name == "detect_audio" else "silence"
        stream = far_end(session.media)
        assert list(stream.detectors.values()) == [(kind, "read", 500, 7, 0)]
        stream.sound()
        await b.after(0.1)
        assert (session.get(f"{name}_hits"), session.get(f"{name}_timeout")) == ("7", "false")
        assert session.get(f"{name}_ms") == "1000"
        session.hangup()
        await b.ended(session)
        late = b.call("1")
        await b.after(4)
        assert (late.get(f"{name}_hits"), late.get(f"{name}_timeout")) == ("0", "true")
        late.hangup()
        await b.ended(late)


async def test_silence_behind_speech_is_waited_for(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", "answer", "wait_for_silence 200 30 5 9000", "set after=yes")
    ) as b:
        session = b.call("1")
        await b.after(1)
        stream = far_end(session.media)
        assert list(stream.detectors.values()) == [("silence", "read", 200, 30, 5)]
        stream.sound()
        await b.ended(session, within=1)
        assert (session.get("wait_for_silence_timeout"), session.get("after")) == ("false", "yes")


async def test_speech_is_told_as_it_comes_and_goes(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "vad_test 3")) as b:
        session = b.call("1")
        await b.after(0.5)
        stream = far_end(session.media)
        for wanted in (("sound", "read", 100, 10, 0), ("silence", "read", 100, 25, 0)):
            assert list(stream.detectors.values()) == [wanted]
            assert stream.connected_to is (stream if wanted[0] == "silence" else None)
            stream.sound()
            await b.after(0.5)
        stream.sound()
        await b.after(0.1)
        names = [name for name in b.names(session) if name in ("TALK", "NOTALK")]
        assert names == ["TALK", "NOTALK", "TALK"]
        session.hangup()
        await b.ended(session)


async def test_what_counts_as_speech_can_be_set(tmp_path: Path) -> None:
    plan = extension("1", "multiset vad_thresh=300 vad_voice_ms=60 vad_silence_ms=1000", "vad_test")
    async with bench(tmp_path, plan) as b:
        session = b.call("1")
        await b.after(0.5)
        stream = far_end(session.media)
        assert list(stream.detectors.values()) == [("sound", "read", 300, 3, 0)]
        stream.sound()
        await b.after(0.1)
        assert list(stream.detectors.values()) == [("silence", "read", 300, 50, 0)]
        session.hangup()
        await b.ended(session)


async def test_the_beep_of_an_answering_machine_is_told(tmp_path: Path) -> None:
    plan = extension("1", "answer", "avmd_start", "avmd_start", "sleep 2000", "avmd_stop")
    async with bench(tmp_path, plan) as b:
        session = b.call("1")
        await b.after(1)
        assert session.get("avmd_detect") == "FALSE"
        far_end(session.media).sound(1004)
        await b.after(0.1)
        assert session.get("avmd_detect") == "TRUE"
        await b.ended(session)
        told = {event.subclass: event.headers for event in b.events if event.name == "CUSTOM"}
        assert set(told) == {"avmd::start", "avmd::beep", "avmd::stop"}
        assert told["avmd::beep"]["Frequency"] == "1004"


@pytest.mark.parametrize(
    "action",
    [
        "tone_detect busy",
        "detect_audio 1 2",
        "detect_silence x y z",
        "wait_for_silence 1 2 3",
        "spandsp_start_fax_detect",
    ],
)
async def test_mistakes_are_told(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "answer", action, "set after=yes")) as b:
        assert (await b.ended(b.call("1"))).get("after") == "yes"
        assert "wanted" in caplog.text
