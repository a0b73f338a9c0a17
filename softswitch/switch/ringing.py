"""Legs that ring together, until one wins or none is left."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from softswitch.dialplan import arrays
from softswitch.dialplan.arguments import is_true
from softswitch.switch import early_media_tones
from softswitch.switch.causes import HangupCause
from softswitch.switch.confirm import Confirmation, confirm
from softswitch.switch.states import ChannelState

if TYPE_CHECKING:
    from softswitch.switch.outleg import LegPlan
    from softswitch.switch.ringback import Ringback
    from softswitch.switch.session import Session


class Ringing:
    """One group of legs on their way; `run` waits for the winner.

    A leg wins by answering, or by early media where that counts (no
    ``ignore_early_media``), or by ringing where ``return_ring_ready`` asks for it. Where
    ``group_confirm_key`` asks for it, the far end must confirm before its leg wins.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        parent: Session | None,
        options: dict[str, str],
        timeout: float,
        ringback: Ringback,
        *,
        single: bool,
    ) -> None:
        self._loop = loop
        self._parent = parent
        self._options = options
        self._deadline = loop.time() + timeout
        self.legs: list[Session] = []
        """All that were rung, in order."""
        self._timers: list[asyncio.TimerHandle] = []
        self._delayed: dict[Session, float] = {}
        self._plans: dict[Session, LegPlan] = {}
        self._ending = False
        self._changed: asyncio.Future[None] | None = None
        self._ringback = ringback
        self._progressed = False
        self._confirmations: dict[Session, Confirmation] = {}
        self._confirming: set[Session] = set()
        self._confirmed: set[Session] = set()
        self._idle: set[Session] = set()
        """Legs that ring nobody and have no limit: without others they are not worth waiting."""
        self._unlimited = False
        """True once an answer has ended the limit (``group_confirm_cancel_timeout``)."""
        self._cancel_key = parent.get("origination_cancel_key") if parent is not None else None
        self.timed_out = False
        self.cancelled = False
        """True if the caller pressed ``origination_cancel_key``."""
        self.cause: HangupCause | None = None
        """Why the first leg ended, or what forced all of them to end."""
        wish = options.get("ignore_early_media", "").lower()
        self._mixes = is_true(options.get("bridge_early_media"))
        self._early_counts = not (self._mixes or wish in ("consume", "ring_ready") or is_true(wish))
        if self._early_counts and "group_confirm_early_ok" in options:
            self._early_counts = is_true(options["group_confirm_early_ok"])
        self._early_rings = wish != "consume" and (single or wish != "ring_ready")
        self._ring_counts = single and is_true(options.get("return_ring_ready"))

    def add(self, session: Session, plan: LegPlan) -> None:
        """Let a leg take part; it starts with `run`, or after its ``leg_delay_start``."""
        session.watchers.append(self._on)
        session.set("originate_early_media", "true" if self._early_counts else "false")
        self.legs.append(session)
        self._plans[session] = plan
        self._delayed[session] = number(plan.variables, "leg_delay_start")
        confirmation = Confirmation.of(plan.variables, self._options)
        if plan.endpoint.lower() == "pickup":
            if not (number(plan.variables, "leg_timeout") or number(self._options, "leg_timeout")):
                self._idle.add(session)
        elif confirmation is not None:
            self._confirmations[session] = confirmation

    async def run(self, start: Callable[[Session], None]) -> Session | None:
        """Start the legs and wait. The losers are hung up before the winner is returned."""
        progress = number(self._options, "progress_timeout")
        if progress:
            self._at(progress, self._nobody_progressed)
        self._timers.append(self._loop.call_at(self._deadline, self._time_is_up))
        self._ringback.begin()
        for session, delay in list(self._delayed.items()):
            if delay:
                self._at(delay, partial(self._start, start, session))
            else:
                self._start(start, session)
        while True:
            winner = next((leg for leg in self.legs if self._won(leg)), None)
            if winner is not None:
                self._lose_others(winner)
                return winner
            if self._cancel_key and self._cancel_key_pressed():
                self.cancelled = True
                self.hang_up_all(HangupCause.ORIGINATOR_CANCEL)
                return None
            alive = [leg for leg in self.legs if leg.channel.up]
            if not alive or self.timed_out:
                if self.timed_out:
                    self.hang_up_all(HangupCause.NO_ANSWER)
                return None
            if self._idle and len(alive) < len(self.legs) and self._idle.issuperset(alive):
                self.hang_up_all(HangupCause.NO_PICKUP)
                return None
            if all(leg in self._delayed for leg in alive):
                # Every undelayed leg is gone: the next one need not wait any longer.
                self._start(start, min(alive, key=lambda leg: self._delayed[leg]))
                continue
            self._changed = self._loop.create_future()
            if self._cancel_key and self._parent is not None:
                self._parent.digits.arrival().add_done_callback(self._on_key)
            await self._changed

    def hang_up_all(self, cause: HangupCause) -> None:
        """End every leg that is still up."""
        self._ending = True
        for leg in self.legs:
            self._end(leg, cause)

    def close(self) -> None:
        """Stop watching: the timers end."""
        for timer in self._timers:
            timer.cancel()
        for leg in self.legs:
            leg.unwatch(self._on)

    def note_causes(self, parent: Session | None) -> None:
        """Tell the caller's variables why each leg ended."""
        if parent is None:
            return
        for leg in self.legs:
            item = f"{leg.uuid};{leg.channel.hangup_cause.name}"
            known = parent.channel.variables.peek("originate_causes")
            parent.set("originate_causes", arrays.push(known, item))

    def _on(self, session: Session, what: str) -> None:
        if what == "ringing":
            self._note_progress(session)
            self._ringback.rings(session)
        elif what == "early_media":
            early_media_tones.listen(session, self._options)
            self._note_progress(session)
            if self._mixes:
                self._ringback.hear(session)
            elif not self._early_counts and self._early_rings:
                self._ringback.rings(session)
        elif what == "answer":
            self._note_answer(session)
        elif what == "hangup":
            cause = session.channel.hangup_cause
            if session is self.legs[0] and self.cause is None:
                self.cause = cause
            if not self._ending and (
                session.is_true("leg_required") or rejected(self._options, cause)
            ):
                self.cause = cause
                self.hang_up_all(cause)
        self._wake()

    def _note_progress(self, session: Session) -> None:
        self._progressed = True
        if self._parent is not None:
            ours, called = self._parent.channel.profile.times, session.channel.profile.times
            ours.progress = ours.progress or called.progress
            ours.progress_media = ours.progress_media or called.progress_media

    def _won(self, leg: Session) -> bool:
        channel = leg.channel
        if not channel.up:
            return False
        if channel.answered or (channel.early_media and (self._early_counts or leg.early_ok)):
            return leg not in self._confirmations or self._has_confirmed(leg)
        return channel.ringing and self._ring_counts

    def _has_confirmed(self, leg: Session) -> bool:
        """True once the far end has confirmed; asks it to the first time."""
        if leg not in self._confirming:
            self._confirming.add(leg)
            wanted = self._confirmations[leg]

            async def ask(session: Session) -> None:
                if await confirm(session, wanted):
                    self._confirmed.add(session)
                    self._wake()

            leg.parked = ask
            leg.move(ChannelState.CS_SOFT_EXECUTE)
        return leg in self._confirmed

    def _note_answer(self, leg: Session) -> None:
        """An answered leg that is still to confirm has its own time for that."""
        wanted = self._confirmations.get(leg)
        if wanted is None:
            return
        if wanted.ends_timeouts:
            self._unlimited = True
        if wanted.timeout:
            give_up = partial(self._give_up, leg, HangupCause.ALLOTTED_TIMEOUT, confirming=True)
            self._at(wanted.timeout, give_up)

    def _cancel_key_pressed(self) -> bool:
        assert self._parent is not None
        while (digit := self._parent.digits.take()) is not None:
            if digit.digit == self._cancel_key:
                return True
        return False

    def _on_key(self, _: asyncio.Future[None]) -> None:
        self._wake()

    def _start(self, start: Callable[[Session], None], session: Session) -> None:
        if self._delayed.pop(session, None) is None or not session.channel.up:
            return
        start(session)
        # A leg's own times count from its own start.
        own = self._plans[session].variables
        timeout = number(own, "leg_timeout") or number(self._options, "leg_timeout")
        if timeout:
            self._at(timeout, partial(self._give_up, session, HangupCause.ALLOTTED_TIMEOUT))
        name = "leg_progress_timeout"
        progress = number(own, name) or number(self._options, name)
        if progress:
            self._at(progress, partial(self._no_progress, session))

    def _at(self, delay: float, action: Callable[[], None]) -> None:
        self._timers.append(self._loop.call_later(delay, action))

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    def _time_is_up(self) -> None:
        if not self._unlimited:
            self.timed_out = True
            self._wake()

    def _give_up(self, session: Session, cause: HangupCause, *, confirming: bool = False) -> None:
        """A leg's time is over; answered, it counts only while the far end must confirm, and has
        no time of its own for that.
        """
        if session.channel.answered and not confirming:
            wanted = self._confirmations.get(session)
            if wanted is None or wanted.ends_timeouts or wanted.timeout:
                return
        self._end(session, cause)

    def _no_progress(self, session: Session) -> None:
        if not (session.channel.ringing or session.channel.early_media):
            self._give_up(session, HangupCause.PROGRESS_TIMEOUT)

    def _nobody_progressed(self) -> None:
        if not self._progressed:
            self.cause = HangupCause.PROGRESS_TIMEOUT
            self.hang_up_all(HangupCause.PROGRESS_TIMEOUT)

    def _lose_others(self, winner: Session) -> None:
        self._ending = True
        for leg in self.legs:
            if leg in self._confirmations:
                leg.set("group_dial_status", "winner" if leg is winner else "loser")
            if leg is not winner:
                self._end(leg, HangupCause.LOSE_RACE)

    def _end(self, leg: Session, cause: HangupCause) -> None:
        if leg.channel.up:
            leg.hangup(cause)
        if leg in self._delayed:
            # It never started: give it its task so that it walks its last states.
            del self._delayed[leg]
            leg.start()


def number(variables: dict[str, str], name: str) -> float:
    """A variable as a number of seconds or pieces; 0.0 where it is none."""
    text = variables.get(name)
    if not text:
        return 0.0
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if value > 0 and math.isfinite(value) else 0.0


def rejected(options: dict[str, str], cause: HangupCause) -> bool:
    """True if ``fail_on_single_reject`` lets one leg that ends so end everything.

    It is true, a list of causes, or a list negated by ``!``; ``hangup_on_single_reject`` alone
    counts as true.
    """
    wish = options.get("fail_on_single_reject", "")
    if not wish:
        return is_true(options.get("hangup_on_single_reject"))
    if is_true(wish):
        return True
    if wish.startswith("!"):
        return cause.name not in wish.upper()
    return cause.name in wish.upper()
