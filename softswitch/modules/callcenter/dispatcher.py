"""Looks who waits, in the order of their scores, and who may be offered to whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.modules.callcenter.agent import AgentState, TierState
from softswitch.modules.callcenter.member import CancelReason, Member, MemberState
from softswitch.modules.callcenter.strategy import TOGETHER, Asking, Seat, choose, nobody_free
from softswitch.switch import displace
from softswitch.switch.displace import DisplaceWishes

if TYPE_CHECKING:
    from softswitch.modules.callcenter.center import Center
    from softswitch.switch.session import Session

SOON = 0.1
"""Seconds from a change until somebody looks: an agent whose calls fail at once must not keep the
switch busy."""
PERIOD = 0.5
"""Seconds between two looks while nothing changes: rests end, callers lose their patience."""
POSITION, LEVEL = "cc_last_agent_tier_position", "cc_last_agent_tier_level"
LAST_ORIGINATED = "cc_last_originated_call"


class Dispatcher:
    """Offers members to agents while there are any."""

    def __init__(self, center: Center, offer: Callable[[Member, Seat], None]) -> None:
        """``offer`` begins to offer a member to an agent."""
        self._center = center
        self._offer = offer
        self._offers = 0
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False
        center.wake = self.wake

    def __repr__(self) -> str:
        return f"<Dispatcher {'waits' if self._timer is None else 'looks'}>"

    def stop(self) -> None:
        """Offer nobody any more."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def wake(self) -> None:
        """Something changed: look soon, if anybody waits."""
        self._schedule(SOON)

    def _schedule(self, seconds: float) -> None:
        loop = self._center.switch.loop
        when = loop.time() + seconds
        if self._stopped or not self._center.members:
            return
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = loop.call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        self._schedule(PERIOD)
        center = self._center
        now = center.now()
        # By queue: who joined then or later need not be asked for, the answer is known.
        hopeless: dict[str, int] = {}
        for member in center.by_score(center.members.values()):
            if member.state is MemberState.ABANDONED:
                self._discard(member, now)
            elif member.state is not MemberState.ANSWERED and self._stays(member, now):
                self._follow_strategy(member)
                if member.withdrawals:
                    member.queue.note_agents(now, exist=True)
                together = member.serving_agent in TOGETHER
                name = member.queue.name
                waits = member.state is MemberState.WAITING or together
                if waits and member.joined_epoch < hopeless.get(name, now + 1):
                    self._dispatch(member, now, hopeless)

    def _discard(self, member: Member, now: int) -> None:
        """Forget who abandoned his queue long ago."""
        since = member.abandoned_epoch or member.joined_epoch
        if since + member.queue.settings.discard_abandoned_after < now:
            self._center.forget_member(member)

    def _stays(self, member: Member, now: int) -> bool:
        """Whether a member goes on waiting; tell him if not, and play what is due."""
        session, queue = member.session, member.queue
        if session is None or not session.ready or session.is_true("cc_agent_found"):
            return False
        reason = queue.patience(member.entered_at, now, connecting=bool(member.withdrawals))
        if reason is not CancelReason.NONE:
            member.leave(reason)
            return False
        sound, every = queue.settings.announce_sound, queue.settings.announce_frequency
        if sound and every and now - member.announced_at >= every:
            member.announced_at = now
            session.spawn(_announce(session, sound), "announcement")
        return True

    @staticmethod
    def _follow_strategy(member: Member) -> None:
        """A queue may have another strategy than when the member came."""
        strategy = member.queue.settings.strategy.lower()
        if strategy in TOGETHER:
            if member.serving_agent in ("", *TOGETHER):
                member.serving_agent, member.state = strategy, MemberState.TRYING
        elif member.serving_agent in TOGETHER:
            member.serving_agent, member.state = "", MemberState.WAITING

    def _dispatch(self, member: Member, now: int, hopeless: dict[str, int]) -> None:
        """Offer a member to whom the strategy says."""
        center, queue, session = self._center, member.queue, member.session
        assert session is not None
        seats = center.seats(queue.name)
        nobody = nobody_free(queue.settings, seats, now)
        if nobody is not None:
            queue.note_agents(now, exist=bool(nobody.exist))
            hopeless[queue.name] = 0
            return
        strategy = queue.settings.strategy.lower()
        offered = session.get(LAST_ORIGINATED)
        seat_before = _number(session, LEVEL), _number(session, POSITION)
        last = int(offered) if offered and offered.isdecimal() and len(offered) < 12 else None
        choice = choose(queue.settings, seats, Asking(member.joined_epoch, seat_before, last), now)
        if choice.exist is not None:
            queue.note_agents(now, exist=choice.exist)
            if not choice.exist and strategy == "top-down":
                session.set(POSITION, "")
                session.set(LEVEL, "")
        if choice.seats:
            hopeless.pop(queue.name, None)
        elif choice.exist is not None and strategy != "top-down":
            # Who waits no longer than somebody reaches no higher level of agents.
            hopeless[queue.name] = member.joined_epoch
        for seat in choice.seats:
            if strategy not in TOGETHER:
                member.serving_agent, member.serving_system = seat.agent.name, "single_box"
                member.state = MemberState.TRYING
            if strategy == "ring-progressively":
                session.set(LAST_ORIGINATED, str(now))
            if strategy == "top-down":
                session.set(POSITION, str(seat.tier.position))
                session.set(LEVEL, str(seat.tier.level))
            self._offers += 1
            seat.agent.offers = self._offers
            if center.settings.reserve_agents:
                center.set_state(seat.agent, AgentState.RESERVED)
            center.set_state(seat.agent, AgentState.RECEIVING)
            center.set_tier_states(
                seat.agent.name, queue.name, TierState.OFFERING, TierState.STANDBY
            )
            center.keep_member(member)
            self._offer(member, seat)


async def _announce(session: Session, sound: str) -> None:
    sound = await session.expand(sound)
    displace.stop(session, sound)
    await displace.start(session, sound, DisplaceWishes())


def _number(session: Session, name: str) -> int:
    text = session.get(name) or ""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
