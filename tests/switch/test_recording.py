from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from softswitch.switch import recording
from softswitch.switch.causes import HangupCause
from tests.support.audio import read_wav
from tests.support.engine import far_end
from tests.support.switch import Bench, bench, extension

HELD = extension("1", "answer", "sleep 60000")


async def begun(b: Bench, path: Path, **variables: str) -> tuple[Any, Any]:
    """A call of which a recording runs, and the engine's side of it."""
    session = b.call("1", variables=variables)
    await b.after(0.1)
    assert await recording.start(session, str(path))
    ((_, native),) = far_end(session.media).recordings.items()
    return session, native


@pytest.mark.parametrize(
    ("variables", "options"),
    [
        ({}, {"hear": "both", "stereo": False, "append": False, "silence_ms": 0}),
        ({"RECORD_STEREO": "true"}, {"hear": "both", "stereo": True, "swap": False}),
        ({"RECORD_STEREO_SWAP": "true"}, {"stereo": True, "swap": True}),
        ({"RECORD_READ_ONLY": "true"}, {"hear": "read"}),
        (
            {"RECORD_WRITE_ONLY": "true", "RECORD_STEREO": "true"},
            {"hear": "write", "stereo": False},
        ),
        ({"RECORD_APPEND": "true"}, {"append": True}),
        ({"record_sample_rate": "16000"}, {"rate": 16000}),
        (
            {"RECORD_INITIAL_TIMEOUT_MS": "3000", "RECORD_FINAL_TIMEOUT_MS": "2000"},
            {"initial_silence_ms": 3000, "silence_ms": 2000, "silence_threshold": 200},
        ),
        ({"RECORD_TITLE": "a talk"}, {"tags": (("INAM", "a talk"),)}),
    ],
)
async def test_variables_say_what_is_recorded(
    tmp_path: Path, variables: dict[str, str], options: dict[str, Any]
) -> None:
    async with bench(tmp_path, HELD) as b:
        session, native = await begun(b, tmp_path / "a.wav", **variables)
        assert native.options.items() >= options.items()
        assert session.get("RECORD_TITLE") is None, "tags count once"
        session.hangup()
        await b.ended(session)


async def test_the_end_of_the_call_completes_its_recordings(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        path = tmp_path / "deep" / "a.wav"
        session, _ = await begun(b, path)
        assert await recording.start(session, str(tmp_path / "b.wav"), 1)
        await b.after(2)
        session.hangup()
        await b.ended(session)
        assert session.get("record_ms") == "2000"
        assert session.get("record_file_size") == str(path.stat().st_size)
        assert len(read_wav(path)[0]) == 16000
        assert len(read_wav(tmp_path / "b.wav")[0]) == 8000
        names = b.names(session)
        assert names.count("RECORD_START") == names.count("RECORD_STOP") == 2
        assert (
            names.index("CHANNEL_HANGUP_COMPLETE")
            > len(names) - names[::-1].index("RECORD_STOP") - 1
        )
        assert not session.bugs and not session.recordings


async def test_a_repeated_path_is_left_alone_or_stopped(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        path = str(tmp_path / "a.wav")
        session, _ = await begun(b, tmp_path / "a.wav")
        assert await recording.start(session, path)
        assert len(session.recordings) == 1
        session.set("RECORD_TOGGLE_ON_REPEAT", "true")
        assert await recording.start(session, path)
        await b.after(0.1)
        assert not session.recordings
        session.hangup()
        await b.ended(session)


async def test_a_recording_may_begin_anew_as_soon_as_it_was_stopped(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        path = str(tmp_path / "a.wav")
        session, _ = await begun(b, tmp_path / "a.wav")
        await b.after(2)
        first = session.recordings[path]
        first.stop()
        session.set("RECORD_APPEND", "true")
        assert await recording.start(session, path)
        assert first.over.done() and session.recordings[path] is not first
        assert session.get("record_seconds") == "2"
        await b.after(1)
        session.hangup()
        await b.ended(session)


async def test_the_end_that_was_asked_for_is_waited_for(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session, _ = await begun(b, tmp_path / "a.wav")
        await b.after(2)
        assert await recording.stop(session, "all")
        assert not session.recordings
        assert session.get("record_ms") == "2000"
        assert not await recording.stop(session, "all")
        session.hangup()
        await b.ended(session)


async def test_a_short_recording_is_dropped(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session, _ = await begun(b, tmp_path / "a.wav", RECORD_MIN_SEC="3")
        await b.after(2)
        await recording.stop(session, "all")
        await b.after(0.1)
        assert session.get("RECORD_DISCARDED") == "true"
        assert not (tmp_path / "a.wav").exists()
        session.hangup()
        await b.ended(session)


async def test_a_recording_waits_for_the_answer(tmp_path: Path) -> None:
    plan = extension("1", "pre_answer", "sleep 1000", "answer", "sleep 60000")
    async with bench(tmp_path, plan) as b:
        session, native = await begun(b, tmp_path / "a.wav", RECORD_ANSWER_REQ="true")
        assert native.actions == ["pause"]
        recording.control(session, "all", "pause")
        await b.after(2)
        assert native.actions == ["pause"], "the operator's pause outlasts the answer"
        recording.control(session, "all", "resume")
        assert native.actions == ["pause", "resume"]
        session.hangup()
        await b.ended(session)


async def test_what_cannot_be_written_ends_the_recording_alone_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1")
        await b.after(0.1)
        assert not await recording.start(session, "/dev/null/a.wav")
        assert session.channel.up
        stop = next(event for event in b.events if event.name == "RECORD_STOP")
        assert stop.headers["Record-Completion-Cause"] == "uri-failure"
        assert "cannot record to /dev/null/a.wav" in caplog.text
        session.set("RECORD_HANGUP_ON_ERROR", "true")
        assert not await recording.start(session, "/dev/null/a.wav")
        assert session.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER
        await b.ended(session)


async def test_a_disk_that_fills_up_ends_the_recording_alone(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session, native = await begun(b, tmp_path / "a.wav")
        far_end(session.media).end_recording(native.number, "failed: No space left on device")
        await b.after(0.1)
        stop = next(event for event in b.events if event.name == "RECORD_STOP")
        assert stop.headers["Record-Error"] == "No space left on device"
        assert session.channel.up and not session.bugs
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("reason", "after", "cause"),
    [
        ("limit", 5, "success-maxtime"),
        ("silence", 5, "success-silence"),
        ("silence", 2, "no-input"),
    ],
)
async def test_the_event_tells_why_it_ended(
    tmp_path: Path, reason: str, after: float, cause: str
) -> None:
    async with bench(tmp_path, HELD) as b:
        session, native = await begun(b, tmp_path / "a.wav", RECORD_INITIAL_TIMEOUT_MS="3000")
        await b.after(after)
        far_end(session.media).end_recording(native.number, reason)
        await b.after(0.1)
        stop = next(event for event in b.events if event.name == "RECORD_STOP")
        assert stop.headers["Record-Completion-Cause"] == cause
        session.hangup()
        await b.ended(session)


async def test_something_may_follow_a_recording(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session, _ = await begun(
            b,
            tmp_path / "a.wav",
            record_post_process_exec_api="global_setvar:done=${uuid}",
            record_post_process_exec_app="set after=yes",
        )
        await recording.stop(session, "all")
        await b.after(0.1)
        assert session.get("after") == "yes"
        assert b.switch.globals["done"] == session.uuid
        session.hangup()
        await b.ended(session)


async def test_without_an_extension_each_direction_has_its_file(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1")
        await b.after(0.1)
        session.channel.read_codec = ("G722", 8000, 64000)
        assert await recording.start(session, str(tmp_path / "talk"))
        natives = far_end(session.media).recordings.values()
        assert [(Path(one.path).name, one.options["hear"]) for one in natives] == [
            ("talk-in.wav", "read"),
            ("talk-out.wav", "write"),
        ]
        session.hangup()
        await b.ended(session)


async def test_a_recording_moves_to_the_partner_of_who_transfers(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session, _ = await begun(b, tmp_path / "a.wav", RECORD_STEREO="true")
        other = b.call("1")
        await b.after(1)
        await recording.follow_transfer(session, other)
        assert not session.recordings
        ((_, native),) = far_end(other.media).recordings.items()
        assert (native.options["append"], native.options["swap"]) == (True, True)
        await b.after(1)
        for one in (session, other):
            one.hangup()
            await b.ended(one)
        assert len(read_wav(tmp_path / "a.wav")[0]) >= 2 * 8000


async def test_the_other_leg_may_record_the_same_file_once(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge test/b")) as b:
        b.script("b", "answer@0")
        session = b.call("1")
        await b.after(1)
        assert session.peer is not None
        assert await recording.start(session, str(tmp_path / "a.wav"))
        again = {"RECORD_CHECK_BRIDGE": "true"}
        assert await recording.start(session.peer, str(tmp_path / "a.wav"), 0, again)
        assert not session.peer.recordings
        session.hangup()
        await b.ended(session)


def test_variables_in_braces_are_url_encoded() -> None:
    found = recording.parse_variables("{RECORD_TITLE=a%20talk%2C%20two,x=1}")
    assert found == {"RECORD_TITLE": "a talk, two", "x": "1"}
