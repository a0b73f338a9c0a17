"""Tables: who is offered the next caller."""

from __future__ import annotations

import pytest

from softswitch.modules.callcenter.agent import (
    Agent,
    AgentState,
    AgentStatus,
    AgentType,
    Tier,
    TierState,
)
from softswitch.modules.callcenter.settings import QueueSettings
from softswitch.modules.callcenter.strategy import Asking, Choice, Seat, choose, nobody_free

NOW = 1000


def seat(name: str, level: int = 1, position: int = 1, **fields: object) -> Seat:
    agent = Agent(name, AgentType.CALLBACK, status=AgentStatus.AVAILABLE)
    tier = Tier("help", name, level=level, position=position)
    for field, value in fields.items():
        setattr(tier if field == "tier_state" else agent, field.removeprefix("tier_"), value)
    if "tier_state" in fields:
        agent.state = AgentState.WAITING
    return Seat(agent, tier)


def names(choice: Choice) -> list[str]:
    return [one.agent.name for one in choice.seats]


def order(seats: list[Seat], **settings: object) -> str:
    """The agents in the order in which they are offered, if each takes what he is offered."""
    left, found = list(seats), ""
    queue = QueueSettings(**settings)  # type: ignore[arg-type]
    while True:
        chosen = choose(queue, left, Asking(NOW), NOW, lambda: 0.5).seats
        if not chosen:
            return found
        found += "".join(one.agent.name for one in chosen)
        for one in chosen:
            left.remove(one)


@pytest.mark.parametrize(
    ("strategy", "seats", "expected"),
    [
        (
            "longest-idle-agent",
            [
                seat("a", 1, 1, last_bridge_end=30),
                seat("b", 1, 2, last_bridge_end=10),
                seat("c", 1, 1, last_bridge_end=10),
                seat("d", 2, 1, last_bridge_end=0),
            ],
            "cbad",
        ),
        (
            "agent-with-least-talk-time",
            [seat("a", 1, 1, talk_time=9), seat("b", 1, 2, talk_time=3), seat("c", 0, 9)],
            "cba",
        ),
        (
            "agent-with-fewest-calls",
            [seat("a", 1, 1, calls_answered=9), seat("b", 1, 2), seat("c", 1, 1)],
            "cba",
        ),
        (
            "sequentially-by-agent-order",
            [
                seat("a", 1, 2),
                seat("b", 1, 1, last_offered_call=8),
                seat("c", 1, 1, last_offered_call=3),
                seat("d", 0, 5),
            ],
            "dcba",
        ),
        ("nonsense", [seat("a", 1, 2), seat("b", 1, 1), seat("c", 2, 0)], "bac"),
        ("Ring-All", [seat("a", 1, 2), seat("b", 1, 1), seat("c", 2, 1)], "bac"),
        ("ring-progressively", [seat("a", 1, 2), seat("b", 1, 1), seat("c", 2, 1)], "bac"),
        ("round-robin", [seat("a", 1, 2), seat("b", 1, 1), seat("c", 2, 1)], "bac"),
    ],
)
def test_agents_are_offered_in_the_order_of_the_strategy(
    strategy: str, seats: list[Seat], expected: str
) -> None:
    assert order(seats, strategy=strategy) == expected


def test_round_robin_goes_on_after_who_was_offered_last() -> None:
    queue = QueueSettings(strategy="round-robin")
    seats = [seat("a", 1, 1), seat("b", 1, 2), seat("c", 1, 3), seat("d", 2, 1)]
    found = ""
    for number in range(1, 9):
        (chosen,) = choose(queue, seats, Asking(NOW), NOW).seats
        # All in the same second: their numbers tell which was the last.
        chosen.agent.last_offered_call, chosen.agent.offers = NOW, number
        found += chosen.agent.name
    assert found == "abcabcab"


def test_round_robin_passes_over_who_is_busy() -> None:
    queue = QueueSettings(strategy="round-robin")
    seats = [seat("a", 1, 1, last_offered_call=5), seat("b", 1, 2), seat("c", 1, 3)]
    seats[1].agent.state = AgentState.IN_A_QUEUE_CALL
    assert names(choose(queue, seats, Asking(NOW), NOW)) == ["c"]


def test_top_down_goes_on_after_whom_this_caller_was_offered_to() -> None:
    queue = QueueSettings(strategy="top-down")
    seats = [seat("a", 1, 1), seat("b", 1, 2), seat("c", 2, 1)]
    asked = []
    last = (0, 0)
    while (choice := choose(queue, seats, Asking(NOW, last), NOW)).exist:
        (chosen,) = choice.seats
        asked.append(chosen.agent.name)
        last = chosen.tier.level, chosen.tier.position
    assert asked == ["a", "b", "c"]
    assert choice == Choice((), exist=False)


def test_random_asks_for_a_number_for_each_agent_of_a_level() -> None:
    queue = QueueSettings(strategy="random")
    seats = [seat("a"), seat("b"), seat("c"), seat("d", 2)]
    numbers = iter((0.9, 0.1, 0.5, 0.0))
    assert names(choose(queue, seats, Asking(NOW), NOW, lambda: next(numbers))) == ["b"]


def test_ring_all_takes_all_who_are_free_at_once_and_the_others_one() -> None:
    seats = [seat("a"), seat("b", state=AgentState.RECEIVING), seat("c")]
    for strategy, expected in (("ring-all", ["a", "c"]), ("ring-progressively", ["a"])):
        queue = QueueSettings(strategy=strategy)
        assert names(choose(queue, seats, Asking(NOW), NOW)) == expected


@pytest.mark.parametrize(
    ("delay", "last", "expected"),
    [(0, None, ["a"]), (0, NOW - 9, []), (0, NOW - 10, ["a"]), (3, NOW - 2, []), (3, 997, ["a"])],
)
def test_ring_progressively_waits_between_two_agents(
    delay: int, last: int | None, expected: list[str]
) -> None:
    queue = QueueSettings(strategy="ring-progressively", ring_progressively_delay=delay)
    choice = choose(queue, [seat("a")], Asking(NOW, last_offered=last), NOW)
    assert names(choice) == expected
    assert choice.exist is (True if expected else None)


@pytest.mark.parametrize(
    ("fields", "free"),
    [
        ({}, True),
        ({"status": AgentStatus.ON_DEMAND}, True),
        ({"status": AgentStatus.LOGGED_OUT}, False),
        ({"status": AgentStatus.ON_BREAK}, False),
        ({"state": AgentState.RECEIVING}, False),
        ({"state": AgentState.IN_A_QUEUE_CALL}, False),
        ({"state": AgentState.IDLE}, False),
        ({"state": AgentState.RESERVED}, False),
        ({"tier_state": TierState.NO_ANSWER}, True),
        ({"tier_state": TierState.OFFERING}, False),
        ({"tier_state": TierState.ACTIVE_INBOUND}, False),
        ({"tier_state": TierState.STANDBY}, False),
        ({"wrap_up_time": 10, "last_bridge_end": NOW - 10}, False),
        ({"wrap_up_time": 10, "last_bridge_end": NOW - 11}, True),
        ({"ready_time": NOW + 1}, False),
        ({"ready_time": NOW}, True),
        ({"external_calls_count": 1}, False),
    ],
)
def test_only_who_is_free_is_offered_somebody(fields: dict[str, object], free: bool) -> None:
    one = seat("a", **fields)
    assert bool(choose(QueueSettings(), [one], Asking(NOW), NOW).seats) is free


def test_external_calls_may_be_passed_over() -> None:
    queue = QueueSettings(skip_agents_with_external_calls=False)
    assert choose(queue, [seat("a", external_calls_count=1)], Asking(NOW), NOW).seats


@pytest.mark.parametrize(
    ("fields", "exist"),
    [
        ({}, True),
        ({"status": AgentStatus.ON_BREAK}, True),
        ({"state": AgentState.RECEIVING}, True),
        ({"status": AgentStatus.LOGGED_OUT}, False),
    ],
)
def test_whoever_is_logged_in_counts_as_an_agent(fields: dict[str, object], exist: bool) -> None:
    assert choose(QueueSettings(), [seat("a", **fields)], Asking(NOW), NOW).exist is exist


@pytest.mark.parametrize(
    ("waited", "rules", "expected"),
    [
        # Not applied: all levels at once.
        (0, {"tier_rules_apply": False}, "zab"),
        # The same wait for all levels.
        (0, {"tier_rule_wait_second": 20}, "za"),
        (20, {"tier_rule_wait_second": 20}, "zab"),
        # Times the level: level 2 after 40 seconds.
        (20, {"tier_rule_wait_second": 20, "tier_rule_wait_multiply_level": True}, "za"),
        (40, {"tier_rule_wait_second": 20, "tier_rule_wait_multiply_level": True}, "zab"),
    ],
)
def test_levels_are_reached_by_waiting(
    waited: int, rules: dict[str, object], expected: str
) -> None:
    seats = [seat("b", 2), seat("a", 1), seat("z", 1)]
    rules = {"tier_rules_apply": True, "strategy": "sequentially-by-agent-order"} | rules
    queue = QueueSettings(**rules)  # type: ignore[arg-type]
    # Everybody but one is busy in turn: who is reached, is reached through the others.
    reached = ""
    for one in ("z", "a", "b"):
        for each in seats:
            free = each.agent.name == one
            each.agent.state = AgentState.WAITING if free else AgentState.IN_A_QUEUE_CALL
        reached += "".join(names(choose(queue, seats, Asking(NOW - waited), NOW)))
    assert reached == expected


@pytest.mark.parametrize(
    ("no_wait", "waited", "expected"), [(True, 0, ["b"]), (False, 0, []), (False, 20, ["b"])]
)
def test_levels_with_nobody_logged_in_are_passed_at_once_where_that_is_asked_for(
    no_wait: bool, waited: int, expected: list[str]
) -> None:
    queue = QueueSettings(
        tier_rules_apply=True, tier_rule_wait_second=20, tier_rule_no_agent_no_wait=no_wait
    )
    seats = [seat("a", 1, status=AgentStatus.LOGGED_OUT), seat("b", 2)]
    assert names(choose(queue, seats, Asking(NOW - waited), NOW)) == expected


def test_while_nobody_is_free_nobody_need_be_asked_for() -> None:
    queue = QueueSettings()
    busy, away = seat("a", state=AgentState.RECEIVING), seat("b", status=AgentStatus.LOGGED_OUT)
    assert nobody_free(queue, [busy, away], NOW) == Choice(exist=True)
    assert nobody_free(queue, [away], NOW) == Choice(exist=False)
    assert nobody_free(queue, [busy, seat("c", 2)], NOW) is None
