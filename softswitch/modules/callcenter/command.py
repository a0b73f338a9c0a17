"""The commands ``callcenter_config`` and ``callcenter_break``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.modules.callcenter import events
from softswitch.modules.callcenter.agent import AgentState, AgentStatus, AgentType, TierState
from softswitch.modules.callcenter.application import MODULE, center_of
from softswitch.modules.callcenter.center import Center, Refused
from softswitch.modules.callcenter.listing import (
    AGENT_COLUMNS,
    QUEUE_COLUMNS,
    SCORED_COLUMNS,
    TIER_COLUMNS,
    agent_row,
    queue_row,
    scored_row,
    table,
    tier_row,
)
from softswitch.registry import command

if TYPE_CHECKING:
    from softswitch.modules.callcenter.agent import Agent
    from softswitch.modules.callcenter.member import Member
    from softswitch.switch.commands import CommandCall

SYNTAX = (
    "agent add <name> <type> | agent del|reload <name> | agent set <key> <name> <value>"
    " | agent get status|state|uuid <name> | agent list [<name>]"
    " | tier add <queue> <agent> [<level>] [<position>] | tier set state|level|position <queue>"
    " <agent> <value> | tier del <queue> <agent> | tier reload <queue>|all [<agent>] | tier list"
    " | queue load|unload|reload <queue> | queue list|count [agents <queue> [<status> [<state>]]"
    " | members [<queue>] | tiers <queue>]"
)
BREAK_SYNTAX = "agent <uuid>"
NUMBERS = (
    "ready_time", "busy_delay_time", "reject_delay_time", "no_answer_delay_time", "max_no_answer",
    "wrap_up_time",
)  # fmt: skip
"""Keys of ``agent set`` that take a number."""


@command("callcenter_config", syntax=SYNTAX, module=MODULE.name)
async def callcenter_config(call: CommandCall, arguments: str) -> str:
    """Add, change, list and count agents, tiers, queues and members.

    Keys of ``agent set`` are ``status``, ``state``, ``contact``, ``type``, ``uuid``,
    ``ready_time``, ``max_no_answer``, ``wrap_up_time``, ``busy_delay_time``,
    ``reject_delay_time``, ``no_answer_delay_time`` and ``state_if_waiting``.
    """
    center = center_of(call.switch)
    if not arguments.strip():
        return f"-USAGE: \n{SYNTAX}\n"
    words = split(arguments.strip(), " ", 8)
    section, action = [*words, ""][:2]
    run = _SECTIONS.get(section.lower())
    try:
        if run is None:
            raise Refused("Invalid!")
        return await run(center, action.lower(), words[2:])
    except Refused as refused:
        return f"-ERR {refused}\n"


async def _agent(center: Center, action: str, words: list[str]) -> str:
    match action, words:
        case "add", [name, kind, *_]:
            center.add_agent(name, kind)
        case "del", [name, *_]:
            center.delete_agent(name)
        case "reload", [name, *_]:
            center.load_agents(await center.file(), name)
        case "set", [key, name, value, *_]:
            _set_agent(center, _known(center, name), key.lower(), value)
        case "get", [key, name, *_]:
            return _get_agent(center, _known(center, name), key.lower())
        case "list", []:
            return table(AGENT_COLUMNS, [agent_row(agent) for agent in center.agents.values()])
        case "list", [name]:
            found = center.agents.get(name)
            return table(AGENT_COLUMNS, [agent_row(found)] if found else [])
        case _:
            raise Refused("Invalid!")
    return "+OK\n"


def _known(center: Center, name: str) -> Agent:
    agent = center.agents.get(name)
    if agent is None:
        raise Refused("Agent not found!")
    return agent


def _set_agent(center: Center, agent: Agent, key: str, value: str) -> None:
    if key in NUMBERS:
        setattr(agent, key, _number(value))
        center.keep_agent(agent)
        center.wake()
    elif key == "status":
        status = AgentStatus.of(value)
        if status is None:
            raise Refused("Invalid Agent Status!")
        center.set_status(agent, status)
    elif key in ("state", "state_if_waiting"):
        state = AgentState.of(value)
        if state is None:
            raise Refused("Invalid Agent State!")
        available = agent.status in (AgentStatus.AVAILABLE, AgentStatus.ON_DEMAND)
        if key != "state" and not (agent.state is AgentState.WAITING and available):
            raise Refused("Agent not found!")
        center.set_state(agent, state)
    elif key == "contact":
        center.set_contact(agent, value)
    elif key == "uuid":
        agent.uuid = value
        center.keep_agent(agent)
    elif key == "type":
        kind = AgentType.of(value)
        if kind is None:
            raise Refused("Invalid Agent Type!")
        agent.type = kind
        center.keep_agent(agent)
    else:
        raise Refused("Invalid Agent Update KEY!")


def _get_agent(center: Center, agent: Agent, key: str) -> str:
    values = {"status": agent.status.value, "state": agent.state.value, "uuid": agent.uuid}
    if key not in values:
        raise Refused("Invalid Agent Update KEY!")
    header = "CC-Agent-UUID" if key == "uuid" else f"CC-Agent-{key.capitalize()}"
    told = {"CC-Agent": agent.name, "CC-Action": f"agent-{key}-get", header: values[key]}
    events.tell(center.switch, None, told)
    return values[key]


async def _tier(center: Center, action: str, words: list[str]) -> str:
    match action, words:
        case "add", [queue, agent, *numbers]:
            level, position = [*map(_number, numbers[:2]), 1, 1][:2]
            await center.add_tier(queue, agent, level, position)
        case "set", [key, queue, agent, value, *_]:
            await _set_tier(center, key.lower(), queue, agent, value)
        case "del", [queue, agent, *_]:
            center.delete_tier(queue, agent)
        case "reload", [queue, *agents]:
            file = await center.file()
            chosen = None if queue.lower() == "all" else queue
            one = agents[0] if agents and chosen else None
            if not center.load_tiers(file, chosen, one):
                raise Refused("Unknown Error!")
        case "list", _:
            return table(TIER_COLUMNS, [tier_row(tier) for tier in center.tiers_in_order()])
        case _:
            raise Refused("Invalid!")
    return "+OK\n"


async def _set_tier(center: Center, key: str, queue: str, agent: str, value: str) -> None:
    tier = center.tiers.get(queue, {}).get(agent)
    if tier is None:
        raise Refused("Tier not found!")
    if await center.queue(queue) is None:
        raise Refused("Queue not found!")
    if key == "state":
        state = TierState.of(value)
        if state is None:
            raise Refused("Invalid Tier State!")
        tier.state = state
    elif key == "level":
        tier.level = _number(value)
    elif key == "position":
        tier.position = _number(value)
    else:
        raise Refused("Invalid Tier Update KEY!")
    center.keep_tier(tier)


async def _queue(center: Center, action: str, words: list[str]) -> str:
    match action, words:
        case "load" | "reload", [name, *_]:
            file = await center.file(name)
            if not center.load_queue(name, file):
                raise Refused("Invalid Queue not found!")
            center.load_agents(file)
            center.load_tiers(file)
        case "unload", [name, *_]:
            center.queues.pop(name, None)
        case "list", []:
            rows = [queue_row(queue) for queue in center.queues.values()]
            return table(QUEUE_COLUMNS, rows, bare=True)
        case "count", []:
            return f"{len(center.queues)}\n"
        case "list" | "count", [what, *chosen]:
            columns, rows = _rows(center, what.lower(), chosen)
            return f"{len(rows)}\n" if action == "count" else table(columns, rows)
        case _:
            raise Refused("Invalid!")
    return "+OK\n"


def _rows(
    center: Center, what: str, chosen: list[str]
) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
    name, status, state = [*chosen, "", "", ""][:3]
    if what == "agents":
        agents = [
            seat.agent
            for seat in center.seats(name)
            if status.lower() in ("", seat.agent.status.value.lower())
            and state.lower() in ("", seat.agent.state.value.lower())
        ]
        return AGENT_COLUMNS, [agent_row(agent) for agent in agents]
    if what == "members":
        members = center.members_of(name) if name else _of_all_queues(center)
        now = center.now()
        return SCORED_COLUMNS, [scored_row(member, now) for member in members]
    if what == "tiers":
        return TIER_COLUMNS, [tier_row(tier) for tier in center.tiers.get(name, {}).values()]
    raise Refused("Invalid!")


def _of_all_queues(center: Center) -> list[Member]:
    return sorted(center.by_score(center.members.values()), key=lambda one: one.queue.name)


def _number(text: str) -> int:
    """What ``atoi`` makes of a text: its digits in front, else 0."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    leading = digits[: len(digits) - len(digits.lstrip("0123456789"))]
    return sign * int(leading[:10] or 0)


_SECTIONS: dict[str, Callable[[Center, str, list[str]], Awaitable[str]]] = {
    "agent": _agent,
    "tier": _tier,
    "queue": _queue,
}


@command("callcenter_break", syntax=BREAK_SYNTAX, module=MODULE.name)
async def callcenter_break(call: CommandCall, arguments: str) -> str:
    """Free an agent while his call goes on, as when it went to somebody else."""
    center = center_of(call.switch)
    words = split(arguments.strip(), " ", 2)
    if len(words) < 2:
        return f"-ERR Usage: callcenter_break {BREAK_SYNTAX}\n"
    session = call.switch.find(words[1])
    if session is None:
        return f"-ERR Session not found for uuid {words[1]}\n"
    center.release(session.uuid)
    return "+OK\n"
