from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.conference.support import hall
from tests.support.switch import extension


async def test_the_command_calls_somebody_in(tmp_path: Path) -> None:
    async with hall(tmp_path, pin="12", caller_id_number="555") as b:
        b.script("phone", "ring@1 answer@2 hangup@20")
        b.script("busy", "hangup:USER_BUSY@1")
        b.call("3000+12", script="digit:12@1 hangup@30")
        await b.after(3)
        answer = await b.say("3000 dial test/phone 777 Bob")
        assert answer == "+OK Call Requested: result: [SUCCESS]\n"
        await b.after(1)
        assert b.room.size == 2, "who was called needs no pin"
        called = b.room.members[0].session
        assert called.channel.profile.caller_id_number == "777"
        assert await b.say("3000 dial test/busy") == "+OK Call Requested: result: [USER_BUSY]\n"
        assert (await b.say("3000 dial")).startswith("-ERR Bad Args\ndial <endpoint_module_name>")


async def test_a_room_need_not_exist_to_be_called_into(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.script("phone", "answer@2 hangup@20")
        assert "[SUCCESS]" in await b.say("3001@wide dial test/phone")
        await b.after(1)
        assert (b.room.name, b.room.profile_name) == ("3001", "wide")


async def test_calling_in_the_background_is_told_as_an_event(tmp_path: Path) -> None:
    async with hall(tmp_path) as b:
        b.script("phone", "answer@2 hangup@20")
        b.script("busy", "hangup:USER_BUSY@1")
        b.call("3000", script="hangup@30")
        await b.after(1)
        answer = await b.say("3000 bgdial test/phone")
        job = answer.removeprefix("+OK Job-UUID: ").strip()
        await b.after(4)
        told = b.told("bgdial-result")
        assert (told["Result"], told["Job-UUID"]) == ("SUCCESS", job)
        assert told["Peer-UUID"] == b.room.members[0].session.uuid
        await b.say("3000 bgdial test/busy")
        await b.after(3)
        assert b.told("bgdial-result")["Result"] == "USER_BUSY"


async def test_whom_a_call_wishes_for_is_called_when_it_makes_the_room(tmp_path: Path) -> None:
    actions = (
        "set conference_auto_outcall_timeout=10",
        "set conference_auto_outcall_flags=mute",
        "set conference_auto_outcall_caller_id_number=999",
        "set conference_auto_outcall_prefix={origination_caller_id_name=Room}",
        "conference_set_auto_outcall test/phone",
        "conference_set_auto_outcall test/never",
        "conference 3000",
    )
    async with hall(tmp_path, extension("1", *actions), extension("3000", "conference 3000")) as b:
        b.script("phone", "answer@2")
        b.script("never", "ring@1")
        b.call("1", script="hangup@30")
        await b.after(4)
        assert b.room.size == 2
        called = b.room.members[0]
        assert not called.speaks
        assert called.session.channel.profile.caller_id_number == "999"
        assert called.session.channel.profile.caller_id_name == "Room"
        await b.after(10)
        assert b.legs.legs["never"].cause is not None
        b.room.end()


@pytest.mark.parametrize(
    ("script", "variables", "beeps"),
    [
        ("answer@1", {}, 1.0),
        ("ring@1", {}, 2.0),
        ("ring@1", {"conference_auto_outcall_skip_member_beep": "true"}, None),
        ("ring@1", {"conference_auto_outcall_maxwait": "4"}, 4.0),
        ("ring@1", {"conference_auto_outcall_maxwait": "-4"}, 2.0),
    ],
)
async def test_a_beep_tells_who_makes_a_room_that_those_it_calls_have_answered(
    tmp_path: Path, script: str, variables: dict[str, str], beeps: float | None
) -> None:
    actions = (
        "set colour=red",
        "set size=7",
        "set conference_auto_outcall_export_vars=colour, size,none",
        "conference_set_auto_outcall test/phone",
        "conference 3000",
    )
    routes = extension("1", *actions), extension("3000", "conference 3000")
    async with hall(tmp_path, *routes) as b:
        b.script("phone", script)
        session = b.call("1", script="hangup@30", variables=variables)
        await b.after((beeps or 5) - 0.2)
        assert b.room.members[-1].session is session
        assert not b.told_alone()
        await b.after(0.5)
        assert bool(b.told_alone()) is (beeps is not None)
        phone = b.legs.legs["phone"].session
        assert (phone.get("colour"), phone.get("size")) == ("red", "7")
        b.room.end()


async def test_a_room_whose_maker_leaves_while_others_ring_is_over(tmp_path: Path) -> None:
    actions = ("conference_set_auto_outcall test/never", "conference 3000")
    async with hall(tmp_path, extension("1", *actions)) as b:
        b.script("never", "ring@1")
        await b.ended(b.call("1", script="hangup@1.5"), within=4)
        assert b.rooms == []


async def test_the_bridge_form_is_a_room_for_two(tmp_path: Path) -> None:
    routes = (
        extension("1", "conference bridge:_uuid_:test/phone", "set after=yes"),
        extension("2", "conference bridge:x:test/busy", "set after=yes"),
    )
    async with hall(tmp_path, *routes, alone_sound="alone.wav", moh_sound="full.wav") as b:
        b.script("phone", "answer@2 hangup@9")
        b.script("busy", "hangup:USER_BUSY@1")
        one = b.call("1")
        await b.after(4)
        assert b.room.name == one.uuid and b.room.size == 2 and b.room.bridges
        assert b.played() == []
        await b.ended(one, within=10)
        assert one.get("after") == "yes"
        two = await b.ended(b.call("2"), within=10)
        assert two.get("originate_disposition") == "USER_BUSY"
        assert b.rooms == []


async def test_the_bridge_form_makes_no_room_that_exists(tmp_path: Path) -> None:
    routes = (extension("1", "conference x"), extension("2", "conference bridge:x:test/phone"))
    async with hall(tmp_path, *routes) as b:
        b.call("1", script="hangup@9")
        await b.after(1)
        await b.ended(b.call("2"), within=3)
        assert b.room.size == 1


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [("[x=1,y=2]test/one, test/two", ""), ("[x=1,y=2]test/one;test/two", ";")],
)
async def test_several_are_called_in_one_by_one(tmp_path: Path, data: str, delimiter: str) -> None:
    actions = (f"conference_set_auto_outcall {data}", "conference 3000")
    async with hall(tmp_path, extension("1", *actions)) as b:
        b.script("one", "answer@1")
        b.script("two", "answer@1")
        variables = {
            "conference_auto_outcall_delimiter": delimiter,
            "conference_utils_auto_outcall_flags": "mute",
        }
        b.call("1", script="hangup@30", variables=variables)
        await b.after(3)
        assert b.room.size == 3
        assert b.legs.legs["one"].session.get("y") == "2"
        assert [member.speaks for member in b.room.members] == [False, False, True]
        b.room.end()
