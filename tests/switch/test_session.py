"""The session's task: states, applications, interruption."""

from __future__ import annotations

import asyncio
from pathlib import Path

from softswitch.switch.causes import HangupCause
from softswitch.switch.session import Session
from softswitch.switch.states import CallState
from tests.support.applications import application
from tests.support.switch import bench, extension, verbs


async def test_a_call_runs_its_actions_and_ends_normally(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "sleep 1000")) as b:
        session = await b.ended(b.call("100"))
        assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING
        assert verbs(session) == ["answer", "hangup NORMAL_CLEARING"]
        assert session.get("billsec") == "1"


async def test_a_break_ends_the_media_operation_alone(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "answer", "playback silence_stream://-1", "set went=on")
    ) as b:
        session = b.call("100")
        await b.after(5)
        session.break_()
        await b.ended(session, within=1)
        assert session.get("went") == "on"


async def test_only_the_first_cause_counts(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100")
        await b.after(1)
        session.hangup(HangupCause.USER_BUSY)
        session.hangup(HangupCause.CALL_REJECTED)
        await b.ended(session)
        assert session.channel.hangup_cause is HangupCause.USER_BUSY
        assert verbs(session) == ["hangup USER_BUSY"]


async def test_a_hang_up_tells_the_partner_its_cause(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "answer@1")
        session = b.call("100")
        await b.after(2)
        bob = b.legs.legs["bob"].session
        bob.set("proto_specific_hangup_cause", "sip:486")
        bob.hangup(HangupCause.USER_BUSY)
        assert bob.get("last_bridge_role") == "originatee"
        assert session.get("last_bridge_hangup_cause") == "USER_BUSY"
        assert session.get("last_bridge_proto_specific_hangup_cause") == "sip:486"


async def test_a_refusing_leg_tells_its_caller_though_never_bridged(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "bridge {proto_specific_hangup_cause='sip:603'}test/no")
    ) as b:
        b.script("no", "hangup:CALL_REJECTED@1")
        session = await b.ended(b.call("100"))
        assert session.get("last_bridge_proto_specific_hangup_cause") == "sip:603"


async def test_a_failing_watcher_keeps_nobody_from_going_on(tmp_path: Path) -> None:
    told: list[str] = []

    def fail(session: Session, what: str) -> None:
        raise RuntimeError("broken")

    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100", script="hangup@2")
        session.watchers += [fail, lambda _, what: told.append(what)]
        await b.ended(session, within=3)
        assert told == ["executes", "hangup", "over"]


async def test_a_hook_beside_the_call_ends_with_it(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "bridge {execute_on_answer='sleep 3600000'}test/bob")
    ) as b:
        b.script("bob", "answer@1 hangup@3")
        session = b.call("100")
        await b.after(2)
        assert session.peer is not None
        assert b.switch.tasks == 3
        await b.ended(session, within=5)
        await b.after(0.1)
        assert b.switch.tasks == 0


async def test_holding_is_told_and_its_time_added_up(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "park")) as b:
        session = b.call("100")
        await b.after(1)
        for held, seconds in ((True, 3), (True, 1), (False, 5), (False, 1), (True, 2)):
            session.on_hold(held)
            assert session.channel.callstate is (CallState.HELD if held else CallState.ACTIVE)
            await b.after(seconds)
        session.hangup()
        session.on_hold(False)
        await b.ended(session)
        assert session.get("hold_accum_seconds") == "6"
        names = [name for name in b.names(session) if "HOLD" in name]
        assert names == ["CHANNEL_HOLD", "CHANNEL_UNHOLD", "CHANNEL_HOLD"]


async def test_a_held_call_that_is_transferred_is_held_until_it_is_taken_back(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, extension("100", "answer", "park")) as b:
        session = b.call("100")
        await b.after(1)
        session.on_hold(True)
        await b.after(2)
        session.transfer("100")
        await b.after(3)
        session.on_hold(False)
        session.hangup()
        await b.ended(session)
        assert session.get("hold_accum_seconds") == "5"
        assert "CHANNEL_UNHOLD" in b.names(session)


async def test_digits_wait_for_applications_or_go_to_the_partner(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "sleep 2000", "bridge test/bob")) as b:
        b.script("bob", "answer@0")
        session = b.call("100")
        await b.after(1)
        session.on_digit("1", 100, "rtp")
        await b.after(2)
        session.on_digit("2", 120, "info")
        session.on_digit("3", 120, "rtp")
        session.set("bridge_filter_dtmf", "true")
        session.on_digit("4", 120, "info")
        digit = session.digits.take()
        assert digit is not None and digit.digit == "1"
        assert session.digits.take() is None
        assert b.legs.legs["bob"].verbs == ["invite", "digits 2 120"]
        session.hangup()
        session.on_digit("5", 120, "rtp")
        told = [event.headers["DTMF-Digit"] for event in b.events if event.name == "DTMF"]
        assert told == ["1", "2", "3", "4"]


async def test_wait_gives_the_result_at_once_or_none_after_a_break(tmp_path: Path) -> None:
    async def wait(session: Session, data: str) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[str] = loop.create_future()
        done.set_result("x")
        never: asyncio.Future[str] = loop.create_future()
        loop.call_later(1, session.break_)
        results = [await session.wait(done), await session.wait(never)]
        session.set("seen", str(results))

    async with bench(tmp_path, extension("100", "test_app")) as b:
        with application("test_app", wait):
            session = await b.ended(b.call("100"), within=2)
        assert session.get("seen") == "['x', None]"


async def test_several_variables_are_picked_as_each_would_be_found(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100")
        b.switch.globals.update({"of_all": "1", "of_call": "1", "of_application": "1"})
        session.set("Of_Call", "2")
        session.set("of_application", "2")
        session.scopes.append({"of_application": "3"})
        names = ("of_all", "of_call", "of_application", "of_none")
        picked = session.pick(names)
        assert picked == {"of_all": "1", "of_call": "2", "of_application": "3"}
        assert [picked.get(name) for name in names] == [session.get(name) for name in names]
