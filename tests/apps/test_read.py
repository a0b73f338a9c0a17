from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.apps.read import Terminators
from tests.support.engine import far_end
from tests.support.switch import bench, extension

PROMPT = "silence_stream://5000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#", Terminators("#")),
        ("*#", Terminators("*#")),
        ("none", Terminators("")),
        ("=#", Terminators("#", required=True)),
        ("+#", Terminators("#", kept="#")),
        ("x*#", Terminators("*#", kept="*", failing="*")),
        ("", Terminators("")),
    ],
)
def test_the_signs_among_terminators_are_understood(text: str, expected: Terminators) -> None:
    assert Terminators.parse(text) == expected


@pytest.mark.parametrize(
    ("data", "script", "value", "result", "terminator"),
    [
        (f"1 4 {PROMPT} x 3000 #", "digit:1234@1", "1234", "success", None),
        (f"1 4 {PROMPT} x 3000 #", "digit:12#@1", "12", "success", "#"),
        (f"1 4 {PROMPT} x 3000 #", "digit:12@1", "12", "timeout", None),
        (f"3 4 {PROMPT} x 3000 #", "digit:12@1", "12", "failure", None),
        (f"1 4 {PROMPT} x 3000 #", "", None, "failure", None),
        ("1 4 silence x 3000 #", "digit:12@1 digit:3@2.5", "123", "timeout", None),
        ("1 4 silence x 3000 # 1000", "digit:12@1 digit:3@2.5", "12", "timeout", None),
        ("1 1 silence x 3000 #", "digit:#@1", None, "failure", "#"),
        ("1 4 silence x 3000 =#", "digit:1234@1", "1234", "failure", None),
        ("1 4 silence x 3000 +#", "digit:12#@1", "12#", "success", "#"),
        ("1 4 silence x 3000 x#", "digit:12#@1", "12#", "failure", "#"),
        ("1 4 silence x 3000 none", "digit:1#*2@1", "1#*2", "success", None),
        ("1 4 silence x", "digit:1@0.5 digit:#@0.9", "1", "success", "#"),
        ("0 0 silence x 3000 #", "digit:5@1", "5", "success", None),
    ],
)
async def test_read_reads_digits_into_a_variable(
    tmp_path: Path,
    data: str,
    script: str,
    value: str | None,
    result: str,
    terminator: str | None,
) -> None:
    async with bench(tmp_path, extension("1", "set x=old", f"read {data}")) as b:
        session = await b.ended(b.call("1", script=script))
        assert session.get("x") == value
        assert session.get("read_result") == result
        assert session.get("read_terminator_used") == terminator


async def test_the_first_key_cuts_the_prompt(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", f"read 2 2 {PROMPT} x 9000 #", "sleep 100")) as b:
        session = b.call("1", script="digit:7@1")
        await b.after(0.9)
        assert far_end(session.media).playing is not None
        await b.after(0.2)
        assert far_end(session.media).playing is None
        await b.ended(session)


async def test_keys_pressed_before_the_prompt_count(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sleep 2000", f"read 2 2 {PROMPT} x 9000 #")) as b:
        session = await b.ended(b.call("1", script="digit:42@1"), within=2.3)
        assert session.get("x") == "42"


async def test_a_prompt_that_is_not_there_fails_the_reading(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(
        tmp_path, extension("1", "read 1 2 nothing.wav x 3000 #", "set after=yes")
    ) as b:
        session = await b.ended(b.call("1"))
        assert session.get("read_result") == "failure"
        assert session.get("after") == "yes"
        assert "nothing.wav" in caplog.text


@pytest.mark.parametrize("at", [1, 7])
async def test_a_hangup_while_reading_ends_the_dialplan(tmp_path: Path, at: int) -> None:
    async with bench(tmp_path, extension("1", f"read 1 2 {PROMPT} x 9000 #", "set after=yes")) as b:
        session = await b.ended(b.call("1", script=f"hangup@{at}"), within=at + 0.5)
        assert session.get("after") is None


@pytest.mark.parametrize("data", ["", "1 2", "a b c d", "1 2 silence"])
async def test_read_wants_its_arguments(
    tmp_path: Path, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", f"read {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert "read: <min> <max>" in caplog.text


BAD = "silence_stream://2000"


@pytest.mark.parametrize(
    ("data", "script", "value", "invalid"),
    [
        (f"2 4 3 3000 # {PROMPT} {BAD} x ^\\\\d+$", "digit:12#@1", "12", None),
        (f"2 2 1 3000 # {PROMPT} {BAD} x ^1", "digit:29@1", None, "29"),
        (f"2 2 2 3000 # {PROMPT} {BAD} x ^1", "digit:29@1 digit:19@8", "19", "29"),
        (f"2 4 1 3000 # {PROMPT} {BAD} x ^1", "digit:1@1", "1", None),
        (f"0 4 1 3000 # {PROMPT} {BAD} x ^1", "digit:#@1", None, None),
        (f"2 2 1 3000 # {PROMPT} {BAD} x", "digit:29@1", "29", None),
        (f"1 4 1 3000 =# {PROMPT} {BAD} x", "digit:1234@1", "1234", None),
        (f"1 4 1 3000 +# {PROMPT} {BAD} x ^12#$", "digit:12#@1", "12#", None),
        (f"4 4 2 3000 x* {PROMPT} {BAD} x ^1", "digit:2*@1 digit:1111@2", "2*", None),
        (f"2 2 2 3000 # {PROMPT} {BAD} x ^1", "digit:29@1 digit:19@2", "19", "29"),
    ],
)
async def test_play_and_get_digits_asks_until_the_digits_match(
    tmp_path: Path, data: str, script: str, value: str | None, invalid: str | None
) -> None:
    async with bench(tmp_path, extension("1", f"play_and_get_digits {data}")) as b:
        session = await b.ended(b.call("1", script=script))
        assert session.get("x") == value
        assert session.get("x_invalid") == invalid


@pytest.mark.parametrize(
    ("data", "script", "result"),
    [
        (f"1 4 1 3000 # {PROMPT} {BAD} x", "digit:1#@1", "success"),
        (f"1 4 1 3000 # {PROMPT} {BAD} x", "digit:1@1", "timeout"),
        (f"2 4 1 3000 # {PROMPT} {BAD} x", "digit:1#@1", "failure"),
        (f"1 4 1 3000 =# {PROMPT} {BAD} x", "digit:1234@1", "failure"),
    ],
)
async def test_play_and_get_digits_tells_how_the_last_try_ended(
    tmp_path: Path, data: str, script: str, result: str
) -> None:
    async with bench(tmp_path, extension("1", f"play_and_get_digits {data}")) as b:
        session = await b.ended(b.call("1", script=script))
        assert session.get("read_result") == result


async def test_without_a_variable_an_input_only_chooses_the_way(tmp_path: Path) -> None:
    data = f"1 1 1 3000 # {PROMPT}"
    async with bench(tmp_path, extension("1", f"play_and_get_digits {data}", "set a=yes")) as b:
        session = await b.ended(b.call("1", script="digit:5@1"), within=1.5)
        assert session.get("a") == "yes"


async def test_the_bad_prompt_plays_after_each_wrong_try(tmp_path: Path) -> None:
    data = f"1 1 2 3000 # {PROMPT} {BAD} x ^1$"
    async with bench(tmp_path, extension("1", f"play_and_get_digits {data}", "sleep 100")) as b:
        session = b.call("1", script="digit:5@1 digit:5@4")
        await b.after(5)
        assert far_end(session.media).played == [
            "silence 5000,0",
            "silence 2000,0",
            "silence 5000,0",
            "silence 2000,0",
        ]
        await b.ended(session)


async def test_after_the_last_try_the_call_is_transferred(tmp_path: Path) -> None:
    data = f"1 1 1 3000 # {PROMPT} silence x ^1$ 1000 '2 XML default'"
    async with bench(
        tmp_path,
        extension("1", f"play_and_get_digits {data}", "set after=yes"),
        extension("2", "set failed=yes"),
    ) as b:
        session = await b.ended(b.call("1", script="digit:5@1"))
        assert session.get("failed") == "yes"
        assert session.get("after") is None


@pytest.mark.parametrize("data", ["", "1 2 3", f"1 1 1 3000 # {PROMPT} {BAD} x (("])
async def test_play_and_get_digits_wants_its_arguments(
    tmp_path: Path, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", f"play_and_get_digits {data}", "set after=1")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "1"
        assert "play_and_get_digits: " in caplog.text
