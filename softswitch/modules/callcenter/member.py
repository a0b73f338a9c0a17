"""A member: somebody who waits in a queue, talks to an agent of it, or left it untimely."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.modules.callcenter.queue import Queue
    from softswitch.switch.causes import HangupCause
    from softswitch.switch.session import Session


class MemberState(Enum):
    """Where a member stands."""

    WAITING = "Waiting"
    TRYING = "Trying"
    """He is being offered."""
    ANSWERED = "Answered"
    ABANDONED = "Abandoned"


class CancelReason(Enum):
    """Why a member left without an agent."""

    NONE = "NONE"
    TIMEOUT = "TIMEOUT"
    NO_AGENT_TIMEOUT = "NO_AGENT_TIMEOUT"
    BREAK_OUT = "BREAK_OUT"
    """He hung up, or was taken elsewhere."""
    EXIT_WITH_KEY = "EXIT_WITH_KEY"


@dataclass(eq=False, slots=True)
class Member:
    """One member: a row of FreeSWITCH's table ``members``. Times are seconds since 1970."""

    uuid: str
    queue: Queue
    cid_number: str
    cid_name: str
    instance_id: str
    session: Session | None = None
    """None of one who left."""
    system_epoch: int = 0
    """When his call was answered."""
    joined_epoch: int = 0
    rejoined_epoch: int = 0
    bridge_epoch: int = 0
    abandoned_epoch: int = 0
    base_score: int = 0
    skill_score: int = 0
    serving_agent: str = ""
    """Whom he is offered to: an agent, or the strategy that rings several."""
    serving_system: str = ""
    state: MemberState = MemberState.WAITING
    leave: Callable[[CancelReason], None] = lambda reason: None
    """Ends his waiting."""
    withdrawals: dict[str, Callable[[HangupCause], None]] = field(default_factory=dict)
    """By agent: takes back what he is offered, while it rings."""
    announced_at: int = 0
    """When the announcement was played last."""
    entered_at: int = 0
    """When this call entered the queue; later than ``joined_epoch`` for who came back."""

    def __repr__(self) -> str:
        return f"<Member {self.cid_name} <{self.cid_number}> {self.state.value}>"

    def score(self, now: int) -> int:
        """Who has the highest is offered first."""
        return now - self.joined_epoch + self.base_score + self.skill_score
