from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch.modules.voicemail.settings import ProfileSettings
from softswitch.modules.voicemail.talk import Talk
from tests.support.prompts import put_prompts
from tests.support.switch import bench, extension


@asynccontextmanager
async def talk(folder: Path, script: str = "") -> AsyncIterator[Talk]:
    put_prompts(folder)
    async with bench(folder, extension("1", "answer", "park")) as b:
        session = b.call("1", script=script)
        await b.after(0.5)
        yield Talk(session, ProfileSettings())
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(("script", "key"), [("", ""), ("digit:7@0.55", "7")])
async def test_a_key_interrupts_a_phrase(tmp_path: Path, script: str, key: str) -> None:
    async with talk(tmp_path, script) as t:
        assert await t.tell("goodbye") == key


@pytest.mark.parametrize(("script", "key"), [("digit:7@0.55", "7"), ("digit:7@5", "7"), ("", "")])
async def test_a_question_waits_for_a_key(tmp_path: Path, script: str, key: str) -> None:
    async with talk(tmp_path, script) as t:
        assert await t.ask("menu", "1:2:5:#") == key


@pytest.mark.parametrize(
    ("script", "number"),
    [
        ("digit:12#@1", "12"),
        ("digit:1@0.55 digit:2@3 digit:#@5", "12"),
        ("digit:#@1", ""),
        ("digit:#@0.55", ""),
        ("digit:12@1", "12"),
        ("", None),
    ],
)
async def test_a_number_ends_by_its_terminator_or_by_time(
    tmp_path: Path, script: str, number: str | None
) -> None:
    async with talk(tmp_path, script) as t:
        assert await t.ask_number("enter_pass", "#") == number


async def test_a_message_ends_by_itself_or_by_an_exit(tmp_path: Path) -> None:
    async with talk(tmp_path, "digit:5@1 digit:2@2") as t:
        assert await t.listen("silence_stream://5000", "2") == "2"
        assert await t.listen("silence_stream://5000", "2") == ""


async def test_keys_that_mean_nothing_change_nothing(tmp_path: Path) -> None:
    async with talk(tmp_path, "digit:9@1 digit:#@2 digit:2@3") as t:
        assert await t.listen("silence_stream://9000", "2") == "2"
