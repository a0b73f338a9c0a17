"""A switch that is late refuses calls until it has caught up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from softswitch.endpoints.sip.load import BEAT, IN_A_ROW, LATE, RECOVERY, Load
from tests.support.sip_bench import sdp, sip_bench


class Clock:
    """A loop whose timers fire when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[Any] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Any) -> asyncio.TimerHandle:
        self.timers.append(callback)
        return asyncio.get_running_loop().call_later(3600, lambda: None)

    def fire(self, now: float) -> None:
        self.now = now
        self.timers.pop()()


async def test_it_is_too_high_while_the_loop_is_late_and_a_while_after() -> None:
    clock = Clock()
    load = Load(clock)  # type: ignore[arg-type]
    load.start()
    clock.fire(BEAT + 0.1)
    assert not load.too_high
    late = clock.now
    for _ in range(IN_A_ROW):
        assert not load.too_high, "once is nothing"
        late += BEAT + LATE + 0.1
        clock.fire(late)
    assert load.too_high
    clock.fire(late + BEAT)
    assert load.too_high
    clock.now = late + RECOVERY
    assert not load.too_high
    load.stop()


@pytest.mark.virtual_time
async def test_a_call_is_refused_with_a_time_to_come_again(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        running.sip.load._too_high_until = running.switch.loop.time() + RECOVERY
        running.alice.ask("INVITE", "9196", sdp())
        await running.settle()
        refused = running.alice.response(503)
        assert refused.headers.get("Retry-After") == "5"
        assert not running.switch.sessions
