from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import modules
from tests.modules.voicemail.support import DOMAIN, Office, office
from tests.support.audio import tone, write_wav
from tests.support.switch import bench

USER = f"1000@{DOMAIN}"
LINE = "============================\n"


async def filled(o: Office) -> None:
    """Two new messages, one of them urgent, and one that was saved."""
    await o.put("a", created=100)
    await o.put("b", created=200, urgency="A_URGENT")
    saved = await o.put("c", created=300)
    await (await o.box()).store.mark_read(saved, 400)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (USER, "2"),
        (f"{USER}|new", "2"),
        (f"{USER}|saved", "1"),
        (f"{USER}|new-urgent", "1"),
        (f"{USER}|new-saved", "0"),
        (f"{USER}|all", "2:1:1:0"),
        (f"default/{USER}|all", "2:1:1:0"),
        (f"sip:{USER}|all", "2:1:1:0"),
        (f"nosuch/{USER}", "-ERR No such profile\n"),
        (f"9@{DOMAIN}|all", "0:0:0:0"),
        ("", "0"),
    ],
)
async def test_messages_are_counted(tmp_path: Path, arguments: str, answer: str) -> None:
    async with office(tmp_path) as o:
        await filled(o)
        assert await o.bench.switch.run_command(f"vm_boxcount {arguments}") == answer


async def test_preferences_are_shown(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        run = o.bench.switch.run_command
        assert await run(f"vm_prefs {USER}|all") == "::"
        box = await o.box()
        for column, value in (("greeting_path", "/g"), ("name_path", "/n"), ("password", "7")):
            await box.store.prefer("1000", DOMAIN, column, value)
        assert await run(f"vm_prefs {USER}|all") == "/g:/n:7"
        assert await run(f"vm_prefs {USER}") == "/g"
        assert await run("vm_prefs") == "0"
        assert await run("vm_prefs 1000") == "-ERR No domain specified\n"
        assert await run(f"vm_prefs nosuch/{USER}") == "-ERR No such profile\n"
        assert await run(f"vm_prefs default/{USER}|greeting_path") == "/g"
        assert await run(f"vm_prefs {USER}|password") == "7"
        assert await run(f"vm_prefs 9@{DOMAIN}") == "-ERR can't find user or profile.\n"


async def test_messages_are_listed_as_text_and_xml(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await filled(o)
        run = o.bench.switch.run_command
        lines = (await run(f"vm_list {USER}")).splitlines()
        assert [line.split(":")[:5] for line in lines] == [
            ["200", "0", "1000", DOMAIN, "inbox"],
            ["100", "0", "1000", DOMAIN, "inbox"],
            ["300", "400", "1000", DOMAIN, "inbox"],
        ]
        assert lines[0].endswith("msg_b.wav:b:Bob:3000:4")
        xml = await run(f"vm_list {USER}/default xml")
        assert xml.count("<message>") == 3
        assert xml.startswith("<voicemail>\n <message>\n  <created_epoch>200</created_epoch>\n")
        assert "  <cid-name>Bob</cid-name>\n" in xml
        assert "  <message-len>4</message-len>\n </message>\n" in xml
        assert (await run(f"vm_list {USER} xml a")).count("<message>") == 1
        assert await run("vm_list 9@x") == "-ERR can't find user or profile.\n"


async def test_messages_are_marked_and_deleted(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await filled(o)
        run = o.bench.switch.run_command
        assert await run(f"vm_read {USER} read a") == "+OK\n"
        assert await run(f"vm_boxcount {USER}|all") == "1:2:1:0"
        assert await run(f"vm_read {USER}/default unread") == "+OK\n"
        assert await run(f"vm_boxcount {USER}|all") == "3:0:1:0"
        assert await run(f"vm_delete {USER} b") == "+OK\n"
        assert await run(f"vm_boxcount {USER}|all") == "2:0:0:0"
        assert await run(f"vm_delete {USER}") == "+OK\n"
        box = await o.box()
        assert list(box.folder.iterdir()) == []
        assert o.waiting == ["yes 1/2 READ", "yes 3/0 READ", "yes 2/0 DELETE", "no 0/0 DELETE"]


@pytest.mark.parametrize(
    ("target", "names"),
    [
        (USER, ["1000"]),
        (f"domain={DOMAIN}", ["1000", "1001", "1003"]),
        (f"group=default@{DOMAIN}", ["1000", "1001", "1003"]),
        ("group=default", ["1000", "1001", "1003"]),
    ],
)
async def test_a_file_is_put_into_mailboxes(tmp_path: Path, target: str, names: list[str]) -> None:
    write_wav(tmp_path / "note.wav", tone(440, 2000))
    async with office(tmp_path) as o:
        run = o.bench.switch.run_command
        assert await run(f"vm_inject {target} {tmp_path}/note.wav 4000 'Big Boss'") == "+OK\n"
        for name in ("1000", "1001", "1003"):
            messages = await o.messages(name)
            assert len(messages) == (name in names)
            for message in messages:
                assert (message.seconds, message.cid_number) == (2, "4000")
                assert message.cid_name == "Big Boss"
        assert (tmp_path / "note.wav").exists()


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("vm_inject", "Error: [group="),
        (f"vm_inject 9@{DOMAIN} /x.wav", "-ERR Error: (user not found)"),
        ("vm_inject group=nosuch /x.wav", "-ERR Error: (user not found)"),
        (f"voicemail_inject {USER} /nosuch.wav", "-ERR there is no file /nosuch.wav"),
        (f"vm_inject {USER} note.wav", "-ERR there is no file note.wav"),
        (f"vm_read {USER} maybe", "Usage: <id>@<domain>"),
        ("vm_delete", "Usage: <id>@<domain>"),
        ("vm_delete 1000@nosuch", "-ERR can't find user or profile.\n"),
        ("vm_list", "Usage: <id>@<domain>"),
        ("voicemail", "Error: status | "),
        ("voicemail load nosuch", "-ERR there is no profile nosuch"),
        ("voicemail load default", "+OK load complete\n"),
        ("voicemail reload default reloadxml", "Reload XML [+OK"),
        ("voicemail unload default", "+OK unload complete\n"),
        ("voicemail status", f"{LINE}Profile: default\n{LINE}"),
    ],
)
async def test_mistakes_are_told(tmp_path: Path, line: str, answer: str) -> None:
    async with office(tmp_path) as o:
        assert (await o.bench.switch.run_command(line)).startswith(answer)


async def test_without_the_module_commands_say_so(tmp_path: Path) -> None:
    modules.discover()
    async with bench(tmp_path) as b:
        for line in ("voicemail status", f"vm_boxcount {USER}"):
            assert await b.switch.run_command(line) == "-ERR mod_voicemail is not loaded\n"


async def test_an_injected_message_may_be_urgent_and_forwarded(tmp_path: Path) -> None:
    write_wav(tmp_path / "note.wav", tone(440, 2900))
    async with office(tmp_path) as o:
        words = f"{USER} {tmp_path}/note.wav 3000 'Bob B' 1001@{DOMAIN} A_URGENT"
        assert await o.bench.switch.run_command(f"vm_inject {words}") == "+OK\n"
        (message,) = await o.messages()
        assert (message.cid_number, message.cid_name, message.seconds) == ("3000", "Bob B", 2)
        assert message.urgent and message.forwarded_by == f"1001@{DOMAIN}"


async def test_a_profile_that_is_named_like_the_domain_is_its_own(tmp_path: Path) -> None:
    settings = f'</profile><profile name="{DOMAIN}">'
    write_wav(tmp_path / "note.wav", tone(440, 2000))
    async with office(tmp_path, settings=settings) as o:
        run = o.bench.switch.run_command
        assert await run(f"vm_inject {USER} {tmp_path}/note.wav") == "+OK\n"
        assert await run(f"vm_boxcount {DOMAIN}/{USER}") == "1"
        assert await run(f"vm_boxcount default/{USER}") == "0"
