from __future__ import annotations

from pathlib import Path

from softswitch.switch.causes import HangupCause
from softswitch.switch.timed_actions import schedule_broadcast, schedule_hangup, schedule_transfer
from tests.support.switch import bench, extension


async def test_a_call_can_be_scheduled_from_outside(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", "park"), extension("2", "set there=yes", "park")
    ) as b:
        session = b.call("1")
        await b.after(0.1)
        assert schedule_transfer(session, 5, "2") == 1
        assert schedule_hangup(session, 9, HangupCause.USER_BUSY) == 2
        assert session.get("last_sched_id") == "2"
        assert {task.group for task in b.switch.scheduler} == {session.uuid}
        await b.after(6)
        assert session.get("there") == "yes"
        await b.ended(session, within=4)
        assert session.channel.hangup_cause is HangupCause.USER_BUSY


async def test_no_delay_acts_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        assert schedule_hangup(session, 0) == 0
        assert not session.channel.up
        await b.ended(session)


async def test_a_call_that_ends_takes_its_tasks_with_it(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        schedule_hangup(session, 50)
        schedule_broadcast(session, 60, "silence_stream://100")
        session.hangup()
        await b.ended(session)
        assert len(b.switch.scheduler) == 0
