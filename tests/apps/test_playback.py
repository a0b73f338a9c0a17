from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from softswitch.switch.digits import Digit
from tests.support.audio import tone, write_wav
from tests.support.engine import far_end
from tests.support.switch import Bench, bench, extension


def put_sound(folder: Path, name: str = "hello.wav", milliseconds: int = 2000) -> None:
    (folder / "sounds").mkdir(exist_ok=True)
    write_wav(folder / "sounds" / name, tone(440, milliseconds))


def fired(b: Bench, name: str) -> list[dict[str, str]]:
    return [event.headers for event in b.events if event.name == name]


async def test_playback_plays_a_file_below_the_sound_prefix(tmp_path: Path) -> None:
    put_sound(tmp_path)
    async with bench(tmp_path, extension("1", "playback hello.wav", "set after=yes")) as b:
        session = b.call("1")
        await b.after(1)
        assert far_end(session.media).played == [str(tmp_path / "sounds/hello.wav")]
        assert session.channel.early_media and not session.channel.answered
        assert session.get("after") is None
        await b.ended(session, within=1.5)
        assert session.get("after") == "yes"
        assert session.get("playback_ms") == "2000"
        assert session.get("playback_seconds") == "2"
        assert session.get("playback_samples") == "16000"
        assert session.get("playback_last_offset_pos") == "16000"
        (start,), (stop,) = fired(b, "PLAYBACK_START"), fired(b, "PLAYBACK_STOP")
        assert start["Playback-File-Path"] == stop["Playback-File-Path"] == "hello.wav"
        assert stop["Playback-Status"] == "done"


async def test_an_offset_begins_later_in_the_file(tmp_path: Path) -> None:
    put_sound(tmp_path)
    async with bench(tmp_path, extension("1", "playback hello.wav@@8000")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("playback_ms") == "1000"
        assert session.get("playback_last_offset_pos") == "16000"


async def test_a_call_goes_on_where_another_file_rate_counts_more(tmp_path: Path) -> None:
    put_sound(tmp_path)
    write_wav(tmp_path / "sounds/wide.wav", tone(440, 2000, rate=16000), 16000)
    async with bench(tmp_path, extension("1", "playback wide.wav@@8000")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("playback_ms") == "1500"
        assert session.get("playback_samples") == "12000"
        assert session.get("playback_last_offset_pos") == "32000"


async def test_the_sound_prefix_of_the_call_counts(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    write_wav(tmp_path / "de/hello.wav", tone(440, 100))
    actions = (f"set sound_prefix={tmp_path}/de", "playback hello.wav")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("playback_ms") == "100"


@pytest.mark.parametrize(
    ("setting", "key", "ends"),
    [
        ("", "*", True),
        ("", "5", False),
        ("any", "5", True),
        ("none", "*", False),
        ("#7", "7", True),
        ("#7", "*", False),
    ],
)
async def test_a_terminator_ends_the_playback_and_other_keys_are_lost(
    tmp_path: Path, setting: str, key: str, ends: bool
) -> None:
    actions = (f"set playback_terminators={setting}", "playback silence_stream://5000", "sleep 100")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1", script=f"digit:{key}@1"))
        assert session.get("playback_terminator_used") == (key if ends else None)
        assert session.get("playback_ms") == ("1000" if ends else "5000")
        assert not session.digits


async def test_a_terminator_of_an_earlier_playback_is_forgotten(tmp_path: Path) -> None:
    actions = ("playback silence_stream://5000", "playback silence_stream://500")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1", script="digit:*@1"))
        assert session.get("playback_terminator_used") is None


async def test_a_break_ends_one_playback_only(tmp_path: Path) -> None:
    actions = ("playback silence_stream://5000", "playback silence_stream://1000", "set after=yes")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(2)
        session.break_()
        await b.after(0.1)
        assert far_end(session.media).played[-1] == "silence 1000,0"
        await b.ended(session, within=1.2)
        assert session.get("after") == "yes"
        assert [h["Playback-Status"] for h in fired(b, "PLAYBACK_STOP")] == ["break", "done"]


async def test_a_hangup_ends_the_playback_and_the_dialplan(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", "playback silence_stream://5000", "set after=yes")
    ) as b:
        session = await b.ended(b.call("1", script="hangup@1"), within=1.2)
        assert session.get("after") is None
        assert session.get("playback_ms") == "1000"
        assert fired(b, "PLAYBACK_STOP")[0]["Playback-Status"] == "break"


async def test_a_file_that_is_not_there_is_skipped_with_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    actions = ("playback nothing.wav", "set after=${current_application_response}")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "FILE NOT FOUND"
        assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING
        assert "nothing.wav" in caplog.text and "there is no such file" in caplog.text


async def test_a_file_that_is_no_sound_is_skipped_with_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds/bad.wav").write_bytes(b"no sound at all")
    async with bench(tmp_path, extension("1", "playback bad.wav", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert "bad.wav" in caplog.text


@pytest.mark.parametrize("data", ["", "nosuch://x", "{a=1", "silence_stream://0"])
async def test_bad_data_leaves_the_call_as_it_is(tmp_path: Path, data: str) -> None:
    async with bench(tmp_path, extension("1", f"playback {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"


async def test_a_delimiter_makes_a_list_with_pauses(tmp_path: Path) -> None:
    actions = (
        "set playback_delimiter=!",
        "playback silence_stream://1000!nothing.wav!silence_stream://1000",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        begun = b.switch.loop.time()
        await b.ended(session)
        assert far_end_played(b) == 2
        assert b.switch.loop.time() - begun == pytest.approx(2.5, abs=0.1)


@pytest.mark.parametrize(
    ("verb", "played"),
    [
        ("uuid_break {}", 2),
        ("uuid_break {} all", 1),
        ("break", 2),
        ("break all", 1),
    ],
)
async def test_a_break_ends_one_file_of_a_list_or_all(
    tmp_path: Path, verb: str, played: int
) -> None:
    actions = (
        "set playback_delimiter=!",
        "playback silence_stream://9000!silence_stream://1000",
        "set went=on",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(1)
        if "{}" in verb:
            assert await b.switch.run_command(verb.format(session.uuid)) == "+OK\n"
        else:
            await session.execute(*verb.split())
        await b.ended(session, within=2)
        assert far_end_played(b) == played
        assert session.get("went") == "on"


async def test_a_key_that_is_wanted_ends_a_whole_list(tmp_path: Path) -> None:
    actions = (
        "set playback_delimiter=!",
        "read 1 1 silence_stream://9000!silence_stream://9000 digit 1000",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(1)
        session.on_digit("5", 100, "test")
        await b.ended(session, within=2)
        assert far_end_played(b) == 1
        assert session.get("digit") == "5"


async def test_parameters_of_a_file_are_in_its_events(tmp_path: Path) -> None:
    what = "playback {job=7,bad name=1}silence_stream://1000"
    async with bench(tmp_path, extension("1", what)) as b:
        await b.ended(b.call("1"))
        for name in ("PLAYBACK_START", "PLAYBACK_STOP"):
            (event,) = fired(b, name)
            assert event["job"] == "7"
            assert "bad name" not in event
            assert event["Playback-File-Path"] == "silence_stream://1000"


def far_end_played(b: Bench) -> int:
    return len(fired(b, "PLAYBACK_START"))


@pytest.mark.parametrize(
    ("success", "response"), [("false", "PLAYBACK ERROR"), ("true", "FILE PLAYED")]
)
async def test_playback_timeout_limits_a_playback(
    tmp_path: Path, success: str, response: str
) -> None:
    actions = (
        "set playback_timeout_sec=2",
        f"set playback_timeout_as_success={success}",
        "playback silence_stream://-1",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"), within=2.2)
        assert session.get("current_application_response") == response


async def test_a_cumulative_timeout_is_shared_by_several_playbacks(tmp_path: Path) -> None:
    actions = (
        "set playback_timeout_sec_cumulative=5",
        "playback silence_stream://3000",
        "set left=${playback_timeout_sec_cumulative}",
        "playback silence_stream://-1",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"), within=5.3)
        assert session.get("left") == "2"


async def test_endless_playback_plays_until_a_break_and_takes_no_notice_of_keys(
    tmp_path: Path,
) -> None:
    actions = ("endless_playback silence_stream://1000", "set after=yes")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1", script="digit:*@2")
        await b.after(30)
        playing = far_end(session.media).playing
        assert playing is not None and playing.loops == -1
        session.break_()
        await b.ended(session, within=0.5)
        assert session.get("after") == "yes"
        assert session.digits.take() == Digit("*", 100)


@pytest.mark.parametrize(
    ("action", "response"),
    [
        ("endless_playback nothing.wav", "FILE NOT FOUND"),
        ("endless_playback", "PLAYBACK ERROR"),
        ("loop_playback +2 nothing.wav", "FILE NOT FOUND"),
        ("loop_playback +2 silence_stream://100", "FILE PLAYED"),
    ],
)
async def test_playing_again_and_again_tells_how_it_ended(
    tmp_path: Path, action: str, response: str
) -> None:
    async with bench(tmp_path, extension("1", action)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("current_application_response") == response


async def test_keys_do_not_end_loop_playback_and_wait(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "loop_playback +2 silence_stream://1000")) as b:
        session = await b.ended(b.call("1", script="digit:*@0.5"))
        assert session.digits.take() == Digit("*", 100)
        assert session.get("playback_ms") == "2000"


@pytest.mark.parametrize(
    ("data", "seconds"),
    [("+3 silence_stream://1000", 3), ("silence_stream://1000", 1), ("+0 silence_stream://9", 0)],
)
async def test_loop_playback_plays_several_times(tmp_path: Path, data: str, seconds: int) -> None:
    async with bench(tmp_path, extension("1", f"loop_playback {data}")) as b:
        begun = b.switch.loop.time()
        await b.ended(b.call("1"))
        assert b.switch.loop.time() - begun == pytest.approx(seconds, abs=0.2)


async def test_loop_playback_of_nothing_hangs_up(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "loop_playback +2")) as b:
        session = await b.ended(b.call("1"))
        assert session.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER


@pytest.mark.parametrize(
    ("data", "seconds"),
    [("%(500,500,440)", 1), ("%(500,500,440)|0", 1), ("%(500,500,440)|3", 3)],
)
async def test_gentones_plays_a_script(tmp_path: Path, data: str, seconds: int) -> None:
    async with bench(tmp_path, extension("1", f"gentones {data}")) as b:
        begun = b.switch.loop.time()
        await b.ended(b.call("1"))
        assert b.switch.loop.time() - begun == pytest.approx(seconds, abs=0.2)


@pytest.mark.parametrize("data", ["", "|-1", "what is this"])
async def test_tones_that_are_none_leave_the_call_as_it_is(tmp_path: Path, data: str) -> None:
    async with bench(tmp_path, extension("1", f"gentones {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"), within=1)
        assert session.get("after") == "yes"
