"""``fifo <list> out``: take callers from one queue or several, one after another or just one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import whole
from softswitch.modules.fifo.dialling import TAG
from softswitch.modules.fifo.music import music
from softswitch.modules.fifo.queue import SLOTS, Queue, Waiting
from softswitch.modules.fifo.queues import choose
from softswitch.modules.fifo.stamp import stamp, stamp_bridge
from softswitch.modules.fifo.talk_events import import_variables, tell_begin, tell_end
from softswitch.modules.fifo.tracking import count_call, track_call
from softswitch.switch import ivr
from softswitch.switch.bound_action import run_application
from softswitch.switch.bridge import bridge
from softswitch.switch.causes import CallFailed
from softswitch.switch.originate import originate
from softswitch.switch.states import ChannelState
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session

WRAPUP_MS = 5000
PAUSE_MS = 500
"""Between taking a caller and talking to him, where nothing is announced."""
URL_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Service:
    """How a consumer works."""

    waits: bool
    announce: str
    music: str


async def serve(
    queues: Queues, served: list[Queue], session: Session, name: str, service: Service
) -> None:
    """Talk to whoever waits; with ``waits`` until the consumer hangs up."""
    member = session.get(TAG)
    if member:
        if session.uuid in queues.tracked:
            queues.tracked[session.uuid].stop()
        count_call(queues, session, member)
    if service.waits:
        await session.answer()
        for queue in served:
            queue.consumers[session.uuid] = session
    queues.fire(session, name, "consumer_start")
    stamp(session, "WAITING")
    try:
        while True:
            found = await _next(queues, served, session, service)
            for queue in served:
                queue.coming.discard(session.uuid)
            if found is None:
                return
            talked = await _attend(queues, found[0], session, found[1], name, service)
            if not service.waits:
                if talked or not any(queue.waiting for queue in served):
                    return
                continue
            if talked:
                await _wrap_up(queues, session, name)
            stamp(session, "WAITING")
            queues.fire(session, name, "consumer_reentrance")
    finally:
        for queue in served:
            queue.consumers.pop(session.uuid, None)
        queues.fire(session, name, "consumer_stop")
        if member and session.channel.up:
            track_call(queues, session, member)
        for queue in served:
            if session.is_true("fifo_destroy_after_use"):
                queues.forget(queue)


async def _next(
    queues: Queues, served: list[Queue], session: Session, service: Service
) -> tuple[Queue, Waiting] | None:
    """Whom to talk to next; None where nobody waits and the consumer does not either."""
    found = _take(served, session)
    if found is not None or not service.waits:
        return found
    if _required(session):
        session.log.warning("fifo: the call was taken by somebody else already")
        return None
    for queue in served:
        queue.idle.add(session.uuid)
    try:
        async with music(session, service.music):
            while True:
                changed = queues.changed()
                found = _take(served, session)
                if found is not None:
                    return found
                await wait_for_any(session, changed)
    finally:
        for queue in served:
            queue.idle.discard(session.uuid)


def _required(session: Session) -> str:
    """The only caller whom a consumer wants, if he wants nobody else."""
    required = session.is_true("fifo_bridge_uuid_required")
    return (session.get("fifo_bridge_uuid") or "") if required else ""


def _take(served: list[Queue], session: Session) -> tuple[Queue, Waiting] | None:
    uuid = session.get("fifo_bridge_uuid") or ""
    skill = session.get("fifo_target_skill") or ""
    strategy = (session.get("fifo_strategy") or "waiting_longer").lower()
    order = (session.get("fifo_pop_order") or "").split(",")
    slots = [slot for one in order if (slot := whole(one.strip(), SLOTS)) < SLOTS]
    left = list(served)
    while left:
        queue = choose(left, more_people=strategy == "more_ppl")
        if queue is None:
            return None
        entry = queue.take(order=slots or None, uuid=uuid, skill=skill, only=_required(session))
        if entry is not None:
            return queue, entry
        left.remove(queue)
    return None


async def _attend(
    queues: Queues, queue: Queue, session: Session, entry: Waiting, name: str, service: Service
) -> bool:
    """Fetch a caller and talk to him; False if it came to nothing."""
    queues.tell_presence(queue)
    queues.tell_change()
    if entry.session is None:
        return await _call(queues, queue, session, entry, name)
    caller = entry.session
    assert entry.taken is not None and entry.ready is not None and entry.returned is not None
    queues.fire(caller, name, "caller_pop")
    queues.fire(session, name, "consumer_pop", FIFO_Caller_UUID=caller.uuid)
    caller.set("fifo_serviced_by", session.get("fifo_consumer_id") or session.uuid)
    caller.set("fifo_serviced_uuid", session.uuid)
    entry.taken.set_result(None)
    try:
        announce = caller.get("fifo_override_announce") or service.announce
        if announce:
            await ivr.play(session, announce, terminators="")
        else:
            await session.sleep(PAUSE_MS)
        while not entry.ready.done():
            await wait_for_any(session, entry.ready)
        if entry.ready.cancelled() or not caller.channel.up:
            return False
        await session.answer()
        entry.claimed = True
        caller.move(ChannelState.CS_RESET)
        caller.channel.move(ChannelState.CS_SOFT_EXECUTE)
    finally:
        if not entry.claimed and not entry.returned.done():
            caller.set("fifo_serviced_uuid", "")
            if caller.channel.up:
                # He waited for nothing, which shall not happen again.
                caller.set("fifo_vip", "true")
                session.log.warning(
                    "fifo: %s left a caller, who goes on waiting with priority: %s",
                    session.channel.name,
                    caller.channel.name,
                )
            entry.returned.set_result(None)
    await _talk(queues, queue, session, caller, name)
    return True


async def _call(queues: Queues, queue: Queue, session: Session, entry: Waiting, name: str) -> bool:
    """It is the turn of somebody who does not wait but is to be called."""
    announce = session.get("fifo_outbound_announce")
    if announce:
        await ivr.play(session, announce, terminators="")
    try:
        called = await originate(session.switch, entry.url, parent=session, timeout=URL_TIMEOUT)
    except CallFailed as failure:
        result = f"failure:{failure.cause.name}"
        queues.fire(session, name, "caller_outbound", FIFO_Result=result, Outbound_URL=entry.url)
        return False
    queues.fire(session, name, "caller_outbound", FIFO_Result="success", Outbound_URL=entry.url)
    await _talk(queues, queue, session, called, name)
    return True


async def _talk(queues: Queues, queue: Queue, session: Session, caller: Session, name: str) -> None:
    for one, other, role in ((session, caller, "consumer"), (caller, session, "caller")):
        stamp(one, "TALKING")
        one.set("fifo_target", other.uuid)
        one.set("fifo_role", role)
        one.set("fifo_bridge_role", role)
        one.set("fifo_initiated_bridge", "true")
    begun = stamp_bridge((caller, session))
    if member := session.get(TAG):
        load = queues.workload(member)
        load.failures, load.served = 0, load.served + 1
    queue.callers[caller.uuid] = caller
    queue.bridges[caller.uuid] = caller, session
    import_variables(session, caller)
    try:
        recording = await _record(session, caller)
    except BaseException:
        # The consumer left, and nobody else holds the caller.
        del queue.bridges[caller.uuid]
        queue.callers.pop(caller.uuid, None)
        caller.hangup()
        raise
    _bind_keys(queues, session, caller)
    tell_begin(queues, name, session, caller)
    try:
        await bridge(session, caller, lambda consumer, left: None)
    finally:
        if any(one.channel.up and not one.ready for one in (caller, session)):
            # Somebody was transferred: what he does from now on is none of the queue's calls.
            caller.set("fifo_initiated_bridge", "")
            caller.set("fifo_bridge_role", "")
        del queue.bridges[caller.uuid]
        queue.callers.pop(caller.uuid, None)
        stamp(caller, "DONE")
        stamp(session, "WAITING")
        stamp_bridge((caller, session), begun=begun)
        tell_end(queues, name, session, caller)
    if recording:
        await session.execute("stop_record_session", recording)


async def _record(session: Session, caller: Session) -> str:
    """Record the talk where ``fifo_record_template`` says so; gives the file, or nothing."""
    recording = await caller.expand(session.get("fifo_record_template") or "")
    if recording:
        await session.execute("record_session", recording)
    return recording


def _bind_keys(queues: Queues, session: Session, caller: Session) -> None:
    """While they talk the consumer may end it by a key, or hold the caller by 0 and take him back.

    The bridge forgets the keys at its end.
    """

    def leave() -> None:
        caller.hangup()

    def hold() -> None:
        own = session.get("fifo_hold_music") or session.get("fifo_music") or ""
        own = own or session.get("hold_music") or "silence"
        theirs = caller.get("fifo_music") or caller.get("hold_music") or "silence"
        run_application(session, "soft_hold", f"0 {own} {theirs}", hold_partner=False)

    if queues.hold_key:
        session.bridge_keys["0"] = hold
    session.bridge_keys[(session.get("fifo_consumer_exit_key") or "*")[0]] = leave


async def _wrap_up(queues: Queues, session: Session, name: str) -> None:
    """The consumer gets some time to himself after a call."""
    milliseconds = whole(session.get("fifo_consumer_wrapup_time") or "", WRAPUP_MS)
    key = (session.get("fifo_consumer_wrapup_key") or "")[:1]
    sound = session.get("fifo_consumer_wrapup_sound")
    if not milliseconds and not key:
        return
    stamp(session, "WRAPUP")
    queues.fire(session, name, "consumer_wrapup")
    loop = session.switch.loop
    over: asyncio.Future[None] = loop.create_future()
    timer = loop.call_later(milliseconds / 1000, over.set_result, None) if milliseconds else None
    session.digits.clear()
    try:
        if sound:
            heard = await ivr.play(session, sound, terminators=key)
            if heard.reason == "terminator":
                return
        while not over.done():
            await wait_for_any(session, over, session.digits.arrival())
            digit = session.digits.take()
            if digit is not None and key and digit.digit == key:
                return
    finally:
        if timer is not None:
            timer.cancel()
