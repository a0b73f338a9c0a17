"""A queue: its settings, what it counted, and for whom its patience is over. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.modules.callcenter.member import CancelReason

if TYPE_CHECKING:
    from softswitch.modules.callcenter.settings import QueueSettings


@dataclass(eq=False, slots=True)
class Queue:
    """One queue."""

    name: str
    settings: QueueSettings
    calls_answered: int = 0
    calls_abandoned: int = 0
    agent_seen: int = 0
    """When an agent was logged in last, in seconds since 1970."""
    agent_sought: int = 0
    """When that was looked at last."""

    def note_agents(self, now: int, *, exist: bool) -> None:
        """Somebody was looked for; ``exist`` says whether any agent is logged in."""
        self.agent_sought = now
        if exist:
            self.agent_seen = now

    def patience(self, joined: int, now: int, *, connecting: bool) -> CancelReason:
        """Why a member who joined then must leave now; NONE where he may stay.

        While he is ``connecting`` to an agent he gets one more chance.
        """
        s = self.settings
        if s.max_wait_time and not connecting and now - joined >= s.max_wait_time:
            return CancelReason.TIMEOUT
        limit = s.max_wait_time_with_no_agent
        if not limit or self.agent_sought <= self.agent_seen or joined > self.agent_sought:
            return CancelReason.NONE
        if self.agent_sought - self.agent_seen < limit:
            return CancelReason.NONE
        grace = s.max_wait_time_with_no_agent_time_reached
        if grace and self.agent_sought - joined < grace + limit:
            return CancelReason.NONE
        return CancelReason.NO_AGENT_TIMEOUT
