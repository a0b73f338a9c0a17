from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from softswitch.switch.scheduler import Scheduler


class Clock:
    """A scheduler, and a list of what ran when."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.owned: list[asyncio.Task[None]] = []
        self.scheduler = Scheduler(
            self.loop,
            lambda: round(self.loop.time() * 1_000_000),
            self.owned.append,
            lambda event, headers: self.told.append((event, headers)),
        )
        self.told: list[tuple[str, dict[str, str]]] = []
        self.ran: list[tuple[str, float]] = []

    def work(self, name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            self.ran.append((name, self.loop.time()))

        return run


async def test_a_task_runs_once_after_its_delay() -> None:
    clock = Clock()
    begun = clock.loop.time()
    number = clock.scheduler.add(5, "group", "what", clock.work("a"))
    assert number == 1
    (task,) = clock.scheduler
    assert (task.group, task.description, task.runs_at) == ("group", "what", int(begun + 5))
    await asyncio.sleep(20)
    assert clock.ran == [("a", pytest.approx(begun + 5))]
    assert len(clock.scheduler) == 0 and len(clock.owned) == 1


async def test_a_repeated_task_runs_until_it_is_cancelled() -> None:
    clock = Clock()
    number = clock.scheduler.add(1, "g", "d", clock.work("a"), repeat_seconds=2)
    await asyncio.sleep(6)
    assert len(clock.ran) == 3
    assert clock.scheduler.cancel(number)
    assert not clock.scheduler.cancel(number)
    await asyncio.sleep(6)
    assert len(clock.ran) == 3


async def test_a_group_is_cancelled_as_a_whole() -> None:
    clock = Clock()
    for group in ("g", "g", "other"):
        clock.scheduler.add(1, group, "d", clock.work(group))
    assert clock.scheduler.cancel_group("g") == 2
    await asyncio.sleep(2)
    assert [name for name, _ in clock.ran] == ["other"]
    clock.scheduler.add(1, "g", "d", clock.work("late"))
    clock.scheduler.cancel_all()
    await asyncio.sleep(2)
    assert len(clock.ran) == 1


@pytest.mark.parametrize(
    ("text", "seconds"), [("+30", 30), ("@5", 5), ("1060", 60), ("10", 0), ("+0", 0)]
)
async def test_times_are_relative_or_epochs(text: str, seconds: float) -> None:
    clock = Clock()
    assert clock.scheduler.delay_until(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "+", "1.5"])
async def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Clock().scheduler.delay_until(text)


async def test_what_becomes_of_a_task_is_told() -> None:
    clock = Clock()
    clock.scheduler.add(5, "g", "once", clock.work("a"))
    clock.scheduler.add(5, "g", "often", clock.work("b"), repeat_seconds=5)
    begun = int(clock.loop.time())
    await asyncio.sleep(6)
    clock.scheduler.cancel_group("g")
    assert [(event, headers["Task-ID"]) for event, headers in clock.told] == [
        ("ADD_SCHEDULE", "1"),
        ("ADD_SCHEDULE", "2"),
        ("DEL_SCHEDULE", "1"),
        ("RE_SCHEDULE", "2"),
        ("DEL_SCHEDULE", "2"),
    ]
    assert clock.told[3][1] == {
        "Task-ID": "2",
        "Task-Desc": "often",
        "Task-Group": "g",
        "Task-Runtime": str(begun + 10),
    }
