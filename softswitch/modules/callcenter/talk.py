"""An agent and a member talk: from the agent's answer until he is free again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.modules.callcenter import events
from softswitch.modules.callcenter.agent import AgentState, AgentType, TierState
from softswitch.modules.callcenter.listing import INSTANCE
from softswitch.modules.callcenter.member import MemberState
from softswitch.modules.callcenter.sounds import play_to
from softswitch.switch import recording
from softswitch.switch.bridge import join_calls
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.modules.callcenter.agent import Agent
    from softswitch.modules.callcenter.center import Center
    from softswitch.modules.callcenter.member import Member
    from softswitch.switch.session import Session

BRIDGE_SECONDS = 3.0
"""For so long two calls may take to hear each other."""


@dataclass(frozen=True, slots=True)
class Times:
    """When what happened, in seconds since 1970."""

    called: int
    answered: int
    joined: int

    def headers(self) -> dict[str, str]:
        """For events."""
        return {
            "CC-Agent-Called-Time": str(self.called),
            "CC-Agent-Answered-Time": str(self.answered),
        }


class Talk:
    """One talk."""

    def __init__(
        self, center: Center, member: Member, session: Session, agent: Agent, called: Session
    ) -> None:
        """``session`` is the member's call, ``called`` the agent's."""
        self._center = center
        self._switch = center.switch
        self._member = member
        self._session = session
        self._agent = agent
        self._called = called

    async def run(self, times: Times) -> bool:
        """Join the two, and wait until the agent is free again; True if they talked."""
        self._tell_start(times)
        await self._before()
        self._session.set("cc_agent_found", "true")
        self._session.set("cc_agent_uuid", self._called.uuid)
        bridged = await self._join()
        for one in (self._session, self._called):
            one.set("cc_agent_bridged", "true" if bridged else "false")
        if bridged:
            self._begin()
            await self._until_free()
        else:
            await self._give_up()
        self._tell_end(times, bridged=bridged)
        if bridged:
            self._end(times)
        return bridged

    async def _before(self) -> None:
        """Record the member, and say to the agent who comes."""
        template = self._member.queue.settings.record_template
        if template:
            path = await self._session.expand(template)
            self._session.set("cc_record_filename", path)
            await recording.start(self._session, path)
        announce = self._session.get("cc_outbound_announce")
        if announce:
            await play_to(self._called, announce)

    async def _join(self) -> bool:
        """Take the two calls from whatever they do; False if one of them is gone."""
        joined: asyncio.Future[None] = self._switch.loop.create_future()

        def watch(_: Session, what: str) -> None:
            if what in ("bridged", "hangup") and not joined.done():
                joined.set_result(None)

        self._called.watchers.append(watch)
        try:
            join_calls(self._session, self._called)
            await asyncio.wait((joined,), timeout=BRIDGE_SECONDS)
        except CallFailed:
            return False
        finally:
            self._called.unwatch(watch)
        return self._session.channel.up and self._called.channel.up

    def _begin(self) -> None:
        center, member, agent = self._center, self._member, self._agent
        now = center.now()
        member.state, member.bridge_epoch = MemberState.ANSWERED, now
        member.withdrawals.pop(agent.name, None)
        center.keep_member(member)
        self._session.set("cc_agent", agent.name)
        self._session.set("cc_queue_answered_epoch", str(now))
        agent.uuid, agent.last_bridge_start, agent.no_answer_count = self._called.uuid, now, 0
        agent.calls_answered += 1
        tier = center.tiers.get(member.queue.name, {}).get(agent.name)
        if tier is not None:
            tier.state = TierState.ACTIVE_INBOUND
            center.keep_tier(tier)
        center.set_state(agent, AgentState.IN_A_QUEUE_CALL)

    async def _until_free(self) -> None:
        """The agent hung up, or was asked for; a call that waits is free when the bridge ends."""
        free: asyncio.Future[None] = self._switch.loop.create_future()
        ends = ("hangup", "moved") if self._agent.type is AgentType.STANDBY else ("hangup",)

        def release() -> None:
            if not free.done():
                free.set_result(None)

        def watch(_: Session, what: str) -> None:
            if what in ends:
                release()

        self._called.watchers.append(watch)
        self._center.talks[self._called.uuid] = release
        try:
            if self._called.channel.up:
                await free
        finally:
            self._called.unwatch(watch)
            self._center.talks.pop(self._called.uuid, None)

    async def _give_up(self) -> None:
        """One of them is gone: the member waits on, or the agent hears that nobody is there."""
        member = self._member
        if not self._session.channel.up:
            announce = self._session.get("cc_bridge_failed_outbound_announce")
            if announce and self._called.channel.up:
                await play_to(self._called, announce)
            if self._agent.type is AgentType.CALLBACK:
                self._called.hangup(HangupCause.ORIGINATOR_CANCEL)
            return
        self._session.set("cc_agent_found", "")
        member.state = MemberState.WAITING
        member.serving_agent = member.serving_system = ""
        self._center.keep_member(member)

    def _end(self, times: Times) -> None:
        center, agent = self._center, self._agent
        now = center.now()
        self._session.set("cc_queue_terminated_epoch", str(now))
        if agent.type is not AgentType.STANDBY:
            agent.uuid = ""
        agent.last_bridge_end = now
        agent.talk_time += now - agent.last_bridge_start
        center.keep_agent(agent)
        center.forget_member(self._member)
        told = {
            "CC-Queue": self._member.queue.name,
            "CC-Action": "member-queue-end",
            "CC-Hangup-Cause": self._cause,
            "CC-Cause": "Terminated",
            **self._who,
            **times.headers(),
            "CC-Member-Leaving-Time": str(now),
            "CC-Member-Joined-Time": str(times.joined),
        }
        told |= events.who(self._member, self._session.uuid)
        events.tell(self._switch, self._session, told)

    @property
    def _cause(self) -> str:
        """What became of calling the agent; nobody is called who waits."""
        return "NONE" if self._agent.type is AgentType.STANDBY else "SUCCESS"

    @property
    def _who(self) -> dict[str, str]:
        return {
            "CC-Agent": self._agent.name,
            "CC-Agent-System": INSTANCE,
            "CC-Agent-UUID": self._called.uuid,
        }

    def _tell_start(self, times: Times) -> None:
        told = {"CC-Queue": self._member.queue.name, "CC-Action": "bridge-agent-start"}
        told |= self._who | times.headers() | {"CC-Member-Joined-Time": str(times.joined)}
        told |= events.who(self._member, self._session.uuid) | events.dnis(self._session)
        events.tell(self._switch, self._called, told)

    def _tell_end(self, times: Times, *, bridged: bool) -> None:
        told = {
            "CC-Queue": self._member.queue.name,
            "CC-Action": "bridge-agent-end",
            "CC-Hangup-Cause": self._cause,
            **self._who,
            "CC-Agent-Bridged": "true" if bridged else "false",
            **times.headers(),
            "CC-Member-Joined-Time": str(times.joined),
            "CC-Bridge-Terminated-Time": str(self._center.now()),
        }
        told |= events.who(self._member, self._session.uuid)
        events.tell(self._switch, self._called, told)
