from __future__ import annotations

from pathlib import Path

from softswitch.switch.causes import HangupCause
from tests.support.switch import bench, extension


async def test_a_parked_call_is_taken_by_uuid_park_and_timed_out(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set park_timeout=7:USER_BUSY", "sleep 60000")) as b:
        session = b.call("1")
        await b.after(1)
        assert await b.switch.run_command(f"uuid_park {session.uuid}") == "+OK\n"
        await b.after(1)
        assert session.channel.state.name == "CS_PARK"
        assert "CHANNEL_PARK" in b.names(session)
        await b.ended(session, within=6.5)
        assert session.channel.hangup_cause is HangupCause.USER_BUSY
        assert "CHANNEL_UNPARK" in b.names(session)


async def test_a_timeout_of_no_time_ends_the_call_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set park_timeout=0:USER_BUSY", "park")) as b:
        session = await b.ended(b.call("1"), within=0.5)
        assert session.channel.hangup_cause is HangupCause.USER_BUSY
        assert session.get("park_timeout") is None
        assert "CHANNEL_UNPARK" in b.names(session)


async def test_a_timeout_that_is_no_number_is_none(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set park_timeout=soon", "park")) as b:
        session = b.call("1")
        await b.after(5000)
        assert session.channel.up
        session.hangup()
        await b.ended(session)
