from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.modules.voicemail.support import BEEP, DOMAIN, Office, office, params
from tests.support.audio import tone, write_wav
from tests.support.caller import Caller

MENU = "voicemail/vm-to_record_greeting"
CHOOSE = "voicemail/vm-choose_greeting_choose"


@asynccontextmanager
async def in_options(
    folder: Path, settings: str = "", user: str = ""
) -> AsyncIterator[tuple[Office, Caller]]:
    action = f"voicemail check auth default {DOMAIN} 1000"
    async with office(folder, action, settings=settings, user=user) as o:
        caller = o.call("run")
        await caller.answers("voicemail/vm-listen_new", "5")
        yield o, caller
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def record(o: Office, caller: Caller) -> None:
    await caller.hears(BEEP)
    await o.bench.after(6)
    caller.presses("#")
    await caller.answers("voicemail/vm-save_recording", "2")


async def test_a_greeting_is_recorded_and_used(tmp_path: Path) -> None:
    async with in_options(tmp_path) as (o, caller):
        box = await o.box()
        await caller.answers(MENU, "1")
        await caller.answers(CHOOSE, "3")
        await caller.hears("voicemail/vm-record_greeting")
        await record(o, caller)
        await caller.hears("voicemail/vm-message", "voicemail/vm-saved", MENU)
        assert box.greeting(3).exists()
        chosen = await box.store.preferences("1000", DOMAIN)
        assert chosen.greeting_path == str(box.greeting(3))
        assert o.events("record-greeting")[0]["VM-Greeting-Path"] == str(box.greeting(3))
        assert o.events("change-greeting") == []


async def test_a_greeting_is_chosen_among_those_there_are(tmp_path: Path) -> None:
    async with in_options(tmp_path) as (o, caller):
        box = await o.box()
        box.folder.mkdir(parents=True)
        write_wav(box.greeting(2), tone(440, 100))
        await caller.answers(MENU, "2")
        await caller.answers(CHOOSE, "4")
        await caller.hears("voicemail/vm-choose_greeting_fail")
        await caller.answers(MENU, "2")
        await caller.answers(CHOOSE, "2")
        await caller.hears(str(box.greeting(2)), "voicemail/vm-selected")
        chosen = await box.store.preferences("1000", DOMAIN)
        assert chosen.greeting_path == str(box.greeting(2))
        await caller.answers(MENU, "2")
        await caller.answers(CHOOSE, "0")
        await caller.hears("voicemail/vm-selected", MENU)
        assert (await box.store.preferences("1000", DOMAIN)).greeting_path == ""
        (changed,), (removed,) = o.events("change-greeting"), o.events("remove-greeting")
        assert changed["VM-Greeting-Path"] == str(box.greeting(2))
        assert "VM-Greeting-Path" not in removed


@pytest.mark.parametrize(("option", "key"), [("1", "*"), ("1", "0"), ("1", ""), ("2", "*")])
async def test_no_digit_is_no_greeting(tmp_path: Path, option: str, key: str) -> None:
    async with in_options(tmp_path) as (_, caller):
        await caller.answers(MENU, option)
        await caller.answers(CHOOSE, key)
        await caller.hears("voicemail/vm-choose_greeting_fail", MENU)
        assert "voicemail/vm-record_greeting" not in caller.heard


async def test_the_name_is_recorded(tmp_path: Path) -> None:
    async with in_options(tmp_path) as (o, caller):
        box = await o.box()
        await caller.answers(MENU, "3")
        await caller.hears("voicemail/vm-record_name1", BEEP)
        # A name is shorter than a message.
        await o.bench.after(1.7)
        caller.presses("#")
        await caller.answers("voicemail/vm-save_recording", "2")
        await caller.hears("voicemail/vm-message", "voicemail/vm-saved", MENU)
        assert "voicemail/vm-too-small" not in caller.heard
        assert (await box.store.preferences("1000", DOMAIN)).name_path == str(box.recorded_name)
        assert box.recorded_name.exists()
        assert o.events("record-name")[0]["VM-Name-Path"] == str(box.recorded_name)


async def test_the_password_is_changed(tmp_path: Path) -> None:
    async with in_options(tmp_path) as (o, caller):
        box = await o.box()
        await caller.answers(MENU, "6")
        await caller.answers("voicemail/vm-enter_pass", "4711#")
        await caller.hears("voicemail/vm-password_has_been_changed", MENU)
        assert await box.admits("4711")
        assert await box.admits("1234")
        (event,) = o.events("change-password")
        assert event["VM-User-Password"] == "4711"
        # None at all is that of the directory again.
        await caller.answers(MENU, "6")
        await caller.answers("voicemail/vm-enter_pass", "#")
        await caller.hears("voicemail/vm-password_has_been_changed", MENU)
        assert not await box.admits("4711")
        assert await box.admits("1234")


@pytest.mark.parametrize("answer", ["no", "empty"])
async def test_a_password_may_be_refused(tmp_path: Path, answer: str) -> None:
    settings = params(allow_empty_password_auth="false") if answer == "empty" else ""
    user = '</params><result success="false"/><params>' if answer == "no" else ""
    async with in_options(tmp_path, settings, user) as (o, caller):
        await caller.answers(MENU, "6")
        typed = "#" if answer == "empty" else "4711#"
        for _ in range(3):
            await caller.answers("voicemail/vm-enter_pass", typed)
            await caller.hears("voicemail/vm-password_not_valid")
        await caller.hears(MENU)
        assert o.events("change-password") == []
        assert not await (await o.box()).admits("4711")


async def test_the_main_menu_and_silence_lead_back(tmp_path: Path) -> None:
    async with in_options(tmp_path) as (_, caller):
        await caller.answers(MENU, "0")
        await caller.answers("voicemail/vm-listen_new", "5")
        await caller.hears(MENU, MENU, MENU, "voicemail/vm-listen_new")
