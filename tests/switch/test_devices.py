"""Calls of one device together, as events."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import devices
from softswitch.switch.causes import HangupCause
from tests.support.switch import Bench, bench, extension

pytestmark = pytest.mark.virtual_time

PLAN = extension("1", "set_profile_var device_id=desk", "answer", "park") + extension(
    "2", "bridge [device_id=desk]test/b"
)


def states(b: Bench) -> list[tuple[str, str, str]]:
    """Of each DEVICE_STATE: the new state, the leg's call state, and how many legs are active."""
    names = ("Device-State", "Device-Call-State", "Device-Legs-Active")
    told = [event.headers for event in b.events if event.name == "DEVICE_STATE"]
    return [(one[names[0]], one[names[1]], one[names[2]]) for one in told]


async def test_a_device_rings_talks_and_hangs_up(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        session = b.call("1")
        await b.after(3)
        session.hangup()
        await b.ended(session)
        assert states(b) == [
            ("RINGING", "RINGING", "0"),
            ("RINGING", "EARLY", "0"),
            ("ACTIVE", "ACTIVE", "1"),
            ("HANGUP", "HANGUP", "0"),
        ]
        last = [event for event in b.events if event.name == "DEVICE_STATE"][-1].headers
        assert (last["Device-ID"], last["Last-Device-State"]) == ("desk", "ACTIVE")
        assert (last["Device-Total-Legs"], last["Device-Legs-Hup"]) == ("1", "1")
        began = int(last["Device-Talk-Time-Start-Uepoch"])
        ended = int(last["Device-Talk-Time-Stop-Uepoch"])
        assert int(last["Device-Talk-Time-Milliseconds"]) == (ended - began) // 1000 >= 2900


async def test_calls_of_a_device_are_summed_up_when_the_last_is_over(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as b:
        b.script("b", "answer@0")
        first, second = b.call("1"), b.call("2")
        await b.after(0.1)
        assert ("ACTIVE_MULTI", "ACTIVE", "2") in states(b)
        second.hangup()
        await b.ended(second)
        assert "CALL_DETAIL" not in [event.name for event in b.events]
        first.hangup(HangupCause.USER_BUSY)
        await b.ended(first)
        (detail,) = [event.headers for event in b.events if event.name == "CALL_DETAIL"]
        assert (detail["Type"], detail["Device-ID"]) == ("device", "desk")
        assert detail["Call-1-Destination-Number"] == "1"
        assert detail["Call-2-Direction"] == "outbound"
        assert "Call-3-Direction" not in detail


async def test_a_call_has_one_device(tmp_path: Path) -> None:
    plan = extension(
        "1", "set_profile_var device_id=desk", "set_profile_var device_id=other", "park"
    )
    async with bench(tmp_path, plan) as b:
        session = b.call("1")
        await b.after(0.1)
        assert session.channel.profile.soft["device_id"] == "desk"
        session.hangup()
        await b.ended(session)


async def test_a_device_that_is_never_idle_forgets_its_oldest_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_LEGS", 3)
    async with bench(tmp_path, PLAN) as b:
        session = b.call("1")
        await b.after(0.1)
        for _ in range(5):
            other = b.call("1")
            await b.after(0.1)
            other.hangup()
            await b.ended(other)
        session.hangup()
        await b.ended(session)
        last = [event for event in b.events if event.name == "DEVICE_STATE"][-1].headers
        assert last["Device-Total-Legs"] == "3"
        assert repr(b.switch.devices) == "<Devices 0 with calls>"
