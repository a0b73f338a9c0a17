"""Rooms: who is in them, what is announced, what is heard in the background, and their end."""

from __future__ import annotations

from pathlib import Path

from tests.modules.conference.support import hall
from tests.support.switch import extension


async def test_a_room_lives_as_long_as_somebody_is_in_it(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@5")
        two = b.call("3000", caller="1001", script="hangup@9")
        await b.after(1)
        assert [member.session for member in b.room.members] == [two, one]
        assert [member.id for member in b.room.members] == [2, 1]
        assert set(b.mixer.members) == {one.media.id, two.media.id}
        assert one.channel.answered
        uuid = b.room.uuid
        await b.ended(one)
        assert [member.session for member in b.room.members] == [two]
        await b.ended(two)
        assert b.rooms == []
        assert b.actions("conference-create", "add-member", "del-member", "conference-destroy") == [
            "conference-create",
            "add-member",
            "add-member",
            "del-member",
            "del-member",
            "conference-destroy",
        ]
        assert b.told("conference-destroy")["Conference-Unique-ID"] == uuid
        assert one.get("conference_name") == "3000"
        assert (one.get("conference_member_id"), one.get("conference_moderator")) == ("1", "false")


async def test_events_tell_of_the_room_and_the_member(tmp_path: Path) -> None:
    async with hall(tmp_path, domain="example.test") as b:
        b.call("3000", script="hangup@5")
        await b.after(1)
        headers = b.told("add-member")
        expected = {
            "Conference-Name": "3000",
            "Conference-Domain": "example.test",
            "Conference-Size": "1",
            "Conference-Ghosts": "0",
            "Conference-Profile-Name": "default",
            "Channel-Name": "test/1000",
            "Caller-Caller-ID-Number": "1000",
            "Hear": "true",
            "Speak": "true",
            "Talking": "false",
            "Member-ID": "1",
            "Member-Type": "member",
            "Energy-Level": "100",
            "Action": "add-member",
        }
        assert {name: headers.get(name) for name in expected} == expected
        assert not any(name.startswith("variable_") for name in headers)


async def test_verbose_events_carry_variables_and_suppressed_ones_are_not_told(
    tmp_path: Path,
) -> None:
    async with hall(tmp_path, verbose_events="true", suppress_events="del-member") as b:
        await b.ended(b.call("3000", script="hangup@5"))
        assert "variable_conference_name" in b.told("add-member")
        assert b.actions("del-member") == []


async def test_who_comes_and_goes_is_announced(tmp_path: Path) -> None:
    sounds = {f"{name}_sound": f"{name}.wav" for name in ("alone", "enter", "exit")}
    async with hall(tmp_path, **sounds) as b:
        b.call("3000", script="hangup@20")
        await b.after(1)
        assert b.played() == ["alone"]
        two = b.call("3000", script="hangup@5")
        await b.after(2)
        assert b.played() == ["alone", "enter"]
        await b.ended(two)
        await b.after(2)
        assert b.played() == ["alone", "enter", "exit", "alone"]
        assert b.actions("play-file-done")


async def test_sounds_of_the_call_go_before_those_of_the_profile(tmp_path: Path) -> None:
    actions = (
        "set conference_enter_sound=muted.wav",
        "set conference_exit_sound=unmuted.wav",
        "conference 3000",
    )
    routes = (extension("1", "conference 3000"), extension("2", *actions))
    async with hall(tmp_path, *routes, enter_sound="enter.wav") as b:
        b.call("1", script="hangup@20")
        await b.ended(b.call("2", script="hangup@5"))
        await b.after(2)
        assert b.played() == ["muted", "unmuted"]


async def test_a_silent_entry_is_neither_heard_nor_told(tmp_path: Path) -> None:
    actions = ("set conference_silent_entry=true", "conference 3000")
    async with hall(tmp_path, extension("1", *actions), alone_sound="alone.wav") as b:
        await b.ended(b.call("1", script="hangup@5"))
        assert b.actions("add-member", "del-member", "play-file-done") == []


async def test_music_plays_for_who_is_alone(tmp_path: Path) -> None:
    async with hall(tmp_path, moh_sound="full.wav", alone_sound="alone.wav") as b:
        b.call("3000", script="hangup@30")
        await b.after(3)
        assert b.played() == ["alone", "full"]
        assert len(b.mixer.playing) == 1
        two = b.call("3000", script="hangup@5")
        await b.after(2)
        assert not b.mixer.playing
        await b.ended(two)
        await b.after(3)
        assert b.played() == ["alone", "full", "alone", "full"]


async def test_music_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    async with hall(tmp_path, moh_sound="later.wav") as b:
        b.call("3000", script="hangup@30")
        await b.after(1)
        assert b.played() == []
        (tmp_path / "sounds/later.wav").write_bytes((tmp_path / "sounds/full.wav").read_bytes())
        await b.after(3)
        assert b.played() == ["later"]


async def test_a_member_may_want_no_music(tmp_path: Path) -> None:
    async with hall(tmp_path, moh_sound="full.wav") as b:
        b.call("3000+flags{nomoh}", script="hangup@5")
        await b.after(3)
        assert b.played() == []


async def test_a_perpetual_sound_leaves_no_room_for_voices(tmp_path: Path) -> None:
    async with hall(tmp_path, perpetual_sound="full.wav", moh_sound="alone.wav") as b:
        b.call("3000", script="hangup@9")
        b.call("3000", script="hangup@9")
        await b.after(2)
        assert b.played() == ["full"]
        (number,) = b.mixer.playing
        assert b.mixer.options[number]["exclusive"] and b.mixer.options[number]["loops"] == -1


async def test_members_wait_for_their_moderator(tmp_path: Path) -> None:
    async with hall(tmp_path, conference_flags="wait-mod", moh_sound="full.wav") as b:
        b.call("3000", script="hangup@30")
        b.call("3000", script="hangup@30")
        await b.after(2)
        assert b.room.wait_mod and not b.mixer.settings.open
        assert b.played() == ["full"]
        b.call("3000+flags{moderator}", script="hangup@9")
        await b.after(2)
        assert not b.room.wait_mod and b.mixer.settings.open
        assert not b.mixer.playing
        assert b.told("add-member")["Member-Type"] == "moderator"


async def test_the_room_ends_some_time_after_its_last_endconf_member(tmp_path: Path) -> None:
    async with hall(tmp_path, endconf_grace_time="4") as b:
        one = b.call("3000", script="hangup@60")
        b.call("3000+flags{endconf}", script="hangup@5")
        b.call("3000+flags{endconf}", script="hangup@10")
        await b.after(13)
        assert b.room.size == 1
        await b.after(1.5)
        assert b.rooms == []
        await b.ended(one, within=3)
        assert one.get("after") == "yes"


async def test_who_comes_back_in_time_keeps_the_room(tmp_path: Path) -> None:
    async with hall(tmp_path, endconf_grace_time="4") as b:
        b.call("3000", script="hangup@40")
        b.call("3000+flags{endconf}", script="hangup@5")
        await b.after(7)
        b.call("3000+flags{endconf}", script="hangup@20")
        await b.after(8)
        assert b.room.size == 2


async def test_a_room_for_two_ends_when_one_leaves(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@60")
        b.call("3000+flags{mintwo}", script="hangup@5")
        await b.ended(one, within=8)


async def test_a_silent_room_ends(tmp_path: Path) -> None:
    async with hall(tmp_path, terminate_on_silence="10") as b:
        one = b.call("3000", script="hangup@90")
        b.call("3000", script="hangup@90")
        await b.after(5)
        b.mixer.talk(one.media.id)
        await b.after(20)
        assert b.room.size == 2
        b.mixer.talk(one.media.id, talking=False)
        await b.after(9)
        assert b.room.size == 2
        await b.after(2)
        assert b.rooms == []


async def test_voices_and_the_floor_are_told(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@30")
        two = b.call("3000", script="hangup@30")
        await b.after(1)
        assert b.member(one).has_floor
        assert b.told("floor-change")["Old-ID"] == "none"
        b.mixer.talk(two.media.id)
        b.mixer.give_floor(two.media.id)
        await b.after(1)
        assert b.member(two).talking and b.member(two).has_floor and not b.member(one).has_floor
        assert (b.told("floor-change")["Old-ID"], b.told("floor-change")["New-ID"]) == ("1", "2")
        b.mixer.talk(two.media.id, talking=False)
        await b.after(1)
        assert b.actions("start-talking", "stop-talking") == ["start-talking", "stop-talking"]
        assert not b.member(two).talking


async def test_a_muted_voice_is_told_where_it_is_wanted(tmp_path: Path) -> None:
    async with hall(tmp_path, mute_detect_sound="muted.wav") as b:
        one = b.call("3000+flags{mute|mute-detect}", script="hangup@30")
        await b.after(1)
        b.mixer.talk(one.media.id)
        await b.after(1)
        assert b.actions("mute-detect") == ["mute-detect"]
        assert (str(tmp_path / "sounds/muted.wav"), one.media.id) in b.mixer.played


async def test_every_room_is_recorded_where_the_profile_says_so(tmp_path: Path) -> None:
    file = "${conference_name}.wav"
    async with hall(tmp_path, auto_record=file, min_required_recording_participants="2") as b:
        one = b.call("3000", script="hangup@30")
        await b.after(1)
        assert not b.mixer.recordings
        b.call("3000", script="hangup@9")
        await b.after(1)
        (recording,) = b.mixer.recordings.values()
        assert Path(recording.path) == tmp_path / "recordings/3000.wav"
        assert one.get("conference_recording") == "3000.wav"
        await b.after(40)
        assert b.actions("start-recording", "stop-recording") == [
            "start-recording",
            "stop-recording",
        ]


async def test_a_stereo_room_spreads_its_members(tmp_path: Path) -> None:
    async with hall(tmp_path, channels="2", conference_flags="auto-3d-position") as b:
        calls = [b.call("3000", script="hangup@9") for _ in range(3)]
        await b.after(1)
        pans = [b.mixer.members[call.media.id].pan for call in calls]
        assert pans == [-1.0, 0.0, 1.0]
        assert b.mixer.settings.stereo


async def test_a_callers_broken_leg_disturbs_nobody(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@30")
        two = b.call("3000", script="hangup@30")
        await b.after(1)
        two.media.close()
        two.on_hangup(two.channel.hangup_cause)
        await b.after(1)
        assert [member.session for member in b.room.members] == [one]
