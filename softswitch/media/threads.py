"""Threads that are there before they are needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

PATIENCE = 10.0
"""Seconds until threads wait no longer for one that cannot be started."""


def start_threads(pool: ThreadPoolExecutor, count: int) -> None:
    """Start all ``count`` threads of an idle pool.

    A pool starts a thread when there is work, and whoever gives the work waits for it: the loop,
    for tenths of a second on a busy machine.
    """
    all_there = Barrier(count)
    for _ in range(count):
        pool.submit(all_there.wait, PATIENCE)
