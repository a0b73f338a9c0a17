from __future__ import annotations

import asyncio
import wave
from pathlib import Path

import pytest

from tests.modules.voicemail.support import BEEP, DOMAIN, Office, office, params
from tests.support.audio import tone, write_wav
from tests.support.caller import Caller
from tests.support.engine import far_end
from tests.support.switch import extension

GREETING = [
    *("voicemail/vm-person", "digits/1", "digits/0", "digits/0", "digits/0"),
    "voicemail/vm-not_available",
]


def length_of(path: str) -> float:
    with wave.open(path) as file:
        return file.getnframes() / file.getframerate()


async def test_a_message_is_left_by_the_book(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        await caller.hears(BEEP)
        assert caller.heard == [*GREETING, "voicemail/vm-record_message", BEEP]
        await o.bench.after(6)
        caller.presses("5")
        await caller.answers("voicemail/vm-save_recording", "2")
        await caller.answers("voicemail/vm-mark-urgent", "#")
        await caller.hears("voicemail/vm-message", "voicemail/vm-saved", "voicemail/vm-goodbye")
        session = await o.bench.ended(caller.session)
        assert session.get("after") == "yes"
        (message,) = await o.messages()
        assert (message.cid_name, message.cid_number) == ("Alice", "2000")
        assert (message.seconds, message.urgency, message.read) == (5, "B_NORMAL", 0)
        assert message.uuid == session.uuid
        assert length_of(message.path) == pytest.approx(5, abs=0.1)
        assert message.path.endswith(
            f"storage/voicemail/default/{DOMAIN}/1000/msg_{session.uuid}.wav"
        )
        assert [path.name for path in Path(message.path).parent.iterdir()] == [
            Path(message.path).name
        ]


async def test_events_tell_of_the_message_and_light_the_lamp(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.leave()
        (left,) = o.events("leave-message")
        assert left["VM-User"] == "1000"
        assert left["VM-Domain"] == DOMAIN
        assert left["VM-Caller-ID-Name"] == "Alice"
        assert left["VM-Caller-ID-Number"] == "2000"
        assert left["VM-Flags"] == "B_NORMAL"
        assert left["VM-Folder"] == "inbox"
        assert left["VM-Message-Len"] == "5"
        assert left["VM-File-Path"].endswith(f"msg_{left['VM-UUID']}.wav")
        assert left["Unique-ID"] == left["VM-UUID"]
        assert o.waiting == ["yes 1/0 NEW"]
        (update,) = o.events("mwi-update")
        assert update["VM-Total-New"] == "1"


async def test_the_dialplan_is_told_what_was_left(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        await caller.hears(BEEP)
        await o.bench.after(6)
        caller.presses("#")
        await caller.answers("voicemail/vm-save_recording", "2")
        await caller.answers("voicemail/vm-mark-urgent", "*")
        session = await o.bench.ended(caller.session)
        (message,) = await o.messages()
        told = "account domain file_path read_flags message_len".split()
        length = f"00:00:{message.seconds:02}"
        expected = ["1000", DOMAIN, message.path, "A_URGENT", length]
        assert [session.get(f"voicemail_{name}") for name in told] == expected


async def test_a_message_can_be_urgent(tmp_path: Path) -> None:
    async with office(tmp_path, settings=params(send_full_vm_header="true")) as o:
        await o.leave(keys="*")
        (message,) = await o.messages()
        assert message.urgent
        assert o.waiting == ["yes 1/0 (1/0) NEW"]


async def test_who_hangs_up_has_left_his_message(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        await caller.hears(BEEP)
        await o.bench.after(5)
        caller.hangs_up()
        session = await o.bench.ended(caller.session)
        assert session.get("after") is None
        (message,) = await o.messages()
        assert message.seconds == 4
        assert length_of(message.path) == pytest.approx(4, abs=0.1)
        assert o.waiting == ["yes 1/0 NEW"]


async def test_who_hangs_up_while_asked_has_left_his_message(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        await caller.hears(BEEP)
        await o.bench.after(5)
        caller.presses("#")
        await caller.answers("voicemail/vm-save_recording", "2")
        await caller.hears("voicemail/vm-mark-urgent")
        caller.hangs_up()
        await o.bench.ended(caller.session)
        assert len(await o.messages()) == 1


@pytest.mark.parametrize("when", ["greeting", "short"])
async def test_who_hangs_up_too_early_has_left_nothing(tmp_path: Path, when: str) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        if when == "short":
            await caller.hears(BEEP)
            await o.bench.after(2)
        else:
            await caller.hears("voicemail/vm-person")
        caller.hangs_up()
        await o.bench.ended(caller.session)
        assert await o.messages() == []
        assert o.waiting == []
        box = await o.box()
        assert not box.folder.exists() or not list(box.folder.iterdir())


async def test_a_short_recording_is_made_again_and_at_last_given_up(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        for takes_left in (3, 2, 1, 0):
            await caller.hears(BEEP)
            await o.bench.after(1.7)
            caller.presses("5")
            await caller.hears("voicemail/vm-too-small" if takes_left else "voicemail/vm-goodbye")
        assert caller.heard.count("voicemail/vm-too-small") == 3
        await o.bench.ended(caller.session)
        assert await o.messages() == []


async def test_a_recording_is_heard_and_made_again(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        await caller.hears(BEEP)
        await o.bench.after(5)
        caller.presses("#")
        await caller.answers("voicemail/vm-listen_to_recording", "1")
        await o.bench.after(1)
        assert caller.heard[-1].endswith("wav") and "/tmp_msg_" in caller.heard[-1]
        await caller.answers("voicemail/vm-rerecord", "3")
        await caller.hears(BEEP)
        await o.bench.after(9)
        caller.presses("#")
        await caller.answers("voicemail/vm-save_recording", "2")
        await caller.answers("voicemail/vm-mark-urgent", "#")
        await o.bench.ended(caller.session)
        (message,) = await o.messages()
        assert message.seconds == 8


async def test_a_recording_is_heard_and_made_as_often_as_one_likes(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        for _ in range(5):
            await caller.hears(BEEP)
            await o.bench.after(5)
            caller.presses("#")
            for _ in range(4):
                await caller.answers("voicemail/vm-listen_to_recording", "1")
                await o.bench.after(1)
                # Out of the sound, back to the question.
                caller.presses("#")
            await caller.answers("voicemail/vm-rerecord", "3")
        await caller.hears(BEEP)
        caller.hangs_up()
        await o.bench.ended(caller.session)


@pytest.mark.parametrize(("own", "told"), [("", "Alice 2000"), ("Boss", "Boss 7")])
async def test_the_caller_is_who_the_dialplan_says_he_is(
    tmp_path: Path, own: str, told: str
) -> None:
    variables = {"effective_caller_id_name": own, "effective_caller_id_number": "7"} if own else {}
    async with office(tmp_path) as o:
        caller = o.call("leave", skip_record_check="true", **variables)
        await caller.hears(BEEP)
        await o.bench.after(5)
        caller.presses("#")
        await caller.answers("voicemail/vm-mark-urgent", "#")
        await o.bench.ended(caller.session)
        (message,) = await o.messages()
        assert f"{message.cid_name} {message.cid_number}" == told
        (event,) = o.events("leave-message")
        assert f"{event['VM-Caller-ID-Name']} {event['VM-Caller-ID-Number']}" == told


@pytest.mark.parametrize(
    ("user", "call", "told"),
    [("false", "true", True), ("true", "", False), ("", "true", False), ("", "", True)],
)
async def test_the_user_decides_about_instructions_before_the_call(
    tmp_path: Path, user: str, call: str, told: bool
) -> None:
    values = params(vm_skip_instructions=user) if user else ""
    async with office(tmp_path, user=values) as o:
        caller = o.call("leave", **({"skip_instructions": call} if call else {}))
        await caller.hears(BEEP)
        assert ("voicemail/vm-record_message" in caller.heard) is told
        caller.hangs_up()
        await o.bench.ended(caller.session)


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({"skip_greeting": "true"}, "voicemail/vm-person"),
        ({"skip_instructions": "true"}, "voicemail/vm-record_message"),
        ({"skip_record_urgent_check": "true"}, "voicemail/vm-mark-urgent"),
        ({"skip_record_check": "true"}, "voicemail/vm-save_recording"),
        ({"voicemail_skip_goodbye": "true"}, "voicemail/vm-goodbye"),
    ],
)
async def test_parts_are_left_out_on_demand(
    tmp_path: Path, variables: dict[str, str], missing: str
) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave", **variables)
        await caller.hears(BEEP)
        await o.bench.after(5)
        caller.presses("#")
        await caller.hears("voicemail/vm-saved")
        session = await o.bench.ended(caller.session)
        everything = {
            *("voicemail/vm-person", "voicemail/vm-record_message", "voicemail/vm-goodbye"),
            *("voicemail/vm-mark-urgent", "voicemail/vm-save_recording"),
        }
        assert everything - set(caller.heard) == {missing}
        if "skip_record_check" not in variables:
            assert session.get(next(iter(variables))) is None


async def test_a_key_goes_from_the_greeting_to_the_beep(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        await caller.answers("voicemail/vm-person", "#")
        await caller.hears(BEEP)
        assert caller.heard == ["voicemail/vm-person", BEEP]
        caller.hangs_up()
        await o.bench.ended(caller.session)


@pytest.mark.parametrize(
    ("key", "moment", "target"),
    [
        ("9", "voicemail/vm-person", "operator"),
        ("*", "voicemail/vm-person", "main"),
        ("9", BEEP, "operator"),
    ],
)
async def test_keys_lead_to_the_operator_and_to_the_main_menu(
    tmp_path: Path, key: str, moment: str, target: str
) -> None:
    settings = params(
        operator_key="9",
        operator_extension="operator XML default",
        vmain_key="*",
        vmain_extension="main",
    )
    ways = tuple(extension(name, f"set way={name}") for name in ("operator", "main"))
    async with office(tmp_path, settings=settings, more=ways) as o:
        caller = o.call("leave")
        await caller.hears(moment)
        await o.bench.after(1 if moment == BEEP else 0)
        caller.presses(key)
        session = await o.bench.ended(caller.session)
        assert session.get("way") == target
        assert await o.messages() == []


@pytest.mark.parametrize("key", ["5", "9"])
async def test_another_key_plays_the_greeting_again(tmp_path: Path, key: str) -> None:
    """As often as it comes; so does one that leads nowhere."""
    async with office(tmp_path, settings=params(operator_key="9")) as o:
        caller = o.call("leave")
        for _ in range(5):
            await caller.answers("voicemail/vm-person", key)
        await caller.hears(BEEP)
        assert caller.heard[5:11] == GREETING
        await o.bench.after(1)
        caller.presses("9")
        # Too short for a message, and no operator is named.
        await caller.hears("voicemail/vm-person", "voicemail/vm-record_message", BEEP)
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_the_user_himself_logs_in_from_his_greeting(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave")
        await caller.answers("voicemail/vm-person", "0")
        await caller.answers("voicemail/vm-enter_pass", "1234#")
        await caller.answers("voicemail/vm-listen_new", "#")
        await caller.hears("voicemail/vm-goodbye", "voicemail/vm-record_message", BEEP)
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_what_the_directory_calls_the_user_wins_over_what_the_call_does(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, user=params(vm_alternate_greet_id="8")) as o:
        assert (await heading(o, voicemail_alternate_greet_id="7"))[1] == "digits/8"


async def test_greetings_are_chosen_by_the_user_and_by_the_call(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        box = await o.box()
        box.folder.mkdir(parents=True)
        for number in (1, 2):
            write_wav(box.greeting(number), tone(440, 100))
        write_wav(box.recorded_name, tone(440, 100))
        await box.store.prefer("1000", DOMAIN, "name_path", str(box.recorded_name))
        assert (await heading(o)) == [str(box.recorded_name), *GREETING]
        await box.store.prefer("1000", DOMAIN, "greeting_path", str(box.greeting(1)))
        assert (await heading(o)) == [str(box.greeting(1))]
        assert (await heading(o, voicemail_greeting_number="2")) == [str(box.greeting(2))]
        assert (await heading(o, voicemail_greeting_path=str(box.greeting(2)))) == [
            str(box.greeting(2))
        ]
        # A number that is none means none of those.
        for number in ("x", "9" * 5000):
            told = await heading(o, voicemail_greeting_number=number)
            assert told == [str(box.recorded_name), *GREETING]
        box.greeting(1).unlink()
        assert (await heading(o, voicemail_alternate_greet_id="7"))[2:3] == ["digits/7"]


async def heading(o: Office, **variables: str) -> list[str]:
    """What a caller hears before he is asked to speak."""
    caller = o.call("leave", **variables)
    await caller.hears("voicemail/vm-record_message")
    caller.hangs_up()
    await o.bench.ended(caller.session)
    return caller.heard[:-1]


@pytest.mark.parametrize(
    ("user", "full"),
    [
        (params(vm_disk_quota="4"), True),
        (params(vm_message_limit="1"), True),
        (params(vm_disk_quota="x"), False),
        (params(vm_disk_quota="9" * 5000), False),
    ],
    ids=["seconds", "messages", "none", "huge"],
)
async def test_a_full_mailbox_takes_nothing(tmp_path: Path, user: str, full: bool) -> None:
    async with office(tmp_path, user=user) as o:
        await o.put("a", seconds=4)
        caller = o.call("leave")
        if not full:
            await caller.hears(BEEP)
            caller.hangs_up()
        else:
            await caller.hears("voicemail/vm-mailbox_full", "voicemail/vm-goodbye")
        await o.bench.ended(caller.session)
        assert (BEEP in caller.heard) is not full


@pytest.mark.parametrize("name", ["1002", "9999"])
async def test_who_has_no_mailbox_gets_no_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    async with office(tmp_path, f"voicemail default {DOMAIN} {name}", "set after=yes") as o:
        caller = o.call("run")
        if name == "9999":
            # 1002 wants no voicemail, and has none that says so.
            await caller.hears("voicemail/vm-goodbye")
        session = await o.bench.ended(caller.session)
        assert caller.heard == (["voicemail/vm-goodbye"] if name == "9999" else [])
        assert session.get("after") == "yes"
        assert f"{name}@{DOMAIN} has no mailbox" in caplog.text


async def test_copies_go_to_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    user = params(vm_cc=f"1001@{DOMAIN}, 9999@{DOMAIN}")
    async with office(tmp_path, user=user) as o:
        await o.leave()
        (own,), (copy,) = await o.messages("1000"), await o.messages("1001")
        assert copy.uuid == own.uuid and copy.path != own.path
        assert copy.forwarded_by == f"1000@{DOMAIN}"
        assert [event["VM-User"] for event in o.events("leave-message")] == ["1000", "1001"]
        assert length_of(copy.path) == length_of(own.path)
        assert f"there is no mailbox 9999@{DOMAIN}" in caplog.text


async def test_what_goes_by_mail_alone_is_copied_before_it_is_gone(tmp_path: Path) -> None:
    user = params(
        vm_cc="group=default",
        vm_mailto="a@b",
        vm_email_all_messages="true",
        vm_keep_local_after_email="false",
    )
    async with office(tmp_path, user=user) as o:
        o.bench.switch.globals["domain"] = DOMAIN
        await o.leave()
        assert await o.messages("1000") == []
        assert not list((await o.box()).folder.iterdir())
        for name in ("1001", "1003"):
            (copy,) = await o.messages(name)
            assert length_of(copy.path) > 4


async def test_a_message_that_cannot_be_kept_is_not_said_to_be_saved(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with office(tmp_path) as o:
        box = await o.box()
        box.store._database.execute("DROP TABLE voicemail_msgs")
        box.store._database.execute(
            "CREATE VIEW voicemail_msgs AS SELECT 1 AS created_epoch, 0 AS read_epoch,"
            " '' AS username, '' AS domain, '' AS uuid, '' AS cid_name, '' AS cid_number,"
            " '' AS in_folder, '' AS file_path, 0 AS message_len, '' AS flags, '' AS read_flags,"
            " '' AS forwarded_by"
        )
        caller = o.call("leave", skip_record_check="true", skip_record_urgent_check="true")
        await caller.hears(BEEP)
        await o.bench.after(5)
        caller.presses("#")
        await caller.hears("voicemail/vm-abort")
        await o.bench.ended(caller.session)
        assert "voicemail/vm-saved" not in caller.heard
        assert "could not be written; its file is" in caplog.text


@pytest.mark.parametrize(("seconds", "kept"), [(5, [5]), (1, [])])
async def test_of_a_message_that_fills_the_disk_the_part_is_delivered_and_the_caller_told(
    tmp_path: Path, seconds: int, kept: list[int]
) -> None:
    async with office(tmp_path) as o:
        caller = o.call("leave", skip_record_check="true", skip_record_urgent_check="true")
        await caller.hears(BEEP)
        await o.bench.after(seconds + 1)
        stream = far_end(caller.session.media)
        stream.end_recording(next(iter(stream.recordings)), "failed: No space left on device")
        await caller.hears("voicemail/vm-abort", "voicemail/vm-goodbye")
        await o.bench.ended(caller.session)
        assert "voicemail/vm-saved" not in caller.heard
        assert [message.seconds for message in await o.messages()] == kept


async def test_many_leave_messages_at_once(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await asyncio.gather(*(o.leave(seconds=4) for _ in range(20)))
        assert len(await o.messages()) == 20
        assert o.waiting[-1] == "yes 20/0 NEW"


async def test_one_call_may_leave_several_messages(tmp_path: Path) -> None:
    again = f"voicemail default {DOMAIN} 1000"
    async with office(tmp_path, again, again) as o:
        caller = o.call("run", skip_record_check="true")
        for seconds in (5, 7):
            await caller.hears(BEEP)
            await o.bench.after(1 + seconds)
            caller.presses("#")
            await caller.answers("voicemail/vm-mark-urgent", "#")
        await o.bench.ended(caller.session)
        messages = await o.messages()
        assert sorted(message.seconds for message in messages) == [5, 7]
        assert len({message.path for message in messages}) == 2


async def test_freeswitchs_way_through_a_loopback_leads_there_too(tmp_path: Path) -> None:
    actions = ("answer", f"bridge loopback/app=voicemail:default {DOMAIN} 1000")
    async with office(tmp_path, *actions) as o:
        caller = o.call("run")
        await o.bench.after(3)
        sessions = o.bench.switch.sessions.values()
        (other,) = [s for s in sessions if s.get("current_application") == "voicemail"]
        far = Caller(other, o.sounds)
        await far.hears(BEEP)
        await o.bench.after(5)
        caller.hangs_up()
        await o.bench.ended(caller.session)
        await o.bench.after(1)
        (message,) = await o.messages()
        assert message.cid_number == "2000"
