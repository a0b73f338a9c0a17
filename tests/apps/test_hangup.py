from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.switch import bench, extension, verbs


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("", HangupCause.NORMAL_CLEARING),
        ("USER_BUSY", HangupCause.USER_BUSY),
        ("user_busy", HangupCause.USER_BUSY),
        ("17", HangupCause.USER_BUSY),
        ("NO_SUCH_CAUSE", HangupCause.NORMAL_CLEARING),
    ],
)
async def test_hangup_ends_the_call_with_its_cause(
    tmp_path: Path, data: str, cause: HangupCause
) -> None:
    async with bench(tmp_path, extension("1", f"hangup {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.channel.hangup_cause is cause
        assert session.get("after") is None


async def test_respond_refuses_with_that_status(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "respond 407 Who are you")) as b:
        session = await b.ended(b.call("1"))
        assert "respond 407 Who are you" in verbs(session)


@pytest.mark.parametrize(
    ("data", "verb"), [("180", "ring"), ("182", "queue"), ("183", "pre_answer"), ("200", "answer")]
)
async def test_respond_with_another_status_tells_the_caller_how_it_goes(
    tmp_path: Path, data: str, verb: str
) -> None:
    async with bench(tmp_path, extension("1", f"respond {data}")) as b:
        assert verb in verbs(await b.ended(b.call("1")))


@pytest.mark.parametrize("data", ["", "99", "1000", "busy", "-1"])
async def test_respond_refuses_what_is_no_status(
    tmp_path: Path, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", f"respond {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert "respond: <code> [<phrase>] wanted" in caplog.text


async def test_an_answered_call_cannot_be_refused(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "respond 486")) as b:
        session = await b.ended(b.call("1"))
        assert not [verb for verb in verbs(session) if verb.startswith("respond")]


async def test_redirect_sends_the_caller_elsewhere(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("1", "redirect sip:1@example.net"),
        extension("2", "answer", "redirect sip:2@example.net"),
        extension("3", "answer", "deflect sip:3@example.net"),
    ) as b:
        assert "redirect sip:1@example.net" in verbs(await b.ended(b.call("1")))
        assert "deflect sip:2@example.net" in verbs(await b.ended(b.call("2")))
        assert "deflect sip:3@example.net" in verbs(await b.ended(b.call("3")))


@pytest.mark.parametrize("name", ["redirect", "deflect"])
async def test_an_address_is_needed(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", name)) as b:
        await b.ended(b.call("1"))
        assert f"{name}: <uri> is missing" in caplog.text
