"""Agents, tiers, members and queues as rows: for lists, for JSON and for the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.modules.callcenter.agent import Agent, Tier
    from softswitch.modules.callcenter.member import Member
    from softswitch.modules.callcenter.queue import Queue

Row = tuple[str | int, ...]

INSTANCE = "single_box"
"""``instance_id`` of all agents, as in FreeSWITCH."""
AGENT_COLUMNS = (
    "name", "instance_id", "uuid", "type", "contact", "status", "state", "max_no_answer",
    "wrap_up_time", "reject_delay_time", "busy_delay_time", "no_answer_delay_time",
    "last_bridge_start", "last_bridge_end", "last_offered_call", "last_status_change",
    "no_answer_count", "calls_answered", "talk_time", "ready_time", "external_calls_count",
)  # fmt: skip
TIER_COLUMNS = ("queue", "agent", "state", "level", "position")
MEMBER_COLUMNS = (
    "queue", "instance_id", "uuid", "session_uuid", "cid_number", "cid_name", "system_epoch",
    "joined_epoch", "rejoined_epoch", "bridge_epoch", "abandoned_epoch", "base_score",
    "skill_score", "serving_agent", "serving_system", "state",
)  # fmt: skip
SCORED_COLUMNS = (*MEMBER_COLUMNS, "score")
QUEUE_COLUMNS = (
    "name", "strategy", "moh_sound", "time_base_score", "tier_rules_apply",
    "tier_rule_wait_second", "tier_rule_wait_multiply_level", "tier_rule_no_agent_no_wait",
    "discard_abandoned_after", "abandoned_resume_allowed", "max_wait_time",
    "max_wait_time_with_no_agent", "max_wait_time_with_no_agent_time_reached",
    "record_template", "calls_answered", "calls_abandoned", "ring_progressively_delay",
    "skip_agents_with_external_calls", "agent_no_answer_status",
)  # fmt: skip
_NOT_IN_JSON = ("calls_answered", "calls_abandoned", "ring_progressively_delay")


def agent_row(agent: Agent) -> Row:
    """In the order of ``AGENT_COLUMNS``."""
    words = (agent.name, INSTANCE, agent.uuid, agent.type.value, agent.contact)
    numbers = (getattr(agent, column) for column in AGENT_COLUMNS[7:])
    return (*words, agent.status.value, agent.state.value, *numbers)


def tier_row(tier: Tier) -> Row:
    """In the order of ``TIER_COLUMNS``."""
    return tier.queue, tier.agent, tier.state.value, tier.level, tier.position


def member_row(member: Member) -> Row:
    """In the order of ``MEMBER_COLUMNS``."""
    session = member.session.uuid if member.session is not None else ""
    words = (member.queue.name, member.instance_id, member.uuid, session)
    numbers = (getattr(member, column) for column in MEMBER_COLUMNS[6:13])
    served = (member.serving_agent, member.serving_system, member.state.value)
    return (*words, member.cid_number, member.cid_name, *numbers, *served)


def scored_row(member: Member, now: int) -> Row:
    """In the order of ``SCORED_COLUMNS``."""
    return (*member_row(member), member.score(now))


def queue_row(queue: Queue) -> Row:
    """In the order of ``QUEUE_COLUMNS``."""
    counted = {"name", "calls_answered", "calls_abandoned"}
    values = (getattr(queue if c in counted else queue.settings, c) for c in QUEUE_COLUMNS)
    return tuple(str(v).lower() if isinstance(v, bool) else v for v in values)


def table(columns: Sequence[str], rows: Sequence[Row], *, bare: bool = False) -> str:
    """Lines of words with ``|`` between, and ``+OK``; without any rows, no heading but if
    ``bare``."""
    lines = [columns, *rows] if rows or bare else []
    return "".join("|".join(map(str, line)) + "\n" for line in lines) + "+OK\n"


def queue_object(queue: Queue) -> dict[str, str | int]:
    """A queue for JSON: what is set, numbers as such."""
    row = dict(zip(QUEUE_COLUMNS, queue_row(queue), strict=True))
    return {name: value for name, value in row.items() if name not in _NOT_IN_JSON}


def objects(columns: Sequence[str], rows: Iterable[Row]) -> list[dict[str, str]]:
    """The rows for JSON, all values as texts."""
    return [dict(zip(columns, map(str, row), strict=True)) for row in rows]
