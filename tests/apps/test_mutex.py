"""The application ``mutex``."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.session import Session
from tests.support.switch import Bench, bench, extension

ONE = extension("100", "mutex door", "set inside=yes", "sleep 5000", "mutex door off", "park")


async def inside(b: Bench, *calls: Session) -> list[bool]:
    await b.after(0.5)
    return [call.get("inside") == "yes" for call in calls]


@pytest.mark.parametrize("feedback", ["", "tone_stream://%(100,0,440)", "/no/such.wav"])
async def test_one_call_goes_on_and_the_others_wait(tmp_path: Path, feedback: str) -> None:
    async with bench(tmp_path, ONE) as b:
        variables = {"mutex_feedback": feedback}
        one = b.call("100", variables=variables)
        two = b.call("100", variables=variables)
        three = b.call("100", variables=variables)
        assert await inside(b, one, two, three) == [True, False, False]
        await b.after(5)
        assert await inside(b, one, two, three) == [True, True, False]
        two.hangup()
        assert await inside(b, one, three) == [True, True]
        for call in (one, three):
            call.hangup()


async def test_who_hangs_up_while_waiting_is_skipped(tmp_path: Path) -> None:
    async with bench(tmp_path, ONE) as b:
        one, two, three = b.call("100"), b.call("100"), b.call("100")
        await b.after(1)
        two.hangup()
        one.hangup()
        assert await inside(b, three) == [True]
        three.hangup()


@pytest.mark.parametrize(("orbit", "name"), [("900", "landed"), ("", "inside")])
async def test_who_waits_too_long_goes_elsewhere(tmp_path: Path, orbit: str, name: str) -> None:
    async with bench(tmp_path, ONE, extension("900", "set landed=yes")) as b:
        one = b.call("100")
        two = b.call("100", variables={"mutex_timeout": "2", "mutex_orbit_exten": orbit})
        await b.after(3)
        assert two.get(name) == "yes"
        one.hangup()
        two.hangup()


@pytest.mark.parametrize("data", ["", "door open", "door off"])
async def test_what_means_nothing_is_told_and_the_call_goes_on(
    tmp_path: Path, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("100", f"mutex {data}", "set went=on")) as b:
        assert (await b.ended(b.call("100"))).get("went") == "on"
    assert "mutex: " in caplog.text
