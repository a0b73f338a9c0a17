"""An event loop whose clock jumps: hours pass in no time, and a deadlock is an error."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class Deadlock(RuntimeError):
    """Every task waits for something that can never happen."""


class _JumpingSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Instead of waiting, tells the loop how far its clock may jump."""

    def __init__(self) -> None:
        super().__init__()
        self.jump: Callable[[float | None], bool] = lambda _: True

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.jump(timeout):
            return []
        return super().select(0.05)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop for tests without network: `time` starts at 1000.0 and jumps to the next timer.

    Work in an executor happens in real time; the clock stands still until it is done.
    """

    def __init__(self) -> None:
        selector = _JumpingSelector()
        super().__init__(selector)
        selector.jump = self._jump
        self._now = 1000.0
        self._outside = 0

    def time(self) -> float:
        return self._now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        future = super().run_in_executor(executor, func, *args)
        self._outside += 1

        def finished(_: Any) -> None:
            self._outside -= 1

        future.add_done_callback(finished)
        return future

    async def shutdown_default_executor(self) -> None:
        self._outside += 1
        try:
            await super().shutdown_default_executor()
        finally:
            self._outside -= 1

    def _jump(self, timeout: float | None) -> bool:
        """Advance by ``timeout``; False while work outside the loop must be waited for."""
        if self._outside:
            return False
        if timeout is None:
            waiting = [task for task in asyncio.all_tasks(self) if not task.done()]
            raise Deadlock(f"nothing can happen any more; waiting: {waiting}")
        self._now += timeout
        return True
