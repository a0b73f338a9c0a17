"""Running applications: rules, events, failures, scope variables."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.reference.compatibility import why_absent
from softswitch.registry import ApplicationFlag
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.session import Session
from tests.support.applications import application
from tests.support.switch import bench, extension, verbs


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (RuntimeError("broken"), HangupCause.NORMAL_TEMPORARY_FAILURE),
        (AssertionError(), HangupCause.NORMAL_TEMPORARY_FAILURE),
        (CallFailed(HangupCause.USER_BUSY), HangupCause.USER_BUSY),
        (asyncio.CancelledError(), HangupCause.NORMAL_TEMPORARY_FAILURE),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("where", ["action", "hook", "subroutine"])
async def test_an_application_that_fails_ends_the_call_with_a_cause(
    tmp_path: Path, error: BaseException, cause: HangupCause, where: str
) -> None:
    async def fail(session: Session, data: str) -> None:
        raise error

    actions = {
        "action": ["test_app"],
        "hook": ["set execute_on_answer=test_app", "answer"],
        "subroutine": ["execute_extension 200"],
    }[where]
    async with bench(tmp_path, extension("100", *actions), extension("200", "test_app")) as b:
        with application("test_app", fail):
            session = await b.ended(b.call("100"), within=1)
        assert session.channel.hangup_cause is cause
        assert b.names(session).count("CHANNEL_HANGUP_COMPLETE") == 1


async def test_an_unknown_application_ends_the_call(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "nonsense", "set went=on")) as b:
        session = await b.ended(b.call("100"))
        assert session.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER
        assert session.get("went") is None


@pytest.mark.parametrize("use", ["action", "inline", "subroutine"])
async def test_an_application_that_freeswitch_has_and_this_has_not_is_told_why(
    tmp_path: Path, use: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.application, "why_absent", why_absent)
    plan = {
        "action": extension("100", "rxfax /tmp/fax.tif"),
        "inline": extension("100", "hangup").replace(
            "<action ", '<action inline="true" application="rxfax"/><action ', 1
        ),
        "subroutine": extension("100", "execute_extension rxfax inline"),
    }[use]
    async with bench(tmp_path, plan) as b:
        session = await b.ended(b.call("100"))
        assert session.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER
        assert "there is no application rxfax: faxes are neither sent nor received" in caplog.text


async def test_applications_that_need_media_open_it_first(tmp_path: Path) -> None:
    async def nothing(session: Session, data: str) -> None:
        assert session.media is not None

    async with bench(tmp_path, extension("100", "test_app")) as b:
        with application("test_app", nothing, ApplicationFlag.NONE):
            session = await b.ended(b.call("100"))
        assert verbs(session) == ["pre_answer", "hangup NORMAL_CLEARING"]


async def test_execute_events_tell_application_and_answer(tmp_path: Path) -> None:
    async def respond(session: Session, data: str) -> None:
        session.set("current_application_response", "heard")

    async with bench(tmp_path, extension("100", "set app_uuid=mine", "test_app a${x}b")) as b:
        with application("test_app", respond):
            session = await b.ended(b.call("100", variables={"x": "-"}))
        event = [event for event in b.events if event.name == "CHANNEL_EXECUTE_COMPLETE"][-1]
        last = dict(list(event.headers.items())[-4:])
        assert last == {
            "Application": "test_app",
            "Application-Data": "a-b",
            "Application-Response": "heard",
            "Application-UUID": "mine",
        }
        assert session.get("last_app") == "test_app"


async def test_variables_are_not_expanded_where_that_is_switched_off(tmp_path: Path) -> None:
    async def note(session: Session, data: str) -> None:
        session.set("seen", data)

    async with bench(
        tmp_path, extension("100", "set app_disable_expand_variables=true", "test_app a${x}")
    ) as b:
        with application("test_app", note):
            session = await b.ended(b.call("100"))
        assert session.get("seen") == "a${x}"


async def test_scope_variables_are_seen_by_the_running_application_alone(tmp_path: Path) -> None:
    seen: list[str | None] = []

    async def note(session: Session, data: str) -> None:
        seen.extend((data, session.get("A"), session.get("b"), session.get("x")))

    async with bench(
        tmp_path,
        extension(
            "100", "test_app %[a=${x},b=2]real ${x}", "test_app %;[a=1,2;b=3]more", "test_app"
        ),
    ) as b:
        with application("test_app", note):
            session = await b.ended(b.call("100", variables={"x": "9", "a": "own"}))
    assert seen[:4] == ["real 9", "9", "2", "9"]
    assert seen[4:8] == ["more", "1,2", "3", "9"]
    assert seen[8:] == ["", "own", None, "9"]
    assert session.get("last_arg") is None


@pytest.mark.parametrize("text", ["%[a=1", "%a[b", "%", "%[]", "100%"])
async def test_data_without_whole_scope_variables_stays_as_it_is(tmp_path: Path, text: str) -> None:
    seen: list[str] = []

    async def note(session: Session, data: str) -> None:
        seen.append(data)

    async with bench(tmp_path, extension("100", f"test_app {text}")) as b:
        with application("test_app", note):
            await b.ended(b.call("100"))
    assert seen == ["" if text == "%[]" else text]


async def test_an_application_named_with_its_data_runs_beside_the_call(tmp_path: Path) -> None:
    seen: list[str] = []

    async def slow(session: Session, data: str) -> None:
        await session.sleep(500)
        seen.append(data)

    async with bench(
        tmp_path, extension("100", "test_app::beside", "sleep 200", "test_app then")
    ) as b:
        with application("test_app", slow):
            await b.ended(b.call("100"))
    assert seen == ["beside", "then"]


async def test_events_of_an_application_bear_the_id_and_name_it_was_given(tmp_path: Path) -> None:
    actions = ("multiset app_uuid=e-1 app_uuid_name=mine", "sleep 1", "sleep 2")
    async with bench(tmp_path, extension("100", *actions)) as b:
        await b.ended(b.call("100"))
    told = [
        (event.headers.get("Application-UUID"), event.headers.get("Application-UUID-Name"))
        for event in b.events
        if event.name.startswith("CHANNEL_EXECUTE") and event.headers["Application"] == "sleep"
    ]
    assert told[0] == told[1] == ("e-1", "mine")
    assert told[2][0] != "e-1" and told[2][1] is None, "they hold for one application"
