from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.switch import bench, extension, verbs


async def test_sleep_waits(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sleep 3600000")) as b:
        session = b.call("1")
        await b.after(3599)
        assert session.channel.up
        await b.ended(session, within=1.2)
        assert "pre_answer" not in verbs(session)


async def test_a_break_and_a_hangup_end_sleep(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sleep 60000", "set after=yes")) as b:
        session = b.call("1")
        await b.after(1)
        session.break_()
        await b.ended(session, within=0.2)
        assert session.get("after") == "yes"
        hung = await b.ended(b.call("1", script="hangup@1"), within=1.2)
        assert hung.get("after") is None


async def test_digits_pressed_while_sleeping_are_kept(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sleep 2000", "read 1 2 silence x 1000 #")) as b:
        session = await b.ended(b.call("1", script="digit:12@1"))
        assert session.get("x") == "12"


async def test_sleep_eat_digits_takes_digits_and_ends_at_a_terminator(tmp_path: Path) -> None:
    told = "set key=${playback_terminator_used}"
    actions = ("set sleep_eat_digits=true", "sleep 5000", told, "sleep 2000")
    async with bench(tmp_path, extension("1", *actions)) as b:
        begun = b.switch.loop.time()
        session = await b.ended(b.call("1", script="digit:5@1 digit:*@2"))
        assert session.get("key") == "*"
        assert session.get("playback_terminator_used") is None, "each sleep forgets the last key"
        assert not session.digits
        assert b.switch.loop.time() - begun == pytest.approx(4, abs=0.2)


@pytest.mark.parametrize("data", ["", "a while"])
async def test_sleep_wants_milliseconds(
    tmp_path: Path, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", f"sleep {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert "sleep: <pause_milliseconds> wanted" in caplog.text


async def test_park_waits_until_somebody_takes_the_call(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park"), extension("2", "set there=yes")) as b:
        session = b.call("1")
        await b.after(3000)
        assert session.channel.up
        await b.switch.run_command(f"uuid_transfer {session.uuid} 2")
        await b.ended(session, within=1)
        assert session.get("there") == "yes"
        names = b.names(session)
        assert names.index("CHANNEL_PARK") < names.index("CHANNEL_UNPARK")


@pytest.mark.parametrize(
    ("timeout", "cause"),
    [("5", HangupCause.NORMAL_CLEARING), ("5:attended_transfer", HangupCause.ATTENDED_TRANSFER)],
)
async def test_park_timeout_ends_the_wait(tmp_path: Path, timeout: str, cause: HangupCause) -> None:
    async with bench(tmp_path, extension("1", f"set park_timeout={timeout}", "park")) as b:
        session = await b.ended(b.call("1"), within=5.3)
        assert session.channel.hangup_cause is cause
