"""``fifo_track_call``: calls outside of queues that count for a member whom queues call.

They are told of as calls of the queue ``manual_calls``, as in FreeSWITCH.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.fifo.dialling import TAG
from softswitch.modules.fifo.settings import MANUAL
from softswitch.modules.fifo.stamp import stamp, stamp_bridge
from softswitch.modules.fifo.talk_events import figures, import_variables, of_member

if TYPE_CHECKING:
    from softswitch.modules.fifo.queue import Workload
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session


def count_call(queues: Queues, session: Session, member_id: str) -> Workload:
    """Count a call for a member until it ends, so that he is not rung meanwhile; then he rests."""
    load, switch = queues.workload(member_id), queues.switch
    if session.uuid in load.calls:
        return load

    def left(_: Session, what: str) -> None:
        if what == "hangup":
            session.unwatch(left)
            load.calls.discard(session.uuid)
            load.stopped = switch.now_us() // 1_000_000
            load.rests_from = switch.loop.time() + 1
            queues.tell_change()

    load.calls.add(session.uuid)
    load.started, load.stopped = switch.now_us() // 1_000_000, 0
    session.watchers.append(left)
    return load


def track_call(queues: Queues, session: Session, member_id: str) -> None:
    """Count a call for a member, and tell of it until it ends; a call counts once."""
    if not member_id:
        session.log.error("fifo_track_call: the id of a member wanted")
        return
    if session.uuid in queues.tracked:
        session.log.warning("fifo_track_call: the call counts already")
        return
    session.set(TAG, member_id)
    session.set("fifo_track_call", "true")
    load = count_call(queues, session, member_id)
    load.failures = 0
    if session.channel.outbound:
        load.manual_in += 1
    else:
        load.manual_out += 1
    queues.tracked[session.uuid] = TrackedCall(queues, session)


class TrackedCall:
    """Tells of a member's call, and of whom he talks to in it."""

    def __init__(self, queues: Queues, session: Session) -> None:
        self._queues, self._session = queues, session
        self._caller: Session | None = None
        self._begun = 0
        session.watchers.append(self._watch)
        profile = session.channel.profile
        name = number = profile.destination_number
        if session.channel.outbound:
            name, number = profile.caller_id_name, profile.caller_id_number
        self._fire(
            "channel-consumer-start",
            FIFO_Type="manual",
            FIFO_Caller_CID_Name=name,
            FIFO_Caller_CID_Number=number,
        )

    def stop(self) -> None:
        """Tell of it no more: a queue does from now on."""
        self._end()
        self._session.unwatch(self._watch)
        del self._queues.tracked[self._session.uuid]

    def _watch(self, session: Session, what: str) -> None:
        if what == "bridged" and session.peer is not None and not self._begun:
            self._begin(session.peer)
        elif what == "unbridged":
            self._end()
        elif what == "hangup":
            self.stop()
            self._fire("channel-consumer-stop", FIFO_Type="manual", **figures(session))

    def _begin(self, caller: Session) -> None:
        session = self._session
        self._caller = caller
        session.set("fifo_bridged", "true")
        session.set("fifo_manual_bridge", "true")
        for one, other, role in ((session, caller, "consumer"), (caller, session, "caller")):
            stamp(one, "TALKING")
            one.set("fifo_target", other.uuid)
            one.set("fifo_role", role)
        self._begun = stamp_bridge((caller, session))
        self._queues.manual.bridges[caller.uuid] = caller, session
        import_variables(session, caller)
        profile = session.channel.profile
        name = number = profile.caller_id_number
        if session.channel.outbound:
            name = profile.caller_id_name
        else:
            number = profile.callee_id_number or profile.destination_number
            name = profile.callee_id_name or number
        self._fire(
            "bridge-consumer-start", FIFO_Caller_CID_Name=name, FIFO_Caller_CID_Number=number
        )
        self._queues.fire(caller, MANUAL, "bridge-caller-start")

    def _end(self) -> None:
        session, caller = self._session, self._caller
        if caller is None:
            return
        session.set("fifo_bridged", "")
        stamp(session, "WAITING")
        stamp(caller, "DONE")
        stamp_bridge((caller, session), begun=self._begun)
        self._caller, self._begun = None, 0
        self._queues.manual.bridges.pop(caller.uuid, None)
        self._fire("bridge-consumer-stop")
        self._queues.fire(caller, MANUAL, "bridge-caller-stop")
        self._queues.fire(session, MANUAL, "consumer_stop")

    def _fire(self, action: str, **more: str) -> None:
        """An event of the member's call."""
        told = of_member(self._queues, self._session)
        self._queues.fire(self._session, MANUAL, action, **told, **more)
