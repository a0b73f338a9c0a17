"""All queues, agents, tiers and members of a switch: what changes them, keeps them and tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from softswitch.modules.callcenter import events
from softswitch.modules.callcenter.agent import (
    Agent,
    AgentState,
    AgentStatus,
    AgentType,
    Tier,
    TierState,
)
from softswitch.modules.callcenter.member import Member, MemberState
from softswitch.modules.callcenter.queue import Queue
from softswitch.modules.callcenter.settings import CallCenterFile, FixedAgent, read_settings
from softswitch.modules.callcenter.strategy import Seat
from softswitch.switch.causes import HangupCause
from softswitch.switch.places import Occupancy, Places

if TYPE_CHECKING:
    from softswitch.modules.callcenter.store import Store
    from softswitch.switch.switch import Switch


class Refused(Exception):
    """Something cannot be changed; the message is FreeSWITCH's words for it."""


class Center:
    """What the call centre knows."""

    def __init__(self, switch: Switch, file: CallCenterFile) -> None:
        self.switch = switch
        self.settings = file.settings
        self.queues: dict[str, Queue] = {}
        self.agents: dict[str, Agent] = {}
        self.tiers: dict[str, dict[str, Tier]] = {}
        """By queue, then by agent."""
        self.members: dict[str, Member] = {}
        self.store: Store | None = None
        """Where all of it outlives the process."""
        self.wake: Callable[[], None] = lambda: None
        """Told when somebody might be offered to somebody."""
        self.talks: dict[str, Callable[[], None]] = {}
        """By the uuid of an agent's call: frees him while it goes on."""
        self.presence = Places(switch, "callcenter", self._look)
        """Queues are watched as ``callcenter+NAME``."""

    def __repr__(self) -> str:
        return (
            f"<Center {len(self.queues)} queues, {len(self.agents)} agents,"
            f" {len(self.members)} members>"
        )

    def now(self) -> int:
        """Seconds since 1970."""
        return self.switch.now_us() // 1_000_000

    # The file

    async def file(self, queue: str = "") -> CallCenterFile:
        """``callcenter.conf`` as it is now; who answers for it is told which queue is wanted."""
        params = {"CC-Queue": queue} if queue else None
        return read_settings(await self.switch.lookups.configuration("callcenter.conf", params))[0]

    async def queue(self, name: str) -> Queue | None:
        """The queue of that name, read from the file if it is not there yet; None without one."""
        if name not in self.queues:
            self.load_queue(name, await self.file(name))
        return self.queues.get(name)

    def load_queue(self, name: str, file: CallCenterFile) -> bool:
        """Take over a queue of the file; False where it has none of that name.

        Members of a queue that is there stay in it.
        """
        settings = file.queues.get(name)
        if settings is None:
            return False
        queue = self.queues.setdefault(name, Queue(name, settings))
        queue.settings = settings
        queue.calls_answered = queue.calls_abandoned = queue.agent_seen = queue.agent_sought = 0
        self.wake()
        return True

    def load_agents(self, file: CallCenterFile, name: str | None = None) -> None:
        """Take over the agents of the file, or one of them."""
        for fixed in file.agents:
            if name in (None, fixed.name):
                self._load_agent(fixed)

    def _load_agent(self, fixed: FixedAgent) -> None:
        agent = self.agents.get(fixed.name) or self.add_agent(fixed.name, fixed.type.value)
        agent.type = fixed.type
        if fixed.contact is not None:
            self.set_contact(agent, fixed.contact)
        if fixed.status is not None:
            self.set_status(agent, fixed.status)
        for field in (
            "wrap_up_time", "max_no_answer", "reject_delay_time", "busy_delay_time",
            "no_answer_delay_time",
        ):  # fmt: skip
            value = getattr(fixed, field)
            if value is not None:
                setattr(agent, field, value)
        self.keep_agent(agent)

    def load_tiers(
        self, file: CallCenterFile, queue: str | None = None, agent: str | None = None
    ) -> bool:
        """Take over tiers of the file: all, or those of a queue and an agent; False if none is."""
        found = False
        for fixed in file.tiers:
            if queue not in (None, fixed.queue) or agent not in (None, fixed.agent):
                continue
            tier = self.tiers.get(fixed.queue, {}).get(fixed.agent)
            if tier is not None:
                tier.level, tier.position = fixed.level, fixed.position
                self.keep_tier(tier)
            elif fixed.agent in self.agents and fixed.queue in self.queues:
                self._put_tier(
                    Tier(fixed.queue, fixed.agent, TierState.READY, fixed.level, fixed.position)
                )
            else:
                continue
            found = True
        return found

    # Agents

    def add_agent(self, name: str, kind: str) -> Agent:
        """A new agent, logged out. Raises Refused."""
        known = AgentType.of(kind)
        if known is None:
            raise Refused("Agent type invalid!")
        if name in self.agents:
            raise Refused("Agent already exist!")
        agent = self.agents[name] = Agent(name, known)
        self.keep_agent(agent)
        events.tell(
            self.switch,
            None,
            {"CC-Agent": name, "CC-Agent-Type": kind, "CC-Action": "agent-add"},
        )
        return agent

    def delete_agent(self, name: str) -> None:
        """Forget an agent and his tiers."""
        if self.agents.pop(name, None) is not None and self.store is not None:
            self.store.delete_agent(name)
        for queue in list(self.tiers):
            self.delete_tier(queue, name)

    def set_status(self, agent: Agent, status: AgentStatus) -> None:
        """What an agent says of himself. Who becomes Available begins to count anew; who is not
        any more is not rung any more."""
        now = self.now()
        if status is not AgentStatus.AVAILABLE:
            agent.last_status_change = now
        elif agent.status is not status:
            agent.last_status_change = now
            agent.talk_time = agent.calls_answered = agent.no_answer_count = 0
        agent.status = status
        if status is not AgentStatus.AVAILABLE:
            for member in list(self.members.values()):
                withdraw = member.withdrawals.get(agent.name)
                if withdraw is not None and member.serving_agent == agent.name:
                    withdraw(HangupCause.ORIGINATOR_CANCEL)
        self.keep_agent(agent)
        events.agent_changed(self.switch, agent, "status", status.value)
        self.wake()

    def set_state(self, agent: Agent, state: AgentState) -> None:
        """What an agent does."""
        agent.state = state
        if state is AgentState.RECEIVING:
            agent.last_offered_call = self.now()
        self.keep_agent(agent)
        events.agent_changed(self.switch, agent, "state", state.value)
        self.wake()

    def set_contact(self, agent: Agent, contact: str) -> None:
        """How he is called."""
        agent.contact = contact
        self.keep_agent(agent)
        events.agent_changed(self.switch, agent, "contact", contact)

    def keep_agent(self, agent: Agent) -> None:
        """An agent changed."""
        if self.store is not None and self.agents.get(agent.name) is agent:
            self.store.put_agent(agent)

    def release(self, uuid: str) -> None:
        """Free the agent whose call that is, if he talks to a member."""
        free = self.talks.get(uuid)
        if free is not None:
            free()

    # Tiers

    async def add_tier(self, queue: str, agent: str, level: int, position: int) -> None:
        """Let an agent serve a queue. Raises Refused."""
        if await self.queue(queue) is None:
            raise Refused("Queue not found!")
        if agent not in self.agents:
            raise Refused("Agent not found!")
        if agent in self.tiers.get(queue, {}):
            raise Refused("Tier already exist!")
        self._put_tier(Tier(queue, agent, TierState.READY, level, position))

    def _put_tier(self, tier: Tier) -> None:
        self.tiers.setdefault(tier.queue, {})[tier.agent] = tier
        self.keep_tier(tier)

    def delete_tier(self, queue: str, agent: str) -> None:
        """Let an agent serve a queue no more."""
        tiers = self.tiers.get(queue, {})
        if tiers.pop(agent, None) is not None and self.store is not None:
            self.store.delete_tier(queue, agent)
        if not tiers:
            self.tiers.pop(queue, None)

    def set_tier_states(self, agent: str, queue: str, here: TierState, others: TierState) -> None:
        """What an agent does for a queue; the other queues of his are ``others``, as far as they
        were the opposite: Ready or Standby."""
        was = TierState.READY if others is TierState.STANDBY else TierState.STANDBY
        for name, tiers in self.tiers.items():
            tier = tiers.get(agent)
            if tier is not None and (name == queue or tier.state is was):
                tier.state = here if name == queue else others
                self.keep_tier(tier)

    def keep_tier(self, tier: Tier) -> None:
        """A tier changed."""
        if self.store is not None:
            self.store.put_tier(tier)
        self.wake()

    def all_tiers(self) -> Iterator[Tier]:
        """Of all queues, in the order they were made."""
        for tiers in self.tiers.values():
            yield from tiers.values()

    def tiers_in_order(self) -> list[Tier]:
        """Of all queues, by level and position."""
        return sorted(self.all_tiers(), key=lambda tier: (tier.level, tier.position))

    def seats(self, queue: str) -> list[Seat]:
        """The agents of a queue."""
        return [
            Seat(self.agents[name], tier)
            for name, tier in self.tiers.get(queue, {}).items()
            if name in self.agents
        ]

    # Members

    def keep_member(self, member: Member) -> None:
        """A member came or changed."""
        self.members[member.uuid] = member
        if self.store is not None:
            self.store.put_member(member)
        self.wake()

    def forget_member(self, member: Member) -> None:
        """A member is over."""
        self.members.pop(member.uuid, None)
        if self.store is not None:
            self.store.delete_member(member.uuid)

    def members_of(self, queue: str) -> list[Member]:
        """Of one queue, the one with the highest score first."""
        return self.by_score(one for one in self.members.values() if one.queue.name == queue)

    def by_score(self, members: Iterable[Member]) -> list[Member]:
        """The one with the highest score first."""
        now = self.now()
        return sorted(members, key=lambda member: -member.score(now))

    def tell_count(self, queue: Queue) -> None:
        """The number of those who wait changed: tell it."""
        waiting = (MemberState.WAITING, MemberState.TRYING)
        mine = [one for one in self.members.values() if one.queue.name == queue.name]
        events.members_count(self.switch, queue.name, sum(one.state in waiting for one in mine))
        self.presence.changed(queue.name, self._occupancy(queue.name))

    def _occupancy(self, queue: str) -> Occupancy:
        waiting = sum(
            one.queue.name == queue and one.state is MemberState.WAITING
            for one in self.members.values()
        )
        if waiting:
            return Occupancy(f"Active ({waiting} waiting)", "confirmed")
        return Occupancy("Idle", "terminated")

    def _look(self, identity: str) -> Occupancy | None:
        for name in self.queues:
            if self.presence.identity(name).lower() == identity:
                return self._occupancy(name)
        return None
