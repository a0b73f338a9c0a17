"""How far a call has come (RFC 3261 §13–§15)."""

from __future__ import annotations

from enum import Enum


class UsageState(Enum):
    """How far a call has come."""

    INVITED = "INVITE sent or received"
    EARLY = "provisional response above 100 sent or received"
    CANCELLING = "CANCEL wanted or sent, final response awaited"
    ACCEPTED = "2xx sent or received, ACK outstanding"
    CONFIRMED = "ACK sent or received"
    ENDING = "BYE wanted or sent, not yet answered"
    TERMINATED = "over"
