from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from softswitch.modules.voicemail.outbox import Outbox
from tests.modules.voicemail.support import DOMAIN, Office, office, params
from tests.support.audio import tone, write_wav

BOX = f"default {DOMAIN} 1000"


async def run(o: Office, line: str) -> str:
    return await o.bench.switch.run_command(line)


async def told(o: Office, line: str) -> dict[str, Any]:
    """The JSON of an answer, without the headers of every event."""
    values = json.loads(await run(o, line))
    assert values["Event-Name"] == "REQUEST_PARAMS"
    return {name: value for name, value in values.items() if name.startswith("VM-")}


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (f"{BOX} 1234", "-OK"),
        (f"{BOX} 9999", "-ERR"),
        (f"default {DOMAIN} 5551000 1234", "-OK"),
        (f"default {DOMAIN} 1002 1", "-ERR Login Denied\n"),
        (f"default {DOMAIN} 1003 anything", "-OK"),
        (f"default {DOMAIN} 9 1234", "-ERR User not found\n"),
        (f"nosuch {DOMAIN} 1000 1234", "-ERR Profile not found\n"),
        (f"{BOX}", "-ERR Missing Arguments\n"),
        ("", "-ERR Missing Arguments\n"),
    ],
)
async def test_passwords_are_tried(tmp_path: Path, arguments: str, answer: str) -> None:
    async with office(tmp_path) as o:
        assert await run(o, f"vm_fsdb_auth_login {arguments}") == answer


async def test_messages_are_counted(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.put("a")
        await o.put("b", urgency="A_URGENT")
        assert await told(o, f"vm_fsdb_msg_count json {BOX} inbox") == {
            "VM-Total-New-Messages": "2",
            "VM-Total-Saved-Messages": "0",
            "VM-Total-New-Urgent-Messages": "1",
            "VM-Total-Saved-Urgent-Messages": "0",
        }
        assert await run(o, f"vm_fsdb_msg_count json {BOX}") == "-ERR Missing Arguments\n"


@pytest.mark.parametrize(
    ("words", "uuids"),
    [
        ("new", "ubc"),
        ("NEW", "ubc"),
        ("new DESC", "ucb"),
        ("save", "s"),
        ("not-read", "ubcx"),
        ("heard", "s"),
    ],
)
async def test_messages_are_listed(tmp_path: Path, words: str, uuids: str) -> None:
    async with office(tmp_path) as o:
        await o.put("b", created=100)
        await o.put("c", created=200)
        await o.put("u", created=300, urgency="A_URGENT")
        await o.put("x", created=400, flags="delete")
        saved = await o.put("s", created=500, flags="save")
        await (await o.box()).store.mark_read(saved, 600)
        listed = await told(o, f"vm_fsdb_msg_list json {BOX} inbox {words}")
        assert listed.pop("VM-List-Count") == str(len(uuids))
        assert "".join(listed.values()) == uuids
        assert list(listed) == [f"VM-List-Message-{n}-UUID" for n in range(1, len(uuids) + 1)]


async def test_an_order_that_is_none_is_told(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        answer = await run(o, f"vm_fsdb_msg_list json {BOX} inbox new UP")
        assert answer == "-ERR Bad Argument: 'UP'\n"


async def test_all_of_a_message_is_told(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        message = await o.put("a")
        assert await told(o, f"vm_fsdb_msg_get json {BOX} a") == {
            "VM-Message-Received-Epoch": "1000",
            "VM-Message-Read-Epoch": "0",
            "VM-Message-UUID": "a",
            "VM-Message-Caller-Name": "Bob",
            "VM-Message-Caller-Number": "3000",
            "VM-Message-Folder": "inbox",
            "VM-Message-File-Path": message.path,
            "VM-Message-Duration": "4",
            "VM-Message-Flags": "",
            "VM-Message-Read-Flags": "B_NORMAL",
            "VM-Message-Forwarded-By": "",
        }
        assert await told(o, f"vm_fsdb_msg_get json {BOX} nosuch") == {}


async def test_what_is_deleted_can_be_taken_back_until_it_is_purged(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        for name in "abc":
            await o.put(name)
        for name in "ab":
            assert await run(o, f"vm_fsdb_msg_delete {BOX} {name}") == "-OK\n"
        assert await run(o, f"vm_fsdb_msg_undelete {BOX} b") == "-OK\n"
        assert await run(o, f"vm_fsdb_msg_save {BOX} c") == "-OK\n"
        assert {m.uuid: m.flags for m in await o.messages()} == {
            "a": "delete",
            "b": "",
            "c": "save",
        }
        assert await run(o, f"vm_fsdb_msg_purge {BOX}") == "-OK\n"
        assert [m.uuid for m in await o.messages()] == ["b", "c"]
        assert not (await o.box()).message("a").exists()
        assert o.waiting == ["yes 2/0 PURGE"]


@pytest.mark.parametrize("verb", ["save", "delete", "undelete", "email"])
async def test_a_message_that_is_not_there_is_told(tmp_path: Path, verb: str) -> None:
    async with office(tmp_path) as o:
        answer = await run(o, f"vm_fsdb_msg_{verb} {BOX} nosuch someone@example.test")
        assert answer == "-ERR Invalid Message UUID\n"


async def test_a_message_is_mailed_to_whom_one_likes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = []

    async def put(_: Outbox, mail: Any) -> bool:
        mails.append(mail)
        return True

    monkeypatch.setattr(Outbox, "put", put)
    async with office(tmp_path, user=params(vm_mailto="owner@example.test")) as o:
        await o.put("a")
        assert await run(o, f"vm_fsdb_msg_email {BOX} a boss@example.test") == "-OK\n"
        (mail,) = mails
        assert mail.recipient == "boss@example.test"
        assert b"msg_a.wav" in mail.data


@pytest.mark.parametrize(("prepended", "seconds"), [("", 4), ("intro.wav", 6), ("nosuch.wav", 4)])
async def test_a_message_is_forwarded(tmp_path: Path, prepended: str, seconds: int) -> None:
    write_wav(tmp_path / "intro.wav", tone(880, 2000))
    async with office(tmp_path) as o:
        await o.put("a")
        words = f"{BOX} a {DOMAIN} 1001 {tmp_path / prepended if prepended else ''}"
        assert await run(o, f"vm_fsdb_msg_forward {words}") == "-OK\n"
        (message,) = await o.messages("1001")
        assert (message.seconds, message.cid_name, message.forwarded_by) == (
            *(seconds, "Bob"),
            f"1000@{DOMAIN}",
        )
        assert message.path in map(str, (await o.box("1001")).folder.iterdir())
        assert len(list((await o.box()).folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (f"nosuch {DOMAIN} 1001", "-ERR Cannot find source msg to forward: nosuch\n"),
        (f"a {DOMAIN} 9", "-ERR Error Forwarding Message\n"),
        (f"a {DOMAIN}", "-ERR Missing Arguments\n"),
    ],
)
async def test_what_cannot_be_forwarded_is_told(tmp_path: Path, words: str, answer: str) -> None:
    async with office(tmp_path) as o:
        await o.put("a")
        assert await run(o, f"vm_fsdb_msg_forward {BOX} {words}") == answer


async def test_an_introduction_that_is_no_sound_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    async with office(tmp_path) as o:
        await o.put("a")
        answer = await run(o, f"vm_fsdb_msg_forward {BOX} a {DOMAIN} 1001 {tmp_path}/text.wav")
        assert answer == "-ERR Error Merging the file\n"
        assert await o.messages("1001") == []


async def test_greetings_are_put_there_and_chosen(tmp_path: Path) -> None:
    write_wav(tmp_path / "hello.wav", tone(440, 500))
    async with office(tmp_path) as o:
        box = await o.box()
        get = f"vm_fsdb_pref_greeting_get json {BOX}"
        assert await run(o, get) == "-ERR No greeting found\n"
        put = f"vm_fsdb_pref_greeting_set {BOX}"
        assert await run(o, f"{put} 2 /nosuch.wav") == "-ERR Filename doesn't exist\n"
        missing = f"-ERR Recording doesn't exist [{box.greeting(2)}]\n"
        assert await run(o, f"{put} 2") == missing
        assert await run(o, f"{put} 2 {tmp_path}/hello.wav") == "-OK\n"
        assert not (tmp_path / "hello.wav").exists()
        assert await told(o, get) == {
            "VM-Preference-Greeting-File-Path": str(box.greeting(2)),
            "VM-Preference-Greeting-Slot": "2",
            "VM-Preference-Greeting-Selected": "True",
        }
        for slot in ("", "0", "two", "9" * 5000):
            assert await run(o, f"{put} {slot}") == "-ERR Missing Arguments\n"
        # Callers hear it.
        caller = o.call("leave")
        await caller.hears(str(box.greeting(2)))
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_a_name_and_a_password_are_set(tmp_path: Path) -> None:
    write_wav(tmp_path / "me.wav", tone(440, 500))
    async with office(tmp_path) as o:
        name = (await o.box()).recorded_name
        put = f"vm_fsdb_pref_recname_set {BOX}"
        assert await run(o, f"{put} /nosuch.wav") == "-ERR Filename doesn't exist\n"
        assert await run(o, f"{put} {tmp_path}/me.wav") == "-OK\n"
        assert await run(o, f"vm_prefs 1000@{DOMAIN}|name_path") == str(name)
        assert name.exists()
        assert await run(o, f"vm_fsdb_pref_password_set {BOX} 8765") == "-OK\n"
        assert await run(o, f"vm_fsdb_auth_login {BOX} 8765") == "-OK"


async def test_what_a_program_saved_counts_as_saved_though_nobody_heard_it(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.put("a")
        await o.put("b")
        assert await run(o, f"vm_fsdb_msg_save {BOX} a") == "-OK\n"
        told = json.loads(await run(o, f"vm_fsdb_msg_count json {BOX} inbox"))
        assert told["VM-Total-New-Messages"] == told["VM-Total-Saved-Messages"] == "1"
