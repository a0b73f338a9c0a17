"""Calls that somebody else picks up."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize("group", ["sales", "sales@example.test"])
async def test_a_ringing_call_is_taken_by_another_phone(tmp_path: Path, group: str) -> None:
    async with bench(
        tmp_path,
        extension("100", "bridge {note=x}test/bob,pickup/sales"),
        extension("8", "set execute_on_pickup=set hooked=yes", f"pickup {group}"),
    ) as b:
        b.script("bob", "ring@1")
        session = b.call("100")
        await b.after(2)
        picker = b.call("8", caller="1002")
        await b.after(1)
        assert session.peer is picker
        assert b.legs.legs["bob"].cause is HangupCause.LOSE_RACE
        assert verbs(picker) == ["answer"]
        assert verbs(session) == ["ring", "answer"]
        assert (picker.get("note"), picker.get("hooked")) == ("x", "yes")
        assert picker.get("picked_up_uuid")
        assert picker.channel.profile.caller_id_number == "1000"
        assert far_end(session.media).connected_to is far_end(picker.media)
        session.hangup()
        await b.ended(picker)
        assert picker.channel.hangup_cause is HangupCause.NORMAL_CLEARING


async def test_the_oldest_call_is_taken_first_and_each_once(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "bridge test/bob,pickup/sales"), extension("8", "pickup sales")
    ) as b:
        b.script("bob", "ring@1")
        first, second = b.call("100"), b.call("100", caller="1001")
        await b.after(1)
        one, other, third = b.call("8"), b.call("8"), b.call("8")
        await b.after(1)
        assert (first.peer, second.peer) == (one, other)
        assert not third.channel.up
        first.hangup()
        second.hangup()


async def test_nobody_waits_for_a_picker_when_all_phones_are_gone(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "bridge test/busy,pickup/sales"),
        extension("200", "bridge test/busy,[leg_timeout=9]pickup/sales"),
    ) as b:
        b.script("busy", "hangup:USER_BUSY@1")
        for number, seconds, cause in (("100", 1, "USER_BUSY"), ("200", 9, "USER_BUSY")):
            begun = b.switch.loop.time()
            session = await b.ended(b.call(number))
            assert b.switch.loop.time() - begun == pytest.approx(seconds, abs=0.2)
            assert session.get("originate_disposition") == cause


async def test_a_call_that_ended_cannot_be_taken(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "bridge test/bob,pickup/sales"),
        extension("8", "pickup sales", "set went=on"),
    ) as b:
        b.script("bob", "ring@1")
        await b.ended(b.call("100", script="hangup@2"))
        picker = await b.ended(b.call("8"))
        assert picker.get("went") == "on"
