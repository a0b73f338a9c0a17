"""Which sessions may begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed, HangupCause
from tests.support.switch import bench, extension


async def test_a_switch_that_is_full_paused_or_stopping_takes_no_calls(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        switch, admission = b.switch, b.switch.admission
        admission.check_inbound()
        admission.paused_inbound = True
        with pytest.raises(CallFailed):
            admission.check_inbound()
        admission.check_outbound()
        admission.paused_inbound, admission.paused_outbound = False, True
        with pytest.raises(CallFailed):
            admission.check_outbound()
        admission.paused_outbound = False
        admission.max_sessions = 1
        session = b.call("100")
        for admit in (admission.check_inbound, admission.check_outbound):
            with pytest.raises(CallFailed) as failed:
                admit()
            assert failed.value.cause is HangupCause.SWITCH_CONGESTION
        session.hangup()
        await b.ended(session)
        admission.check_inbound()
        switch.stop_requested.set()
        for admit in (admission.check_inbound, admission.check_outbound):
            with pytest.raises(CallFailed):
                admit()


async def test_sessions_of_one_second_are_limited(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer")) as b:
        b.switch.admission.sessions_per_second = 2
        for _ in range(2):
            b.switch.admission.check_inbound()
            b.call("100")
        with pytest.raises(CallFailed):
            b.switch.admission.check_inbound()
        await b.after(1)
        b.switch.admission.check_inbound()


async def test_a_busy_machine_takes_no_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as b:
        admission = b.switch.admission
        monkeypatch.setattr("softswitch.switch.admission.idle_percent", lambda: 19.0)
        admission.check_inbound()
        admission.min_idle_cpu = 20.0
        with pytest.raises(CallFailed, match="min-idle-cpu is 20"):
            admission.check_outbound()
        monkeypatch.setattr("softswitch.switch.admission.idle_percent", lambda: 21.0)
        admission.check_outbound()


async def test_both_directions_are_paused_and_resumed_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        admission = b.switch.admission
        admission.paused_outbound = True
        assert not admission.paused, "calls are taken"
        for paused in (True, False):
            admission.pause(paused)
            assert (admission.paused_inbound, admission.paused_outbound) == (paused, paused)
            assert admission.paused is paused
