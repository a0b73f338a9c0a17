from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.prompts import played, put_prompts
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("en number pronounced 42", "digits/40 digits/2"),
        ("EN items counted 3", "digits/h-3"),
        ("en.wav name_spelled pronounced ab", "ascii/97 ascii/98"),
        ("en number pronounced feminine 1", "digits/1"),
        ("en:en telephone_number iterated 12", "digits/1 digits/2"),
        ("en name_spelled pronounced a b", "ascii/97 ascii/32 ascii/98"),
        ("en current_date_time pronounced 1700000000", None),
    ],
)
async def test_say_plays_the_prompts_of_a_value(
    tmp_path: Path, data: str, expected: str | None
) -> None:
    sounds = put_prompts(tmp_path)
    async with bench(tmp_path, extension("1", "answer", f"say {data}", "park")) as b:
        session = b.call("1", variables={"timezone": "UTC"})
        await b.after(3)
        expected = expected or (
            "time/day-2 time/mon-10 digits/14 digits/2 digits/thousand digits/20 digits/3"
            " time/at digits/10 digits/13 time/p-m"
        )
        assert played(session, sounds) == expected.split()
        session.hangup()
        await b.ended(session)


async def test_a_terminator_ends_what_is_said(tmp_path: Path) -> None:
    sounds = put_prompts(tmp_path)
    async with bench(
        tmp_path, extension("1", "answer", "say en number iterated 12345", "park")
    ) as b:
        session = b.call("1", script="digit:5@0.12 digit:*@0.25")
        await b.after(3)
        assert played(session, sounds) == ["digits/1", "digits/2", "digits/3"]
        assert session.get("playback_terminator_used") == "*"
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("en number", "say: <module>[:<lang>] <type> <method> [<gender>] <text> wanted"),
        ("en sums pronounced 1", "'sums' is no kind of say"),
        ("en number loudly 1", "'loudly' is no method of say"),
        ("xx number pronounced 1", "'xx' is no language of say"),
        ("en number pronounced one", "'one' is no whole number"),
        ("en account_number pronounced 12", "account_number is a type that no language says"),
    ],
)
async def test_what_cannot_be_said_is_logged_and_the_call_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, data: str, message: str
) -> None:
    async with bench(tmp_path, extension("1", "answer", f"say {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert message in caplog.text
        assert session.get("after") == "yes"


async def test_a_hang_up_ends_what_is_said(tmp_path: Path) -> None:
    put_prompts(tmp_path, milliseconds=1000)
    actions = ("answer", "say en number iterated 123456", "set after=yes")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1", script="hangup@2.5"))
        assert session.get("after") is None
