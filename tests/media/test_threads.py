from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from softswitch.media.threads import start_threads


def test_all_threads_of_a_pool_run_before_there_is_work() -> None:
    with ThreadPoolExecutor(5, thread_name_prefix="early") as pool:
        start_threads(pool, 5)
        names = {thread.name for thread in threading.enumerate()}
        assert {f"early_{number}" for number in range(5)} <= names
        assert pool.submit(lambda: 7).result(20) == 7
