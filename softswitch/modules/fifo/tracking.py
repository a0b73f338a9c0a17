"""``fifo_track_call``: calls outside of queues that count for a member whom queues call.

They are told of as calls of the queue ``manual_calls``, as in FreeSWITCH.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.fifo.outbound import TAG, track
from softswitch.modules.fifo.stamp import stamp, stamp_bridge
from softswitch.modules.fifo.talk_events import figures, import_variables

if TYPE_CHECKING:
    from softswitch.modules.fifo.queue import Member
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session

MANUAL = "manual_calls"


def track_call(queues: Queues, session: Session, member_id: str) -> None:
    """Count a call for a member until it ends; a call counts once."""
    if session.get("fifo_track_call"):
        session.log.warning("fifo_track_call: the call counts already")
        return
    found = [queue.members[member_id] for queue in queues if member_id in queue.members]
    if not found:
        session.log.error("fifo_track_call: no queue calls %r", member_id)
        return
    session.set(TAG, member_id)
    session.set("fifo_track_call", "true")
    for member in found:
        member.in_use += 1
        if session.channel.outbound:
            member.manual_in += 1
        else:
            member.manual_out += 1
    TrackedCall(queues, session, found[0])
    for member in found:
        track(queues, session, member)


class TrackedCall:
    """Tells of a member's call, and of whom he talks to in it."""

    def __init__(self, queues: Queues, session: Session, member: Member) -> None:
        self._queues, self._session, self._member = queues, session, member
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

    def _watch(self, session: Session, what: str) -> None:
        if what == "bridged" and session.peer is not None and not self._begun:
            self._begin(session.peer)
        elif what in ("unbridged", "hangup"):
            self._end()
            if what == "hangup":
                session.watchers.remove(self._watch)
                # `track`, which watches too, frees the member a moment later.
                told = figures(session, use_count=self._member.in_use - 1)
                self._fire("channel-consumer-stop", FIFO_Type="manual", **told)

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
        self._fire("bridge-consumer-stop")
        self._queues.fire(caller, MANUAL, "bridge-caller-stop")
        self._queues.fire(session, MANUAL, "consumer_stop")

    def _fire(self, action: str, **more: str) -> None:
        """An event of the member's call."""
        told = {
            "FIFO_Consumer_Outbound_ID": self._member.id,
            "FIFO_Consumer_Use_Count": str(self._member.in_use),
        }
        self._queues.fire(self._session, MANUAL, action, **(told | more))
