"""The scheduler: work that runs once or again and again at a later time, by number and group."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

Work = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class ScheduledTask:
    """One entry of ``show tasks``."""

    number: int
    description: str
    group: str
    runs_at: int
    """Seconds since 1970."""
    repeat_seconds: float
    work: Work
    timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        again = f" every {self.repeat_seconds:g} s" if self.repeat_seconds else ""
        return f"<ScheduledTask {self.number} {self.description} of {self.group}{again}>"


class Scheduler:
    """Runs what falls due; tasks of a call bear its uuid as group and end with it.

    ``now_us`` is the wall clock in microseconds since 1970, ``own`` keeps a running task and
    logs what it raises. What becomes of a task is told as ADD_SCHEDULE, RE_SCHEDULE and
    DEL_SCHEDULE.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        now_us: Callable[[], int],
        own: Callable[[asyncio.Task[None]], object],
        publish: Callable[[str, dict[str, str]], None],
    ) -> None:
        self._loop = loop
        self._now_us = now_us
        self._own = own
        self._publish = publish
        self._tasks: dict[int, ScheduledTask] = {}
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[ScheduledTask]:
        """Tasks that wait, the oldest first."""
        return iter(list(self._tasks.values()))

    def __len__(self) -> int:
        return len(self._tasks)

    def add(
        self,
        delay_seconds: float,
        group: str,
        description: str,
        work: Work,
        *,
        repeat_seconds: float = 0,
    ) -> int:
        """Run ``work`` after a delay, then every ``repeat_seconds``; returns its number."""
        delay = max(delay_seconds, 0.0)
        task = ScheduledTask(
            next(self._numbers),
            description,
            group,
            int(self._now_us() / 1_000_000 + delay),
            repeat_seconds,
            work,
        )
        self._tasks[task.number] = task
        self._arm(task, delay)
        self._tell("ADD_SCHEDULE", task)
        return task.number

    def cancel(self, number: int) -> bool:
        """Forget one task; False if there is none of that number."""
        task = self._tasks.pop(number, None)
        if task is None:
            return False
        if task.timer is not None:
            task.timer.cancel()
        self._tell("DEL_SCHEDULE", task)
        return True

    def cancel_group(self, group: str) -> int:
        """Forget all tasks of a group; returns how many there were."""
        numbers = [task.number for task in self if task.group == group]
        for number in numbers:
            self.cancel(number)
        return len(numbers)

    def cancel_all(self) -> None:
        """Forget everything, for a switch that stops."""
        for task in self:
            self.cancel(task.number)

    def delay_until(self, text: str) -> float:
        """Seconds from now that ``+30``, ``@30`` or an epoch stand for.

        Raises ValueError on anything else.
        """
        number = float(int(text.lstrip("+@")))
        if text[:1] in ("+", "@"):
            return max(number, 0.0)
        return max(number - self._now_us() / 1_000_000, 0.0)

    def _tell(self, event: str, task: ScheduledTask) -> None:
        headers = {"Task-ID": str(task.number), "Task-Desc": task.description}
        headers |= {"Task-Group": task.group, "Task-Runtime": str(task.runs_at)}
        self._publish(event, headers)

    def _arm(self, task: ScheduledTask, delay: float) -> None:
        task.timer = self._loop.call_later(delay, self._fire, task)

    def _fire(self, task: ScheduledTask) -> None:
        if task.repeat_seconds > 0:
            task.runs_at = int(self._now_us() / 1_000_000 + task.repeat_seconds)
            self._arm(task, task.repeat_seconds)
            self._tell("RE_SCHEDULE", task)
        else:
            self._tasks.pop(task.number, None)
            self._tell("DEL_SCHEDULE", task)
        self._own(self._loop.create_task(_run(task.work), name=f"scheduled {task.description}"))


async def _run(work: Work) -> None:
    await work()
