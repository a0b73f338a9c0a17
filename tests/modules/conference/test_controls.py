from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall
from tests.support.switch import extension, verbs


async def test_keys_do_what_the_group_says(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="digit:0@1 digit:9@2 digit:3@3 digit:0@4 digit:*@5")
        await b.after(1.5)
        member = b.member(one)
        assert not member.speaks
        await b.after(1)
        assert member.energy_level == 300
        await b.after(1)
        assert member.volume_in == 1
        await b.after(1)
        assert member.speaks
        await b.after(1)
        assert not member.speaks and not member.hears
        assert b.actions("dtmf") == []
        assert b.told("energy-level")["New-Level"] == "300"
        assert b.actions("energy-level-member") == []
        assert one.get("conference_last_matching_digits") == "*"
        one.hangup()


async def test_a_second_deaf_mute_takes_both_back(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="digit:*@1 digit:*@2 hangup@9")
        await b.after(3)
        assert b.member(one).speaks and b.member(one).hears


async def test_the_hangup_key_leaves_and_the_dialplan_goes_on(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = await b.ended(b.call("3000", script="digit:#@2"), within=5)
        assert one.get("after") == "yes"
        assert b.rooms == []


async def test_longer_keys_and_those_with_data(tmp_path: Path) -> None:
    routes = (
        extension("3000", "conference 3000"),
        extension("2", "set arrived=yes", "sleep 500"),
    )
    async with hall(tmp_path, *routes) as b:
        one = b.call("3000", script="digit:1@1 digit:2@1.2 digit:78@2 digit:79@3 digit:77@5")
        await b.after(4)
        event = next(e for e in b.events if e.headers.get("Data") == "x")
        assert event.headers["DTMF-Key"] == "12"
        assert one.get("ran") == "yes"
        assert b.told("execute_app")["Application"] == "set ran=yes"
        assert b.room.locked
        await b.ended(one, within=5)
        assert one.get("arrived") == "yes"
        assert b.told("transfer")["Dialplan"] == "2 XML default"


async def test_another_group_holds_for_a_call_or_for_moderators(tmp_path: Path) -> None:
    routes = (
        extension("1", "set conference_controls=none", "conference 3000"),
        extension("2", "conference 3000+flags{moderator}"),
    )
    async with hall(tmp_path, *routes, moderator_controls="none") as b:
        one = b.call("1", script="digit:0@1 hangup@9")
        two = b.call("2", script="digit:0@1 hangup@9")
        await b.after(2)
        assert b.member(one).speaks and b.member(two).speaks


async def test_digits_may_go_to_the_others_instead(tmp_path: Path) -> None:
    async with hall(tmp_path, member_flags="dist-dtmf") as b:
        one = b.call("3000", script="digit:0@2 hangup@9")
        two = b.call("3000", script="hangup@9")
        await b.after(3)
        assert b.member(one).speaks
        assert "digits 0 100" in verbs(two) and "digits 0 100" not in verbs(one)


async def test_keys_that_change_volumes_tell_the_new_level(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.call("3000", script="digit:3@1 digit:3@2 hangup@9")
        await b.after(3)
        levels = [e.headers["New-Level"] for e in b.events if "New-Level" in e.headers]
        assert levels == ["1", "2"]
        assert b.actions("gain-level", "volume-in-member") == ["gain-level"] * 2
