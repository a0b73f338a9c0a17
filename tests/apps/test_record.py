from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.audio import read_wav
from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_record_ends_at_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "deep/er/a.wav"
    async with bench(tmp_path, extension("1", f"record {path} 3", "set after=yes")) as b:
        session = await b.ended(b.call("1"), within=3.5)
        assert session.get("after") == "yes"
        assert session.get("record_seconds") == "3"
        assert session.get("record_ms") == "3000"
        assert session.get("record_samples") == "24000"
        assert session.get("record_completion_cause") == "success-maxtime"
        assert session.get("silence_hits_exhausted") == "false"
        assert session.get("record_file_size") == str(path.stat().st_size)
        assert len(read_wav(path)[0]) == 24000
        assert {"RECORD_START", "RECORD_STOP"} <= set(b.names(session))


async def test_a_terminator_ends_the_recording_and_other_keys_do_not(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", f"record {tmp_path}/a.wav 60")) as b:
        session = await b.ended(b.call("1", script="digit:5@1 digit:*@2"))
        assert session.get("record_ms") == "2000"
        assert session.get("playback_terminator_used") == "*"


async def test_silence_ends_the_recording(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", f"record {tmp_path}/a.wav 60 200 5")) as b:
        session = b.call("1")
        await b.after(4)
        stream = far_end(session.media)
        ((number, recording),) = stream.recordings.items()
        assert recording.options["silence_threshold"] == 200
        assert recording.options["silence_ms"] == 5000
        stream.end_recording(number, "silence")
        await b.ended(session, within=0.5)
        assert session.get("silence_hits_exhausted") == "true"
        assert session.get("record_completion_cause") == "success-silence"


@pytest.mark.parametrize(
    ("wish", "divisor"), [("true", 1400), ("900", 900), ("-1", 0), ("false", 0), ("", 0)]
)
async def test_noise_may_stand_for_what_does_not_come(
    tmp_path: Path, wish: str, divisor: int
) -> None:
    actions = (f"set record_fill_cng={wish}", f"record {tmp_path}/a.wav 60")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(1)
        (recording,) = far_end(session.media).recordings.values()
        assert recording.options["fill"] == divisor
        session.hangup()


async def test_a_break_and_a_hangup_end_the_recording(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", f"record {tmp_path}/a.wav", "set after=yes")) as b:
        broken = b.call("1")
        await b.after(1)
        broken.break_()
        await b.ended(broken, within=0.5)
        assert broken.get("after") == "yes"
        hung = await b.ended(b.call("1", script="hangup@2"), within=2.5)
        assert hung.get("after") is None
        assert hung.get("record_ms") == "2000"
        assert len(read_wav(tmp_path / "a.wav")[0]) == 16000


async def test_a_relative_path_is_below_the_sound_prefix_and_gets_an_extension(
    tmp_path: Path,
) -> None:
    actions = (f"set sound_prefix={tmp_path}/own", "record a 1")
    async with bench(tmp_path, extension("1", *actions)) as b:
        await b.ended(b.call("1"))
        assert (tmp_path / "own/a.wav").is_file()


async def test_record_wants_a_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with bench(tmp_path, extension("1", "record", "set after=yes")) as b:
        assert (await b.ended(b.call("1"))).get("after") == "yes"
        assert "record: <path>" in caplog.text


@pytest.mark.parametrize("limit", ["2", "+2"])
async def test_keys_may_begin_the_limit_anew(tmp_path: Path, limit: str) -> None:
    actions = ("set record_restart_limit_on_dtmf=true", f"record {tmp_path}/a.wav {limit}")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1", script="digit:5@1"))
        assert session.get("record_ms") == "3000"
        assert session.get("record_completion_cause") == "success-maxtime"


async def test_a_title_is_written_into_one_file(tmp_path: Path) -> None:
    actions = ("set record_title=hello", f"record {tmp_path}/a.wav 1")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(0.5)
        (recording,) = far_end(session.media).recordings.values()
        assert recording.options["tags"] == (("INAM", "hello"),)
        await b.ended(session)
        assert session.get("record_title") is None


async def test_what_cannot_be_written_hangs_up_with_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "record /dev/null/a.wav", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER
        assert session.get("after") is None
        assert "record" in caplog.text


async def test_a_command_runs_after_the_recording(tmp_path: Path) -> None:
    actions = (
        "set record_post_process_exec_api=global_setvar:done=${uuid}",
        f"record {tmp_path}/a.wav 1",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert b.switch.globals["done"] == session.uuid


async def test_hooks_run_at_both_ends(tmp_path: Path) -> None:
    actions = (
        "set execute_on_record_start=set begun=yes",
        "set execute_on_record_stop=set over=yes",
        f"record {tmp_path}/a.wav 1",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert (session.get("begun"), session.get("over")) == ("yes", "yes")
