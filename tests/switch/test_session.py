"""The session's task: states, applications, interruption."""

from __future__ import annotations

from pathlib import Path

from softswitch.switch.causes import HangupCause
from softswitch.switch.states import CallState
from tests.support.switch import bench, extension, verbs


async def test_a_call_runs_its_actions_and_ends_normally(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "sleep 1000")) as b:
        session = await b.ended(b.call("100"))
        assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING
        assert verbs(session) == ["answer", "hangup NORMAL_CLEARING"]
        assert session.get("billsec") == "1"
