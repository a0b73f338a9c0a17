from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.modules.conference.support import hall
from tests.support.switch import extension


@pytest.mark.parametrize("data", ["", "+1", "3000+flags{mute", "bridge:x"])
async def test_what_cannot_be_meant_leaves_the_call_as_it_is(tmp_path: Path, data: str) -> None:
    async with hall(tmp_path, extension("1", f"conference {data}", "set after=yes")) as b:
        one = await b.ended(b.call("1"), within=3)
        assert one.get("after") == "yes"
        assert b.rooms == []


async def test_an_unknown_flag_is_told_and_passed_over(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000+flags{loud|mute}", script="hangup@3")
        await b.after(1)
        assert not b.room.members[0].speaks


async def test_without_the_module_the_call_ends_with_a_cause(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        await b.switch.modules.unload("mod_conference")
        one = await b.ended(b.call("3000"), within=3)
        assert one.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER
        assert await b.say("list") == "-ERR mod_conference is not loaded\n"


async def test_an_outcall_without_a_dial_string_is_told(tmp_path: Path) -> None:
    routes = (extension("1", "conference_set_auto_outcall", "set after=yes"),)
    async with hall(tmp_path, *routes) as b:
        one = await b.ended(b.call("1"), within=3)
        assert one.get("after") == "yes"
