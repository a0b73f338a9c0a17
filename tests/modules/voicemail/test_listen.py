from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.switch.indications import Display, Indication
from tests.modules.voicemail.support import DOMAIN, Office, office, params
from tests.support.caller import Caller
from tests.support.engine import far_end
from tests.support.switch import extension

NUMBER = "voicemail/vm-message_number"
CHECK = "voicemail/vm-listen_to_recording"
MENU = "voicemail/vm-listen_new"
CALL = f"voicemail check auth default {DOMAIN} 1000"


async def entered(o: Office, messages: int = 3, seconds: int = 4, **variables: str) -> Caller:
    """A user who begins to hear his new messages ``a b c``."""
    for number in range(messages):
        await o.put("abc"[number], created=1000 + number, seconds=seconds)
    return o.call("run", timezone="UTC", **variables)


def order(caller: Caller) -> str:
    """The messages that were played, such as ``abb``."""
    return "".join(name[-5] for name in caller.heard if "/msg_" in name)


async def leave(o: Office, caller: Caller) -> None:
    caller.hangs_up()
    await o.bench.ended(caller.session)


async def test_new_messages_are_played_with_number_and_date(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 1)
        await caller.hears(CHECK)
        heard = caller.heard[caller.heard.index(NUMBER) - 1 : -1]
        assert heard[:3] == ["voicemail/vm-new", NUMBER, "digits/1"]
        # 1000 seconds after the beginning of 1970.
        assert heard[3:-1] == [
            *("time/day-4", "time/mon-0", "digits/h-1"),
            *("digits/19", "digits/70", "time/at", "digits/12", "digits/16", "time/a-m"),
        ]
        assert heard[-1].endswith("msg_a.wav")
        caller.presses("2")
        await caller.hears("voicemail/vm-saved", MENU)
        await leave(o, caller)
        (message,) = await o.messages()
        assert message.read and message.flags == "save"
        assert o.waiting == ["no 0/1 PURGE"]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("first", ["date", "message"]), ("last", ["message", "date"]), ("never", ["message"])],
)
async def test_the_date_is_said_when_it_shall(
    tmp_path: Path, setting: str, expected: list[str]
) -> None:
    async with office(tmp_path, CALL, settings=params(play_date_announcement=setting)) as o:
        caller = await entered(o, 1)
        await caller.hears(CHECK)
        kinds = {"time/day-4": "date"}
        told = ["message" if "/msg_" in name else kinds.get(name, "") for name in caller.heard]
        assert [what for what in told if what] == expected
        await leave(o, caller)


@pytest.mark.parametrize(
    ("user", "call", "told"),
    [("true", "", True), ("false", "", False), ("", "true", True), ("", "false", False)],
)
async def test_the_caller_is_told_first_where_the_user_or_the_call_wants_it(
    tmp_path: Path, user: str, call: str, told: bool
) -> None:
    values = params(vm_announce_cid=user) if user else ""
    async with office(tmp_path, CALL, user=values) as o:
        caller = await entered(o, 1, **({"vm_announce_cid": call} if call else {}))
        await caller.hears("voicemail/vm-message_number")
        assert ("voicemail/vm-message_from" in caller.heard) is told
        await leave(o, caller)


async def test_urgent_messages_come_first_and_lifo_turns_the_others(tmp_path: Path) -> None:
    settings = params(play_new_messages_lifo="true")
    async with office(tmp_path, CALL, settings=settings) as o:
        await o.put("d", created=500, urgency="A_URGENT")
        caller = await entered(o)
        for _ in range(4):
            await caller.answers(CHECK, "3")
        await caller.hears(MENU)
        assert order(caller) == "dcba"
        await leave(o, caller)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("333", "abc"),
        ("3133", "abab"),
        ("1", "aa"),
        ("03", "aab"),
        ("222", "abc"),
        ("777", "abc"),
    ],
)
async def test_keys_go_through_the_messages(tmp_path: Path, keys: str, expected: str) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o)
        for key in keys:
            await caller.answers(CHECK, key)
        await caller.hears(MENU if keys[-1] in "27" or keys == "333" else CHECK)
        assert order(caller).startswith(expected)
        await leave(o, caller)
        left = [message.uuid for message in await o.messages()]
        assert left == ([] if keys == "777" else ["a", "b", "c"])


@pytest.mark.parametrize(
    ("key", "expected"), [("7", "deleted"), ("2", "saved"), ("3", "next"), ("#", "asked")]
)
async def test_keys_work_while_the_message_plays(tmp_path: Path, key: str, expected: str) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 2)
        await caller.hears(NUMBER)
        while not order(caller):
            await o.bench.after(0.05)
        caller.presses(key)
        await caller.hears(CHECK if key == "#" else NUMBER)
        assert ("voicemail/vm-deleted" in caller.heard) is (key == "7")
        await leave(o, caller)
        left = {message.uuid for message in await o.messages()}
        assert left == ({"b"} if key == "7" else {"a", "b"})


async def test_keys_wind_and_steer_the_message(tmp_path: Path) -> None:
    settings = params(
        pause_key="5",
        restart_key="9",
        louder_key="8",
        faster_key="*",
        skip_info_key="",
        callback_key="",
        forward_key="",
    )
    async with office(tmp_path, CALL, settings=settings) as o:
        caller = await entered(o, 1, seconds=30)
        await caller.hears(NUMBER)
        while not order(caller):
            await o.bench.after(0.01)
        player = caller.session.player
        assert player is not None
        positions = []
        for key in "6649":
            await o.bench.after(1)
            caller.presses(key)
            await o.bench.after(0.1)
            positions.append(player.position_ms)
        assert positions == pytest.approx([4100, 8200, 3300, 100], abs=150)
        media = far_end(caller.session.media)
        for key, steering in (
            ("5", (True, 0.0, 1.0)),
            ("5", (False, 0.0, 1.0)),
            ("8", (False, 2.28, 1.0)),
            ("*", (False, 2.28, 4 / 3)),
        ):
            caller.presses(key)
            await o.bench.after(0.1)
            assert media.playing is not None and media.playing.steering == steering
        caller.presses("2")
        await caller.hears("voicemail/vm-saved")
        await leave(o, caller)


async def test_a_deleted_message_can_be_taken_back_while_one_listens(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 2)
        await caller.answers(CHECK, "7")
        await caller.answers(CHECK, "1")
        await caller.hears(NUMBER)
        await caller.answers(CHECK, "8")
        await caller.hears("voicemail/vm-undeleted")
        await caller.answers(CHECK, "3")
        await caller.hears(MENU)
        await leave(o, caller)
        assert [message.uuid for message in await o.messages()] == ["a", "b"]


async def test_who_hangs_up_has_deleted_what_he_deleted(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 2)
        box = await o.box()
        await caller.answers(CHECK, "7")
        await caller.hears("voicemail/vm-deleted", NUMBER)
        await leave(o, caller)
        await asyncio.sleep(1)
        assert [message.uuid for message in await o.messages()] == ["b"]
        assert not box.message("a").exists()
        assert box.message("b").exists()
        assert o.waiting == ["yes 1/0 PURGE"]


async def test_the_heading_is_skipped_by_its_key(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 1)
        await caller.answers(NUMBER, "*")
        await caller.hears(CHECK)
        assert "time/at" not in caller.heard
        assert order(caller) == "a"
        await leave(o, caller)


async def test_the_terminator_ends_the_heading_and_the_question_comes(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 1)
        await caller.answers(NUMBER, "#")
        await caller.hears(CHECK)
        assert order(caller) == ""
        # As an answer it saves, as every key that means nothing else.
        caller.presses("#")
        await caller.hears("voicemail/vm-saved", MENU)
        await leave(o, caller)
        assert (await o.messages())[0].read


async def test_a_key_without_meaning_does_not_touch_the_heading(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 1)
        await caller.answers(NUMBER, "9")
        await caller.hears("time/at", CHECK)
        assert order(caller) == "a"
        assert "voicemail/vm-saved" not in caller.heard
        await leave(o, caller)


async def test_the_phone_shows_who_left_the_message(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 1)
        shown: list[Indication] = []
        caller.session.leg.indicate = shown.append  # type: ignore[method-assign]
        await caller.hears(NUMBER)
        assert shown == [Display("Bob", "3000", asked=False)]
        await leave(o, caller)


async def test_the_question_names_the_keys_in_the_order_of_the_phrases(tmp_path: Path) -> None:
    settings = params(repeat_message_key="*", skip_info_key="")
    async with office(tmp_path, CALL, settings=settings) as o:
        caller = await entered(o, 1)
        await caller.hears("ascii/42", "voicemail/vm-save_recording")
        await leave(o, caller)


async def test_a_key_while_one_is_told_what_was_done_counts_for_what_follows(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 2)
        await caller.answers(CHECK, "7")
        await caller.answers("voicemail/vm-deleted", "3")
        await caller.hears(MENU)
        assert order(caller) == "a"
        assert caller.heard.count(NUMBER) == 1
        await leave(o, caller)
        assert [message.uuid for message in await o.messages()] == ["b"]


async def test_the_call_says_where_calls_back_go(tmp_path: Path) -> None:
    settings = params(callback_context="back")
    async with office(tmp_path, CALL, settings=settings) as o:
        caller = await entered(o, 1)
        caller.session.set("voicemail_callback_context", "theirs")
        await caller.answers(CHECK, "5")
        await caller.hears(MENU)
        ran = [(name, data) for name, data, _ in caller.session.application_log]
        assert ("execute_extension", "3000 XML theirs") in ran
        await leave(o, caller)


async def test_the_called_back_extension_runs(tmp_path: Path) -> None:
    async with office(tmp_path, CALL, more=(extension("3000", "set called=back"),)) as o:
        caller = await entered(o, 1)
        await caller.answers(CHECK, "5")
        await caller.hears(MENU)
        assert caller.session.get("called") == "back"
        await leave(o, caller)


async def test_time_out_saves(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 1)
        await caller.hears(CHECK, "voicemail/vm-saved", MENU)
        await leave(o, caller)
        (message,) = await o.messages()
        assert message.flags == "save"


async def test_a_message_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await entered(o, 2)
        await caller.hears(NUMBER)
        box = await o.box()
        second = (await o.messages())[1]
        await box.store.remove(second)
        await caller.answers(CHECK, "3")
        await caller.hears(MENU)
        assert order(caller) == "a"
        await leave(o, caller)
