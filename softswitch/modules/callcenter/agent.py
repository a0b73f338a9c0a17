"""An agent, how he stands, and his tiers: the queues that he serves. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

Word = TypeVar("Word", bound="_Word")


class _Word(Enum):
    """Words of FreeSWITCH's that are told apart without case."""

    @classmethod
    def of(cls: type[Word], text: str) -> Word | None:
        """The member that a text names; None where it names none."""
        return next((one for one in cls if one.value.lower() == text.lower()), None)


class AgentType(_Word):
    """How an agent is reached."""

    CALLBACK = "callback"
    """He is called."""
    STANDBY = "uuid-standby"
    """His call waits already."""


class AgentStatus(_Word):
    """What an agent says of himself."""

    LOGGED_OUT = "Logged Out"
    AVAILABLE = "Available"
    ON_DEMAND = "Available (On Demand)"
    """One call; the next when his state is set to Waiting again."""
    ON_BREAK = "On Break"


class AgentState(_Word):
    """What an agent does."""

    WAITING = "Waiting"
    RECEIVING = "Receiving"
    IN_A_QUEUE_CALL = "In a queue call"
    IDLE = "Idle"
    RESERVED = "Reserved"


class TierState(_Word):
    """What an agent does for one queue."""

    NO_ANSWER = "No Answer"
    READY = "Ready"
    OFFERING = "Offering"
    ACTIVE_INBOUND = "Active Inbound"
    STANDBY = "Standby"
    """He is busy with another queue."""


@dataclass(eq=False, slots=True)
class Agent:
    """One agent: a row of FreeSWITCH's table ``agents``. Times are seconds since 1970."""

    name: str
    type: AgentType
    contact: str = ""
    """Dial string of a callback agent."""
    status: AgentStatus = AgentStatus.LOGGED_OUT
    state: AgentState = AgentState.WAITING
    uuid: str = ""
    """His call, while he has one."""
    max_no_answer: int = 0
    wrap_up_time: int = 0
    """Seconds of rest after a call."""
    reject_delay_time: int = 0
    busy_delay_time: int = 0
    no_answer_delay_time: int = 0
    last_bridge_start: int = 0
    last_bridge_end: int = 0
    last_offered_call: int = 0
    last_status_change: int = 0
    no_answer_count: int = 0
    calls_answered: int = 0
    talk_time: int = 0
    ready_time: int = 0
    """He is not called before."""
    external_calls_count: int = 0
    offers: int = 0
    """Number of the last offer made to him, of all offers: tells apart those of one second."""


@dataclass(eq=False, slots=True)
class Tier:
    """An agent serves a queue."""

    queue: str
    agent: str
    state: TierState = TierState.READY
    level: int = 1
    """Lower ones are called first."""
    position: int = 1
    """The order within a level."""
