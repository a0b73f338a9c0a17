"""Whether a further session may begin: pauses, limits, the load of the machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sized

from softswitch.config.settings import SwitchSettings
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.counters import SessionCounters
from softswitch.switch.pulse import idle_percent


class Admission:
    """What ``fsctl`` pauses and limits. It begins as ``switch.conf`` has it."""

    def __init__(
        self,
        settings: SwitchSettings,
        sessions: Sized,
        counters: SessionCounters,
        stop_requested: asyncio.Event,
        clock: Callable[[], float],
    ) -> None:
        self.paused_inbound = False
        self.paused_outbound = False
        self.max_sessions = settings.max_sessions
        self.sessions_per_second = settings.sessions_per_second
        self.min_idle_cpu = settings.min_idle_cpu
        """Percent; a busier machine takes no new calls."""
        self._sessions = sessions
        self._counters = counters
        self._stop_requested = stop_requested
        self._clock = clock

    @property
    def paused(self) -> bool:
        """Whether no call is taken or made."""
        return self.paused_inbound and self.paused_outbound

    def pause(self, paused: bool) -> None:
        """Take and make no calls, or do again."""
        self.paused_inbound = self.paused_outbound = paused

    @property
    def full(self) -> bool:
        """Whether as many sessions are up as may be."""
        return len(self._sessions) >= self.max_sessions

    def check_inbound(self) -> None:
        """Raise `CallFailed` where a new call from outside must be refused."""
        if self.paused_inbound or self._stop_requested.is_set():
            raise _refused("the switch takes no new calls")
        self._check_limits()

    def check_outbound(self) -> None:
        """Raise `CallFailed` where no further leg may be made."""
        if self.paused_outbound or self._stop_requested.is_set():
            raise _refused("the switch makes no new calls")
        self._check_limits()

    def _check_limits(self) -> None:
        if self.full:
            raise _refused(f"max-sessions is {self.max_sessions}")
        if self.min_idle_cpu and idle_percent() < self.min_idle_cpu:
            raise _refused(f"min-idle-cpu is {self.min_idle_cpu}")
        self._counters.turn(self._clock(), len(self._sessions))
        if self._counters.this_second >= self.sessions_per_second:
            raise _refused(f"sessions-per-second is {self.sessions_per_second}")


def _refused(text: str) -> CallFailed:
    return CallFailed(HangupCause.SWITCH_CONGESTION, text)
