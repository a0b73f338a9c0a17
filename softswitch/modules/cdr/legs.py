"""Which legs of calls are recorded."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from softswitch.switch.reporting import called_somebody, was_called

if TYPE_CHECKING:
    from softswitch.switch.channel import Channel


class Legs(Enum):
    """The setting ``legs``: callers, those they called, or both."""

    A = "a"
    B = "b"
    BOTH = "ab"

    def may_be_wanted(self, channel: Channel) -> bool:
        """Whether a call that begins could get a record."""
        return self is not Legs.A or not was_called(channel)

    def wanted(self, channel: Channel) -> bool:
        """Whether a call that has ended gets a record."""
        if self is Legs.A:
            return not was_called(channel)
        return self is Legs.BOTH or not called_somebody(channel)
