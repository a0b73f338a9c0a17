"""``callcenter_config`` as a command of ``json``: lists for web pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from softswitch.modules.callcenter.application import MODULE, center_of
from softswitch.modules.callcenter.listing import (
    AGENT_COLUMNS,
    SCORED_COLUMNS,
    TIER_COLUMNS,
    agent_row,
    objects,
    queue_object,
    scored_row,
    tier_row,
)
from softswitch.registry import json_command
from softswitch.switch.commands import CommandCall, JsonRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from softswitch.modules.callcenter.center import Center
    from softswitch.modules.callcenter.member import Member

Objects = list[dict[str, Any]]


@json_command("callcenter_config", module=MODULE.name)
async def callcenter_config(call: CommandCall, data: dict[str, Any]) -> Objects:
    """``arguments`` are ``agent list``, ``queue list``, ``member list`` or ``tier list``, or with a
    ``queue_name`` ``queue list agents``, ``queue list members`` or ``queue list tiers``."""
    center, arguments, name = center_of(call.switch), data.get("arguments"), data.get("queue_name")
    what = arguments.lower() if isinstance(arguments, str) else ""
    match what:
        case "agent list":
            return objects(AGENT_COLUMNS, map(agent_row, center.agents.values()))
        case "queue list":
            return [queue_object(queue) for queue in center.queues.values()]
        case "member list":
            return _members(center, center.by_score(center.members.values()))
        case "tier list":
            return objects(TIER_COLUMNS, map(tier_row, center.tiers_in_order()))
        case "queue list agents" | "queue list members" | "queue list tiers":
            if not isinstance(name, str) or not name:
                raise JsonRefused({"error": "Missing data attribute: queue_name"})
            return _of_queue(center, what.rpartition(" ")[2], name)
        case _:
            raise JsonRefused(None)


def _of_queue(center: Center, what: str, name: str) -> Objects:
    if what == "agents":
        return objects(AGENT_COLUMNS, (agent_row(seat.agent) for seat in center.seats(name)))
    if what == "tiers":
        return objects(TIER_COLUMNS, map(tier_row, center.tiers.get(name, {}).values()))
    return _members(center, center.members_of(name))


def _members(center: Center, members: Iterable[Member]) -> Objects:
    now = center.now()
    return objects(SCORED_COLUMNS, (scored_row(member, now) for member in members))
