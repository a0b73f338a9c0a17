"""What the caller's variables ask of a bridge: applications, commands, keys and time limits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.switch import hooks
from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.switch.session import Session

_NAMES = """api_before_bridge api_after_bridge bridge_pre_execute_aleg_app
    bridge_pre_execute_aleg_data bridge_pre_execute_bleg_app bridge_pre_execute_bleg_data
    bridge_answer_timeout continue_on_answer_timeout""".split()
_KEY = "bridge_terminate_key"
_FIRST = {"app": "bridge_pre_execute_app", "data": "bridge_pre_execute_data"}


class BridgeWishes:
    """The wishes of one bridge; a bridge without any costs a few look-ups."""

    def __init__(self, a: Session, b: Session) -> None:
        self._a, self._b = a, b
        self._wishes = a.channel.variables.pick(_NAMES)
        self._timer: asyncio.TimerHandle | None = None
        self.given_up = False
        """True once nobody answered in time and the caller shall go on with its dialplan."""

    async def before(self) -> None:
        """The legs are about to meet."""
        if "api_before_bridge" in self._wishes:
            await hooks.command(self._a, self._wishes["api_before_bridge"])

    def prepare(self, ended: asyncio.Future[None]) -> None:
        """Watch for what ends the bridge early, and let ``b`` begin with its application."""
        for leg in (self._a, self._b):
            key = leg.channel.variables.peek(_KEY)
            if key:
                leg.bridge_keys[key[0]] = lambda: _finish(ended)
        if self._first(self._b):
            self._b.parked = _execute_first
        wishes = self._wishes
        if not wishes:
            return
        seconds = wishes.get("bridge_answer_timeout", "")
        if seconds.isdigit() and int(seconds) and not self._a.channel.answered:
            loop = self._a.switch.loop
            self._timer = loop.call_later(int(seconds), self._nobody_answered, ended)

    async def begin(self) -> None:
        """Run the caller's own application before it talks."""
        if self._first(self._a):
            await _execute_first(self._a)

    def _first(self, leg: Session) -> bool:
        """Whether a leg begins with an application; the caller may have one for each of them.

        As in FreeSWITCH each leg is told by ``bridge_pre_execute_app`` of its own.
        """
        role = "aleg" if leg is self._a else "bleg"
        for what, name in _FIRST.items():
            value = self._wishes.get(f"bridge_pre_execute_{role}_{what}")
            if value:
                leg.set(name, value)
            elif what == "app" and not leg.channel.variables.peek(name):
                return False
        return True

    def end(self) -> None:
        """The legs part: stop watching."""
        if self._timer is not None:
            self._timer.cancel()
        for leg in (self._a, self._b):
            if leg.bridge_keys:
                leg.bridge_keys.clear()

    async def after(self) -> None:
        """The legs have parted."""
        if "api_after_bridge" in self._wishes:
            await hooks.command(self._a, self._wishes["api_after_bridge"])

    def _nobody_answered(self, ended: asyncio.Future[None]) -> None:
        if self._a.channel.answered:
            return
        if is_true(self._wishes.get("continue_on_answer_timeout")):
            self.given_up = True
            _finish(ended)
        else:
            self._a.hangup(HangupCause.ALLOTTED_TIMEOUT)


async def _execute_first(leg: Session) -> None:
    await leg.execute(leg.get(_FIRST["app"]) or "", leg.get(_FIRST["data"]) or "")


def _finish(ended: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)
