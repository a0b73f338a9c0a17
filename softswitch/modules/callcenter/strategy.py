"""Who is offered the next caller: strategies, tiers and their rules. No I/O, no clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.modules.callcenter.agent import Agent, AgentState, AgentStatus, Tier, TierState

if TYPE_CHECKING:
    from softswitch.modules.callcenter.settings import QueueSettings

STRATEGIES = (
    "longest-idle-agent",
    "agent-with-least-talk-time",
    "agent-with-fewest-calls",
    "round-robin",
    "top-down",
    "sequentially-by-agent-order",
    "random",
    "ring-all",
    "ring-progressively",
)
TOGETHER = ("ring-all", "ring-progressively")
"""Strategies that ring several agents for one caller."""
PROGRESSIVE_DELAY = 10
"""Seconds until one agent more is rung, where ``ring-progressively-delay`` is 0."""


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent in a queue."""

    agent: Agent
    tier: Tier


@dataclass(frozen=True, slots=True)
class Asking:
    """For whom an agent is looked for. Times are seconds since 1970."""

    joined: int
    last_seat: tuple[int, int] = (0, 0)
    """Level and position of the agent he was offered to last; for ``top-down``."""
    last_offered: int | None = None
    """When that was; for ``ring-progressively``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to offer a caller to."""

    seats: tuple[Seat, ...] = ()
    exist: bool | None = None
    """Whether an agent is logged in who could come next; None where nobody was looked for."""


def choose(
    settings: QueueSettings,
    seats: Sequence[Seat],
    asking: Asking,
    now: int,
    chance: Callable[[], float] = random.random,
) -> Choice:
    """Whom to offer a caller to, of all ``seats`` of his queue in the order they were made."""
    strategy = settings.strategy.lower()
    if strategy == "ring-progressively" and asking.last_offered is not None:
        delay = settings.ring_progressively_delay or PROGRESSIVE_DELAY
        if now < asking.last_offered + delay:
            return Choice()
    logged_in = [seat for seat in seats if seat.agent.status is not AgentStatus.LOGGED_OUT]
    ordered = _ordered(strategy, logged_in, asking, chance)
    chosen: list[Seat] = []
    for seat in _allowed(settings, ordered, asking.joined, now):
        if _free(settings, seat, now):
            chosen.append(seat)
            if strategy != "ring-all":
                break
    return Choice(tuple(chosen), bool(ordered))


def nobody_free(settings: QueueSettings, seats: Sequence[Seat], now: int) -> Choice | None:
    """What `choose` says to each member while no agent at all is free; else None.

    Spares asking for each of many. Who is offered top-down begins anew a little later for it.
    """
    logged_in = [seat for seat in seats if seat.agent.status is not AgentStatus.LOGGED_OUT]
    if any(_free(settings, seat, now) for seat in logged_in):
        return None
    return Choice(exist=bool(logged_in))


def _ordered(
    strategy: str, seats: list[Seat], asking: Asking, chance: Callable[[], float]
) -> list[Seat]:
    def key(of: Callable[[Seat], tuple[float, ...]]) -> list[Seat]:
        return sorted(seats, key=lambda seat: (seat.tier.level, *of(seat)))

    match strategy:
        case "longest-idle-agent":
            return key(lambda seat: (seat.agent.last_bridge_end, seat.tier.position))
        case "agent-with-least-talk-time":
            return key(lambda seat: (seat.agent.talk_time, seat.tier.position))
        case "agent-with-fewest-calls":
            return key(lambda seat: (seat.agent.calls_answered, seat.tier.position))
        case "ring-all" | "ring-progressively":
            return key(lambda seat: (seat.tier.position,))
        case "random":
            return key(lambda seat: (chance(),))
    ordered = key(lambda seat: (seat.tier.position, seat.agent.last_offered_call))
    match strategy:
        case "round-robin":
            return _after_last_offered(ordered)
        case "top-down":
            level, position = asking.last_seat
            rest = [s for s in ordered if s.tier.level == level and s.tier.position > position]
            return rest + [seat for seat in ordered if seat.tier.level > level]
        case _:  # sequentially-by-agent-order, and every word that is not known
            return ordered


def _after_last_offered(ordered: list[Seat]) -> list[Seat]:
    """Those who follow the agent called last in his level, then all from the start."""
    offered = [seat for seat in ordered if seat.agent.last_offered_call]
    if not offered:
        return ordered
    last = max(offered, key=lambda seat: (seat.agent.last_offered_call, seat.agent.offers)).tier
    following = [
        seat
        for seat in ordered
        if seat.tier.level == last.level and seat.tier.position > last.position
    ]
    return following + [seat for seat in ordered if seat not in following]


def _allowed(settings: QueueSettings, ordered: list[Seat], joined: int, now: int) -> list[Seat]:
    """Those whose levels a caller has waited for long enough.

    Level 0 is free of rules. Every other level is only reached at once where nobody stands before
    it and ``tier-rule-no-agent-no-wait`` says so; that holds for the first one too.
    """
    if not settings.tier_rules_apply:
        return ordered
    allowed: list[Seat] = []
    reached = seen = 0
    for seat in ordered:
        level = seat.tier.level
        if level > reached:
            wait = settings.tier_rule_wait_second
            if settings.tier_rule_wait_multiply_level:
                wait *= level
            if settings.tier_rule_no_agent_no_wait and not seen:
                reached = level
            elif now - joined >= wait:
                reached, seen = level, 0
            else:
                break
        seen += 1
        allowed.append(seat)
    return allowed


def _free(settings: QueueSettings, seat: Seat, now: int) -> bool:
    """Whether an agent may be called now."""
    agent = seat.agent
    return (
        seat.tier.state in (TierState.NO_ANSWER, TierState.READY)
        and agent.state is AgentState.WAITING
        and agent.last_bridge_end < now - agent.wrap_up_time
        and agent.ready_time <= now
        and agent.status is not AgentStatus.ON_BREAK
        and not (settings.skip_agents_with_external_calls and agent.external_calls_count > 0)
    )
