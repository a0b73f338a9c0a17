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
    load = Load(clock, lambda: (0, 0))  # type: ignore[arg-type]
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


@pytest.mark.parametrize(
    ("waiting", "read", "too_high"),
    [
        # 400 messages a second are read: 900 of them wait for 2.25 s, 700 for 1.75 s.
        (900, 100, True),
        (700, 100, False),
        (0, 100, False),
        # Nothing was read at all: it is the loop that is late then, or nothing came before.
        (300, 0, False),
    ],
)
async def test_it_is_too_high_while_more_arrives_than_is_read(
    waiting: int, read: int, too_high: bool
) -> None:
    clock, total = Clock(), 0
    load = Load(clock, lambda: (waiting, total))  # type: ignore[arg-type]
    load.start()
    for look in range(1, IN_A_ROW + 1):
        total += read
        clock.fire(look * BEAT)
    assert load.too_high is too_high
    load.stop()


async def test_calls_are_taken_again_once_little_waits() -> None:
    clock, waiting, looks = Clock(), 900, 0
    load = Load(clock, lambda: (waiting, 100 * looks))  # type: ignore[arg-type]
    load.start()

    def look() -> None:
        nonlocal looks
        looks += 1
        clock.fire(looks * BEAT)

    for _ in range(IN_A_ROW):
        look()
    waiting = 300
    for _ in range(int(3 * RECOVERY / BEAT)):
        look()
        assert load.too_high, "that would be bearable for one that had kept up"
    waiting = 50
    for _ in range(int(RECOVERY / BEAT)):
        look()
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
