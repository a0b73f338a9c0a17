"""Offering a member to an agent: calling him, or taking his call that waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.modules.callcenter import events
from softswitch.modules.callcenter.agent import AgentState, AgentStatus, AgentType, TierState
from softswitch.modules.callcenter.listing import INSTANCE
from softswitch.modules.callcenter.member import MemberState
from softswitch.modules.callcenter.sounds import play_to
from softswitch.modules.callcenter.strategy import TOGETHER
from softswitch.modules.callcenter.talk import Talk, Times
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate
from softswitch.switch.states import ChannelState

if TYPE_CHECKING:
    from softswitch.modules.callcenter.center import Center
    from softswitch.modules.callcenter.member import Member
    from softswitch.modules.callcenter.strategy import Seat
    from softswitch.switch.session import Session

PRE_ANSWER = "cc_member_pre_answer_uuid"
"""Names the member on legs that ring for him."""
UNREGISTERED_DELAY = 5
"""Seconds until an agent who is not registered is tried again."""
_BUSY = (HangupCause.USER_BUSY, HangupCause.NORMAL_CIRCUIT_CONGESTION)
_NOBODYS_FAULT = (HangupCause.LOSE_RACE, HangupCause.ORIGINATOR_CANCEL)


class Offers:
    """The offers that are under way, a task for each."""

    def __init__(self, center: Center) -> None:
        self._center = center
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Offers {len(self._tasks)}>"

    def begin(self, member: Member, seat: Seat) -> None:
        """Offer a member to an agent, who is Receiving by now."""
        offer = _Offer(self._center, member, seat)
        name = f"offer to {seat.agent.name}"
        task = self._center.switch.loop.create_task(offer.run(), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._center.switch.own(task)

    async def stop(self) -> None:
        """Ring nobody any more; talks go on without us."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


class _Offer:
    def __init__(self, center: Center, member: Member, seat: Seat) -> None:
        assert member.session is not None
        self._center = center
        self._switch = center.switch
        self._member = member
        self._session = member.session
        self._agent, self._tier = seat.agent, seat.tier
        self._on_demand = seat.agent.status is AgentStatus.ON_DEMAND
        self._called = 0
        self._bridged = False
        self._tier_state = TierState.READY
        self._withdrawn: asyncio.Future[HangupCause] = self._switch.loop.create_future()
        member.withdrawals[seat.agent.name] = self._withdraw

    async def run(self) -> None:
        try:
            self._tell_offering()
            try:
                agent_session = await self._reach()
            except CallFailed as failed:
                self._failed(failed.cause)
            else:
                await self._connect(agent_session)
        finally:
            self._end()

    def _withdraw(self, cause: HangupCause) -> None:
        self._member.withdrawals.pop(self._agent.name, None)
        if not self._withdrawn.done():
            self._withdrawn.set_result(cause)

    def _tell_offering(self) -> None:
        told = {
            "CC-Queue": self._member.queue.name,
            "CC-Action": "agent-offering",
            "CC-Agent": self._agent.name,
            "CC-Agent-Type": self._agent.type.value,
            "CC-Agent-System": INSTANCE,
        }
        told |= events.who(self._member, self._session.uuid) | events.dnis(self._session)
        events.tell(self._switch, None, told)

    async def _reach(self) -> Session:
        """The agent's call. Raises CallFailed."""
        if self._agent.type is AgentType.STANDBY:
            return await self._standby()
        ring = self._switch.loop.create_task(self._ring(), name="ring an agent")
        try:
            await asyncio.wait((ring, self._withdrawn), return_when=asyncio.FIRST_COMPLETED)
            if not self._withdrawn.done():
                return ring.result()
            cause = self._withdrawn.result()
            matching = {PRE_ANSWER: self._member.uuid, "cc_agent": self._agent.name}
            self._switch.hangup_all(cause, matching)
            raise CallFailed(cause, "the offer was taken back")
        finally:
            if not ring.done():
                ring.cancel()
                await asyncio.wait((ring,))
            if self._withdrawn.done() and not ring.cancelled() and ring.exception() is None:
                ring.result().hangup(self._withdrawn.result())

    async def _ring(self) -> Session:
        session, member = self._session, self._member
        name = session.get("effective_caller_id_name") or member.cid_name
        number = session.get("effective_caller_id_number") or member.cid_number
        variables = self._variables() | {
            "cc_queue_joined_epoch": str(member.joined_epoch),
            PRE_ANSWER: member.uuid,
            "loopback_bowout": "false",
            "loopback_bowout_on_execute": "false",
            "ignore_early_media": "true",
        }
        self._called = self._center.now()
        return await originate(
            self._switch,
            await session.expand(self._agent.contact),
            caller_id_name=(session.get("cc_outbound_cid_name_prefix") or "") + name,
            caller_id_number=number,
            timeout=self._center.settings.originate_timeout,
            variables=variables,
        )

    def _variables(self) -> dict[str, str]:
        """What an agent's call is told."""
        variables = {
            "cc_side": "agent",
            "cc_queue": self._member.queue.name,
            "cc_agent": self._agent.name,
            "cc_agent_type": self._agent.type.value,
            "cc_member_uuid": self._member.uuid,
            "cc_member_session_uuid": self._session.uuid,
        }
        for name in (self._session.get("cc_export_vars") or "").split(","):
            value = self._session.get(name.strip()) if name.strip() else None
            if value:
                variables[name.strip()] = value
        return variables

    async def _standby(self) -> Session:
        session = self._switch.find(self._agent.uuid) if self._agent.uuid else None
        if session is None or not session.channel.up:
            self._agent.uuid = ""
            self._center.set_status(self._agent, AgentStatus.LOGGED_OUT)
            raise CallFailed(HangupCause.NONE, "the call that waited is gone")
        for name, value in self._variables().items():
            session.set(name, value)
        tone = session.get("cc_warning_tone")
        if tone:
            session.move(ChannelState.CS_PARK)
            await play_to(session, tone)
        return session

    async def _connect(self, agent_session: Session) -> None:
        """The agent answered."""
        member = self._member
        agent_session.set(PRE_ANSWER, "")
        if member.queue.settings.strategy.lower() in TOGETHER:
            if member.serving_agent not in TOGETHER:
                agent_session.hangup(HangupCause.LOSE_RACE)
                return
            member.serving_agent, member.serving_system = self._agent.name, INSTANCE
            member.state = MemberState.TRYING
            self._center.keep_member(member)
        for name, withdraw in list(member.withdrawals.items()):
            if name != self._agent.name:
                withdraw(HangupCause.LOSE_RACE)
        times = Times(self._called, self._center.now(), member.joined_epoch)
        self._bridged = await Talk(
            self._center, member, self._session, self._agent, agent_session
        ).run(times)

    def _failed(self, cause: HangupCause) -> None:
        """He did not answer."""
        member, agent = self._member, self._agent
        if member.serving_agent == agent.name:
            member.serving_agent = member.serving_system = ""
            if member.state is MemberState.TRYING:
                member.state = MemberState.WAITING
            self._center.keep_member(member)
        delay = 0
        if cause in _BUSY:
            delay = agent.busy_delay_time
        elif cause is HangupCause.CALL_REJECTED:
            delay = agent.reject_delay_time
        elif cause is HangupCause.USER_NOT_REGISTERED:
            delay = UNREGISTERED_DELAY
        elif cause not in _NOBODYS_FAULT:
            delay = agent.no_answer_delay_time
            self._count_no_answer()
        if delay:
            agent.ready_time = self._center.now() + delay
        told = {
            "CC-Queue": member.queue.name,
            "CC-Action": "bridge-agent-fail",
            "CC-Hangup-Cause": cause.name,
            "CC-Agent": agent.name,
            "CC-Agent-System": INSTANCE,
            "CC-Agent-Called-Time": str(self._called),
            "CC-Agent-Aborted-Time": str(self._center.now()),
        }
        told |= events.who(member, self._session.uuid)
        told["CC-Member-Joined-Time"] = str(member.joined_epoch)
        events.tell(self._switch, None, told)

    def _count_no_answer(self) -> None:
        """Once too often, and the agent has another status."""
        agent, center = self._agent, self._center
        self._tier_state = TierState.NO_ANSWER
        agent.no_answer_count += 1
        if not agent.max_no_answer or agent.no_answer_count < agent.max_no_answer:
            return
        status = AgentStatus(self._member.queue.settings.agent_no_answer_status)
        told = {
            "CC-Agent": agent.name,
            "CC-Action": "agent-max-no-answer",
            "CC-Agent-No-Answer-Count": str(agent.max_no_answer),
            "CC-Agent-No-Answer-Status": status.value,
            "CC-Member-UUID": self._member.uuid,
            "CC-Member-Session-UUID": self._session.uuid,
        }
        events.tell(self._switch, None, told)
        center.set_status(agent, status)

    def _end(self) -> None:
        """The agent is free again."""
        center, agent = self._center, self._agent
        self._member.withdrawals.pop(agent.name, None)
        if center.agents.get(agent.name) is not agent:
            return
        queue = self._member.queue.name
        center.set_tier_states(agent.name, queue, self._tier_state, TierState.READY)
        idle = self._on_demand and self._bridged
        center.set_state(agent, AgentState.IDLE if idle else AgentState.WAITING)
