"""The application ``callcenter``: a member waits with music until an agent takes the call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.modules.callcenter import events
from softswitch.modules.callcenter.member import CancelReason, Member, MemberState
from softswitch.modules.callcenter.strategy import TOGETHER
from softswitch.switch import ivr
from softswitch.switch.causes import HangupCause
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.modules.callcenter.center import Center
    from softswitch.modules.callcenter.queue import Queue
    from softswitch.switch.session import Session


async def wait_in(center: Center, queue: Queue, session: Session) -> None:
    """Wait in a queue; when an agent is found, the call is taken away from here."""
    await session.answer()
    member = _enter(center, queue, session)
    reason = CancelReason.BREAK_OUT
    try:
        reason = await _until_over(member, queue, session)
    finally:
        _leave(center, member, session, reason)


def _enter(center: Center, queue: Queue, session: Session) -> Member:
    now = center.now()
    profile = session.channel.profile
    answered = profile.times.answered // 1_000_000
    member = _abandoned(center, queue, profile.caller_id_number)
    resumes = member is not None
    if member is None:
        number, name = profile.caller_id_number, profile.caller_id_name
        member = Member(center.switch.new_uuid(), queue, number, name, center.settings.instance_id)
        member.system_epoch, member.joined_epoch = answered, now
        member.base_score = _number(session.get("cc_base_score"))
        if queue.settings.time_base_score == "system":
            member.base_score += now - answered
        if queue.settings.strategy.lower() in TOGETHER:
            member.serving_agent = queue.settings.strategy.lower()
    else:
        member.rejoined_epoch, member.state = now, MemberState.WAITING
    member.session, member.entered_at, member.announced_at = session, now, now
    session.set("cc_side", "member")
    session.set("cc_member_uuid", member.uuid)
    for name in ("cc_agent_found", "cc_agent_bridged"):
        session.set(name, "")
    session.set("cc_queue_joined_epoch", str(now))
    session.set("cc_queue", queue.name)
    action = {
        "CC-Queue": queue.name,
        "CC-Action": f"member-queue-{'resume' if resumes else 'start'}",
    }
    events.tell(center.switch, session, action | events.who(member, session.uuid))
    center.keep_member(member)
    center.tell_count(queue)
    return member


def _abandoned(center: Center, queue: Queue, number: str) -> Member | None:
    """Who left the queue not long ago and calls again."""
    if not queue.settings.abandoned_resume_allowed:
        return None
    left = [
        member
        for member in center.members.values()
        if member.queue.name == queue.name
        and member.cid_number == number
        and member.state is MemberState.ABANDONED
        and member.abandoned_epoch
    ]
    return max(left, key=lambda member: member.abandoned_epoch, default=None)


def _number(text: str | None) -> int:
    digits = (text or "").removeprefix("-")
    return int(text or 0) if digits.isdecimal() and len(digits) < 10 else 0


async def _until_over(member: Member, queue: Queue, session: Session) -> CancelReason:
    """Why the waiting ended; who is taken by an agent never comes back from here."""
    over: asyncio.Future[CancelReason] = session.switch.loop.create_future()

    def leave(reason: CancelReason) -> None:
        if not over.done():
            over.set_result(reason)
            session.break_()

    member.leave = leave
    music = await session.expand(session.get("cc_moh_override") or queue.settings.moh_sound)
    while not over.done():
        keys = session.get("cc_exit_keys") or ""
        if music:
            heard = await ivr.play(session, music, terminators=keys)
            if heard.reason == "failed" and not over.done():
                session.log.warning("callcenter: %s is not heard, waiting goes on", music)
                music = ""
            key = heard.terminator if heard.reason == "terminator" else None
        else:
            await wait_for_any(session, over, session.digits.arrival())
            digit = session.digits.take()
            key = digit.digit if digit is not None and digit.digit in keys else None
        if key and not over.done():
            session.set("cc_exit_key", key)
            return CancelReason.EXIT_WITH_KEY
    return over.result()


def _leave(center: Center, member: Member, session: Session, reason: CancelReason) -> None:
    """He is with an agent now, or he goes without one."""
    queue = member.queue
    member.leave = lambda reason: None
    found, up = session.is_true("cc_agent_found"), session.channel.up
    session.set("cc_agent_found", "")
    if found and up:
        session.set("cc_cause", "answered")
        queue.calls_answered += 1
    else:
        _abandon(center, member, session, CancelReason.NONE if found else reason)
        queue.calls_abandoned += 1
    center.tell_count(queue)


def _abandon(center: Center, member: Member, session: Session, reason: CancelReason) -> None:
    now = center.now()
    member.state, member.session, member.abandoned_epoch = MemberState.ABANDONED, None, now
    for withdraw in list(member.withdrawals.values()):
        withdraw(HangupCause.ORIGINATOR_CANCEL)
    center.keep_member(member)
    told = {
        "CC-Queue": member.queue.name,
        "CC-Action": "member-queue-end",
        "CC-Member-Leaving-Time": str(now),
        "CC-Member-Joined-Time": str(member.entered_at),
        "CC-Cause": "Cancel",
        "CC-Cancel-Reason": reason.value,
    }
    events.tell(center.switch, session, told | events.who(member, session.uuid))
    session.set("cc_queue_canceled_epoch", str(now))
    session.set("cc_cause", "cancel")
    session.set("cc_cancel_reason", reason.value)
