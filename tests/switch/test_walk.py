"""The task that walks a channel's states: order, interruption, failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from softswitch.dialplan.hunt import PlannedAction
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.session import Session
from softswitch.switch.states import ChannelState
from tests.support.applications import application
from tests.support.switch import Bench, bench, extension

WAITS = {
    "sleep": "sleep 3600000",
    "park": "park",
    "playback": "playback silence_stream://-1",
    "bridge, ringing": "bridge test/silent",
    "bridge, talking": "bridge test/bob",
    "originate hook": "bridge {execute_on_originate='sleep 5000'}test/silent",
    "execute_extension": "execute_extension 300",
}


async def test_a_call_walks_its_states_and_tells_of_each(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer")) as b:
        session = await b.ended(b.call("100"))
        told = [
            (event.name, event.headers["Channel-State"], event.headers["Channel-State-Number"])
            for event in b.events
            if event.headers.get("Unique-ID") == session.uuid
            and not event.name.startswith("CHANNEL_EXECUTE")
        ]
        assert told == [
            ("CHANNEL_STATE", "CS_NEW", "0"),
            ("CHANNEL_STATE", "CS_INIT", "1"),
            ("CHANNEL_CREATE", "CS_INIT", "2"),
            ("CHANNEL_CALLSTATE", "CS_ROUTING", "2"),
            ("CHANNEL_STATE", "CS_ROUTING", "2"),
            ("CHANNEL_STATE", "CS_EXECUTE", "4"),
            ("CHANNEL_PROGRESS_MEDIA", "CS_EXECUTE", "4"),
            ("CHANNEL_CALLSTATE", "CS_EXECUTE", "4"),
            ("CHANNEL_ANSWER", "CS_EXECUTE", "4"),
            ("CHANNEL_CALLSTATE", "CS_EXECUTE", "4"),
            ("CHANNEL_HANGUP", "CS_EXECUTE", "10"),
            ("CHANNEL_STATE", "CS_HANGUP", "10"),
            ("CHANNEL_CALLSTATE", "CS_HANGUP", "10"),
            ("CHANNEL_STATE", "CS_REPORTING", "11"),
            ("CHANNEL_HANGUP_COMPLETE", "CS_REPORTING", "11"),
            ("CHANNEL_DESTROY", "CS_REPORTING", "12"),
            ("CHANNEL_STATE", "CS_DESTROY", "12"),
        ]


@pytest.mark.parametrize("action", WAITS.values(), ids=WAITS)
@pytest.mark.parametrize("how", ["hangup", "transfer", "far end", "run_actions", "shutdown"])
async def test_every_wait_of_an_application_can_be_ended(
    tmp_path: Path, action: str, how: str
) -> None:
    async with bench(
        tmp_path,
        extension("100", "answer", action, "set went=on"),
        extension("200", "set landed=yes"),
        extension("300", "sleep 3600000"),
    ) as b:
        b.script("silent", "")
        b.script("bob", "answer@1")
        session = b.call("100")
        await b.after(10)
        assert session.channel.running_state is ChannelState.CS_EXECUTE
        ways: dict[str, Callable[[], object]] = {
            "hangup": session.hangup,
            "transfer": lambda: session.transfer("200"),
            "far end": lambda: session.on_hangup(HangupCause.USER_BUSY),
            "run_actions": lambda: session.run_actions([]),
            "shutdown": lambda: b.switch.hangup_all(HangupCause.SYSTEM_SHUTDOWN),
        }
        ways[how]()
        await b.ended(session, within=1)
        assert session.get("went") is None
        assert (session.get("landed") == "yes") is (how == "transfer")
        await b.after(0.1)
        assert not b.switch.sessions


async def test_an_application_that_hangs_up_and_waits_is_ended(tmp_path: Path) -> None:
    async def hang_up_and_wait(session: Session, data: str) -> None:
        session.hangup(HangupCause.USER_BUSY)
        await session.sleep(1000)
        session.set("went", "on")

    async with bench(tmp_path, extension("100", "test_app")) as b:
        with application("test_app", hang_up_and_wait):
            session = await b.ended(b.call("100"), within=1)
        assert session.channel.hangup_cause is HangupCause.USER_BUSY
        assert session.get("went") is None
        assert b.names(session)[-1] == "CHANNEL_STATE"


@pytest.mark.parametrize("verb", ["answer", "pre_answer", "hangup"])
async def test_a_leg_that_fails_ends_the_call_with_a_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    def fail(*_: object) -> None:
        raise CallFailed(HangupCause.INCOMPATIBLE_DESTINATION)

    async with bench(tmp_path, extension("100", "pre_answer", "answer")) as b:
        session = b.call("100")
        leg = session.leg
        monkeypatch.setattr(leg, verb, fail)
        await b.ended(session)
        expected = "NORMAL_CLEARING" if verb == "hangup" else "INCOMPATIBLE_DESTINATION"
        assert session.channel.hangup_cause.name == expected
        assert "CHANNEL_DESTROY" in b.names(session)
        monkeypatch.undo()
        leg.hangup(HangupCause.NORMAL_CLEARING)  # which frees its media


async def test_what_a_session_waited_for_may_be_cancelled_by_others(tmp_path: Path) -> None:
    async def wait(session: Session, data: str) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(1, future.cancel)
        await session.wait(future)

    async with bench(tmp_path, extension("100", "test_app")) as b:
        with application("test_app", wait):
            session = await b.ended(b.call("100"), within=2)
        assert session.channel.hangup_cause is HangupCause.NORMAL_TEMPORARY_FAILURE


async def test_hangups_and_transfers_at_any_moment_lose_no_call(tmp_path: Path) -> None:
    """The first steps of two crossing calls, each interrupted after every few milliseconds."""
    async with bench(
        tmp_path,
        extension("100", "ring_ready", "answer", "sleep 3", "bridge test/bob", "sleep 3"),
        extension("200", "answer", "sleep 5", "park"),
    ) as b:
        b.script("bob", "ring@0.002 early@0.003 answer@0.004 hangup@0.008")
        for step in range(30):
            await _disturb(b, step / 2000)
        await b.after(1)
        assert not b.switch.sessions


@pytest.mark.parametrize("way", ["transfer", "run_actions", "hangup", "park"])
async def test_a_call_that_is_moved_before_it_began_begins_all_the_same(
    tmp_path: Path, way: str
) -> None:
    async with bench(tmp_path, extension("100"), extension("200", "set landed=yes")) as b:
        session = b.call("100")
        if way == "transfer":
            session.transfer("200")
        elif way == "run_actions":
            session.run_actions([PlannedAction("set", "landed=yes")])
        elif way == "park":
            session.move(ChannelState.CS_PARK)
        else:
            session.hangup()
        await b.after(1)
        assert ("CHANNEL_CREATE" in b.names(session)) is (way != "hangup")
        assert (session.get("landed") == "yes") is (way in ("transfer", "run_actions"))
        assert session.channel.up is (way == "park")
        session.hangup()
        await b.ended(session)


async def _disturb(b: Bench, moment: float) -> None:
    transferred, ended = b.call("100"), b.call("100")
    await b.after(moment)
    transferred.transfer("200")
    ended.hangup()
    await b.after(0.003)
    transferred.transfer("100")
    await b.after(0.002)
    transferred.hangup()
    await b.ended(transferred, within=2)
    await b.ended(ended, within=2)
