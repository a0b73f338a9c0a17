"""The way in: profiles, pins, locks, limits, and what happens when it ends half way."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.modules.conference.support import hall
from tests.support.engine import far_end
from tests.support.switch import extension


async def test_the_profile_decides_the_rate(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000@wide", script="hangup@9")
        await b.after(1)
        assert b.mixer.settings.rate == 16000
        assert b.room.profile_name == "wide"


async def test_an_unknown_profile_is_an_error_and_the_dialplan_goes_on(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = await b.ended(b.call("3000@nowhere"), within=5)
        assert one.get("after") == "yes"
        assert not one.channel.answered


@pytest.mark.parametrize(
    ("keys", "enters", "moderator"),
    [
        ("1234", True, False),
        ("1234#", True, False),
        ("99#1234", True, False),
        ("4321", True, True),
        ("11112222", False, False),
        ("", False, False),
    ],
)
async def test_pins_are_asked_for(tmp_path: Path, keys: str, enters: bool, moderator: bool) -> None:
    async with hall(
        tmp_path,
        pin="1234",
        moderator_pin="4321",
        pin_retries="2",
        pin_sound="pin.wav",
        bad_pin_sound="bad-pin.wav",
    ) as b:
        script = " ".join(f"digit:{key}@{1 + index}" for index, key in enumerate(keys))
        one = b.call("3000", script=script)
        await b.after(12)
        if enters:
            assert b.member(one).moderator is moderator
            assert one.get("conference_moderator") == str(moderator).lower()
            one.hangup()
        else:
            await b.ended(one, within=30)
            assert one.get("after") == "yes"
            assert b.rooms == []


async def test_prompts_for_the_pin_are_heard(tmp_path: Path) -> None:
    async with hall(tmp_path, pin="12", pin_sound="pin.wav", bad_pin_sound="bad-pin.wav") as b:
        one = b.call("3000", script="digit:34@1 digit:12@5 hangup@20")
        await b.after(9)
        played = [Path(what).stem for what in far_end(one.media).played]
        assert played == ["pin", "bad-pin", "pin"]
        assert b.room.size == 1


async def test_a_prompt_that_is_missing_keeps_nobody_out(tmp_path: Path) -> None:
    async with hall(tmp_path, pin="12", pin_sound="missing.wav") as b:
        b.call("3000", script="digit:12@2 hangup@20")
        await b.after(4)
        assert b.room.size == 1


async def test_the_pin_of_the_dial_string_and_a_supplied_one(tmp_path: Path) -> None:
    routes = (
        extension("1", "set supplied_pin=77", "conference 3000+77"),
        extension("2", "set conference_enforce_security=false", "conference 3000"),
        extension("3", "set conference_moderator_pin=55", "set supplied_pin=55", "conference 4000"),
    )
    async with hall(tmp_path, *routes, pin="12") as b:
        b.call("1", script="hangup@20")
        await b.after(1)
        assert b.room.size == 1
        b.call("2", script="hangup@20")
        await b.after(1)
        assert b.room.size == 2
        b.call("3", script="hangup@20")
        await b.after(1)
        assert [room.members[0].moderator for room in b.rooms] == [False, True]


async def test_a_caller_who_hangs_up_at_the_pin_leaves_no_room_behind(tmp_path: Path) -> None:
    async with hall(tmp_path, pin="12") as b:
        await b.ended(b.call("3000", script="hangup@2"))
        assert b.rooms == []
        one = b.call("3000", script="hangup@2")
        b.call("3000", script="digit:12@3 hangup@9")
        await b.ended(one)
        await b.after(3)
        assert b.room.size == 1, "the other was on its way in"


async def test_a_locked_room_lets_nobody_in(tmp_path: Path) -> None:
    async with hall(tmp_path, locked_sound="locked.wav", is_locked_sound="is-locked.wav") as b:
        b.call("3000", script="hangup@30")
        await b.after(1)
        assert await b.say("3000 lock") == "+OK 3000 locked\n"
        two = b.call("3000")
        await b.after(0.3)
        assert [Path(what).stem for what in far_end(two.media).played] == ["locked"]
        await b.ended(two, within=5)
        assert b.room.size == 1 and b.played() == ["is-locked"]
        await b.say("3000 unlock")
        b.call("3000", script="hangup@9")
        await b.after(1)
        assert b.room.size == 2


async def test_a_full_room_lets_nobody_in(tmp_path: Path) -> None:
    async with hall(tmp_path, max_members="1", max_members_sound="full.wav") as b:
        b.call("3000", script="hangup@30")
        await b.after(1)
        two = b.call("3000")
        await b.after(0.3)
        assert [Path(what).stem for what in far_end(two.media).played] == ["full"]
        await b.ended(two, within=5)
        assert b.room.size == 1


async def test_the_newcomer_alone_hears_the_members_welcome(tmp_path: Path) -> None:
    async with hall(tmp_path, member_enter_sound="enter.wav") as b:
        one = b.call("3000", script="hangup@9")
        await b.after(2)
        assert [Path(what).stem for what in far_end(one.media).played] == ["enter"]
        assert b.played() == []


async def test_who_only_joins_makes_no_room(tmp_path: Path) -> None:
    routes = (
        extension("1", "conference 3000+flags{join-only}", "set after=yes"),
        extension(
            "2",
            "set hangup_after_conference=false",
            "conference 3000+flags{join-only}",
            "set after=yes",
        ),
        extension("3", "conference 3000"),
    )
    async with hall(tmp_path, *routes, join_only_sound="full.wav") as b:
        one = await b.ended(b.call("1"), within=5)
        assert one.channel.hangup_cause is HangupCause.NORMAL_CLEARING
        assert one.get("after") is None
        told = b.told("rejected-join-only")
        assert (told["Conference-Name"], told["Conference-Profile-Name"]) == ("3000", "default")
        two = await b.ended(b.call("2"), within=5)
        assert two.get("after") == "yes"
        b.call("3", script="hangup@9")
        await b.after(1)
        b.call("1", script="hangup@9")
        await b.after(1)
        assert b.room.size == 2


async def test_the_creator_sets_up_the_room_by_variables(tmp_path: Path) -> None:
    actions = (
        "set conference_max_members=7",
        "set conference_moh_sound=full.wav",
        "set conference_perpetual_sound=alone.wav",
        "set conference_auto_record=x.wav",
        "set conference_endconference_grace_time=9",
        "set conference_flags=audio-always",
        "set conference_member_flags=mute",
        "set api_on_conference_create=global_setvar made=${conference_max_members}",
        "conference 3000+flags{deaf}",
    )
    async with hall(tmp_path, extension("1", *actions)) as b:
        one = b.call("1", script="hangup@9")
        await b.after(1)
        room = b.room
        assert (room.max_members, room.music_file, room.grace_time) == (7, "full.wav", 9)
        assert room.perpetual_sound == "alone.wav" and room.recordings.running
        assert b.mixer.settings.ungated
        assert not b.member(one).speaks and not b.member(one).hears
        assert b.switch.globals.get("made") == "7"


async def test_who_is_kicked_hears_so_and_goes_on(tmp_path: Path) -> None:
    async with hall(tmp_path, kicked_sound="kicked.wav") as b:
        one = b.call("3000")
        two = b.call("3000")
        await b.after(1)
        assert await b.say("3000 kick 1") == "+OK kicked 1\n"
        assert await b.say("3000 kick 2 full.wav") == "+OK kicked 2\n"
        await b.after(0.2)
        assert [Path(what).stem for what in far_end(one.media).played] == ["kicked"]
        assert [Path(what).stem for what in far_end(two.media).played] == ["full"]
        await b.ended(one, within=5)
        assert one.get("after") == "yes"
        assert b.rooms == []


async def test_a_break_does_not_end_the_stay(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@9")
        await b.after(1)
        one.break_()
        await b.after(1)
        assert b.room.size == 1
