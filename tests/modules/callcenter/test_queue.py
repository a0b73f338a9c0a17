"""When a member has waited too long."""

from __future__ import annotations

import pytest

from softswitch.modules.callcenter.member import CancelReason
from softswitch.modules.callcenter.queue import Queue
from softswitch.modules.callcenter.settings import QueueSettings

STAYS, TIMEOUT, NO_AGENT = (
    CancelReason.NONE,
    CancelReason.TIMEOUT,
    CancelReason.NO_AGENT_TIMEOUT,
)


@pytest.mark.parametrize(
    ("waited", "connecting", "reason"),
    [(9, False, STAYS), (10, False, TIMEOUT), (10, True, STAYS), (99, False, TIMEOUT)],
)
def test_a_member_may_wait_so_long(waited: int, connecting: bool, reason: CancelReason) -> None:
    queue = Queue("help", QueueSettings(max_wait_time=10))
    assert queue.patience(1000, 1000 + waited, connecting=connecting) is reason


def test_without_a_limit_he_may_wait_for_ever() -> None:
    queue = Queue("help", QueueSettings())
    queue.note_agents(9000, exist=False)
    assert queue.patience(0, 9000, connecting=False) is STAYS


@pytest.mark.parametrize(
    ("seen", "joined", "now", "grace", "reason"),
    [
        # The last agent left at 1000; 20 seconds without any, 5 more for who just came.
        (1000, 900, 1019, 5, STAYS),
        (1000, 900, 1020, 5, NO_AGENT),
        (1000, 1010, 1020, 5, STAYS),
        (1000, 1010, 1034, 5, STAYS),
        (1000, 1010, 1035, 5, NO_AGENT),
        (1000, 1019, 1020, 0, NO_AGENT),
        # There is one.
        (1020, 900, 1020, 0, STAYS),
    ],
)
def test_he_may_wait_so_long_without_any_agent(
    seen: int, joined: int, now: int, grace: int, reason: CancelReason
) -> None:
    queue = Queue(
        "help",
        QueueSettings(
            max_wait_time_with_no_agent=20, max_wait_time_with_no_agent_time_reached=grace
        ),
    )
    queue.note_agents(seen, exist=True)
    queue.note_agents(now, exist=seen == now)
    assert queue.patience(joined, now, connecting=False) is reason


def test_who_came_after_the_last_look_stays() -> None:
    settings = QueueSettings(
        max_wait_time_with_no_agent=20, max_wait_time_with_no_agent_time_reached=0
    )
    queue = Queue("help", settings)
    queue.note_agents(1000, exist=False)
    assert queue.patience(1001, 1002, connecting=False) is STAYS
    queue.note_agents(1002, exist=False)
    assert queue.patience(1001, 1002, connecting=False) is NO_AGENT
