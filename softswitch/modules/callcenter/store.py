"""Agents, tiers and members over a restart: FreeSWITCH's three tables.

All is in memory; each change goes to the database behind it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.db.database import Database, Row, upsert
from softswitch.modules.callcenter.agent import Agent, AgentStatus, AgentType, Tier
from softswitch.modules.callcenter.listing import (
    AGENT_COLUMNS,
    MEMBER_COLUMNS,
    TIER_COLUMNS,
    agent_row,
    member_row,
    tier_row,
)
from softswitch.modules.callcenter.member import Member, MemberState

if TYPE_CHECKING:
    from softswitch.modules.callcenter.center import Center
    from softswitch.switch.switch import Switch

FILE = "callcenter.db"
MIGRATIONS = (
    """
    CREATE TABLE agents (
        name VARCHAR(255) NOT NULL PRIMARY KEY, instance_id VARCHAR(255), uuid VARCHAR(255),
        type VARCHAR(255), contact VARCHAR(1024), status VARCHAR(255), state VARCHAR(255),
        max_no_answer INTEGER NOT NULL DEFAULT 0, wrap_up_time INTEGER NOT NULL DEFAULT 0,
        reject_delay_time INTEGER NOT NULL DEFAULT 0, busy_delay_time INTEGER NOT NULL DEFAULT 0,
        no_answer_delay_time INTEGER NOT NULL DEFAULT 0,
        last_bridge_start INTEGER NOT NULL DEFAULT 0, last_bridge_end INTEGER NOT NULL DEFAULT 0,
        last_offered_call INTEGER NOT NULL DEFAULT 0,
        last_status_change INTEGER NOT NULL DEFAULT 0,
        no_answer_count INTEGER NOT NULL DEFAULT 0, calls_answered INTEGER NOT NULL DEFAULT 0,
        talk_time INTEGER NOT NULL DEFAULT 0, ready_time INTEGER NOT NULL DEFAULT 0,
        external_calls_count INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE tiers (
        queue VARCHAR(255) NOT NULL, agent VARCHAR(255) NOT NULL, state VARCHAR(255),
        level INTEGER NOT NULL DEFAULT 1, position INTEGER NOT NULL DEFAULT 1,
        PRIMARY KEY (queue, agent)
    );
    CREATE TABLE members (
        queue VARCHAR(255), instance_id VARCHAR(255), uuid VARCHAR(255) NOT NULL PRIMARY KEY,
        session_uuid VARCHAR(255) NOT NULL DEFAULT '', cid_number VARCHAR(255),
        cid_name VARCHAR(255), system_epoch INTEGER NOT NULL DEFAULT 0,
        joined_epoch INTEGER NOT NULL DEFAULT 0, rejoined_epoch INTEGER NOT NULL DEFAULT 0,
        bridge_epoch INTEGER NOT NULL DEFAULT 0, abandoned_epoch INTEGER NOT NULL DEFAULT 0,
        base_score INTEGER NOT NULL DEFAULT 0, skill_score INTEGER NOT NULL DEFAULT 0,
        serving_agent VARCHAR(255), serving_system VARCHAR(255), state VARCHAR(255)
    );
    """,
)
_PUT_AGENT = upsert("agents", AGENT_COLUMNS, ("name",))
_PUT_TIER = upsert("tiers", TIER_COLUMNS, ("queue", "agent"))
_PUT_MEMBER = upsert("members", MEMBER_COLUMNS, ("uuid",))


class Store:
    """Puts agents, tiers and members aside, and reads them back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, switch: Switch) -> Store:
        """The store of a switch. Raises OSError or `sqlite3.Error` where it cannot be used."""
        folder = Path(switch.globals.get("db_dir") or switch.folders.data / "db")
        work = switch.loop.run_in_executor(None, switch.databases.open, folder / FILE, MIGRATIONS)
        return cls(await work)

    def __repr__(self) -> str:
        return f"<Store {self._database}>"

    def put_agent(self, agent: Agent) -> None:
        """Keep an agent."""
        self._database.execute(_PUT_AGENT, agent_row(agent))

    def delete_agent(self, name: str) -> None:
        """Keep him no more."""
        self._database.execute("DELETE FROM agents WHERE name = ?", (name,))

    def put_tier(self, tier: Tier) -> None:
        """Keep a tier."""
        self._database.execute(_PUT_TIER, tier_row(tier))

    def delete_tier(self, queue: str, agent: str) -> None:
        """Keep it no more."""
        statement = "DELETE FROM tiers WHERE queue = ? AND agent = ?"
        self._database.execute(statement, (queue, agent))

    def put_member(self, member: Member) -> None:
        """Keep a member."""
        self._database.execute(_PUT_MEMBER, member_row(member))

    def delete_member(self, uuid: str) -> None:
        """Keep him no more."""
        self._database.execute("DELETE FROM members WHERE uuid = ?", (uuid,))

    async def restore(self, center: Center) -> None:
        """Put what was kept where it was. Nobody is in a call: agents and tiers are free, members
        have abandoned their queues; who had an agent, or whose queue is gone, is forgotten."""
        for row in await self._rows("agents", AGENT_COLUMNS, "name"):
            agent = _agent(row)
            if agent is None or center.settings.truncate_agents:
                self.delete_agent(str(row[0]))
            else:
                center.agents[agent.name] = agent
        for row in await self._rows("tiers", TIER_COLUMNS, "queue, level, position, agent"):
            tier = Tier(str(row[0]), str(row[1]), level=_int(row[3]), position=_int(row[4]))
            if center.settings.truncate_tiers:
                self.delete_tier(tier.queue, tier.agent)
            else:
                center.tiers.setdefault(tier.queue, {})[tier.agent] = tier
        for row in await self._rows("members", MEMBER_COLUMNS, "joined_epoch, uuid"):
            queue = center.queues.get(str(row[0]))
            if queue is None or row[15] == MemberState.ANSWERED.value:
                self.delete_member(str(row[2]))
                continue
            number, name = str(row[4]), str(row[5])
            member = Member(str(row[2]), queue, number, name, str(row[1]))
            member.system_epoch, member.joined_epoch, member.rejoined_epoch = map(_int, row[6:9])
            member.bridge_epoch, member.abandoned_epoch = map(_int, row[9:11])
            member.base_score, member.skill_score = map(_int, row[11:13])
            if row[15] != MemberState.ABANDONED.value:
                # The process ended under him; he may have his place back.
                member.abandoned_epoch = center.now()
            member.state = MemberState.ABANDONED
            center.keep_member(member)

    async def _rows(self, table: str, columns: tuple[str, ...], order: str) -> list[Row]:
        statement = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}"
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._database.query, statement)

    async def close(self) -> None:
        """Write what waits."""
        await asyncio.get_running_loop().run_in_executor(None, self._database.close)


def _int(value: object) -> int:
    return int(str(value or 0))


def _agent(row: Row) -> Agent | None:
    kind, status = AgentType.of(str(row[3])), AgentStatus.of(str(row[5]))
    if kind is None or status is None:
        return None
    agent = Agent(str(row[0]), kind, str(row[4] or ""), status)
    for column, value in zip(AGENT_COLUMNS[7:-1], row[7:-1], strict=True):
        setattr(agent, column, _int(value))
    return agent
