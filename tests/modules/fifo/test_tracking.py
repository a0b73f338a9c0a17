"""Calls outside of queues that count for a member."""

from __future__ import annotations

from pathlib import Path

from tests.modules.fifo.support import office
from tests.support.switch import extension

FIFOS = '<fifo name="sales"><member lag="3">test/a</member></fifo>'
TRACK = extension(
    "track_(.*)", "fifo_track_call $1", "fifo_track_call $1", "bridge test/bob", "park"
)


async def test_a_call_counts_once_for_a_member_until_it_ends(tmp_path: Path) -> None:
    async with office(tmp_path, TRACK, fifos=FIFOS) as b:
        (member,) = b.queue.members.values()
        b.script("bob", "ring@1")
        one = b.call(f"track_{member.id}")
        await b.after(1)
        assert (member.load.in_use, member.load.manual_out) == (1, 1)
        assert (one.get("fifo_outbound_uuid"), one.get("fifo_track_call")) == (member.id, "true")
        begin = b.told("channel-consumer-start")
        assert (begin["FIFO-Name"], begin["FIFO-Type"]) == ("manual_calls", "manual")
        assert begin["FIFO-Consumer-Outbound-ID"] == member.id
        assert begin["FIFO-Consumer-Use-Count"] == "1"
        assert begin["FIFO-Caller-CID-Number"] == f"track_{member.id}"
        one.hangup()
        await b.ended(one)
        assert member.load.in_use == 0 and member.free_at > b.switch.loop.time()
        assert b.told("channel-consumer-stop")["FIFO-Consumer-Use-Count"] == "0"
        b.script("bob", "ring@1")
        await b.ended(b.call("track_nobody", script="hangup@3"))
        assert len(b.actions("channel-consumer-start")) == 2, "ids need not be known"


async def test_whom_a_member_talks_to_is_told_and_noted(tmp_path: Path) -> None:
    async with office(tmp_path, TRACK, fifos=FIFOS) as b:
        (member,) = b.queue.members.values()
        b.script("bob", "answer@1 hangup@11")
        variables = {"fifo_caller_consumer_import": "skill", "fifo_import_prefix": "his_"}
        one = b.call(f"track_{member.id}", variables=variables)
        await b.after(0.5)
        bob = b.legs.legs["bob"].session
        bob.set("skill", "7")
        await b.after(1)
        noted = ("fifo_bridged", "fifo_manual_bridge", "fifo_role", "fifo_status", "fifo_target")
        assert [one.get(name) for name in noted] == [
            "true",
            "true",
            "consumer",
            "TALKING",
            bob.uuid,
        ]
        assert (bob.get("fifo_role"), bob.get("fifo_target")) == ("caller", one.uuid)
        assert one.get("his_skill") == "7"
        assert b.actions("bridge-consumer-start", "bridge-caller-start", "consumer_stop") == [
            "bridge-consumer-start",
            "bridge-caller-start",
        ]
        await b.ended(bob)
        await b.after(1)
        assert (one.get("fifo_bridged"), one.get("fifo_status")) == (None, "WAITING")
        assert bob.get("fifo_status") == "DONE"
        assert one.get("fifo_bridge_seconds") == "10"
        ends = ("bridge-consumer-stop", "bridge-caller-stop", "consumer_stop")
        assert b.actions(*ends, "channel-consumer-stop") == list(ends)
        assert member.load.in_use == 1
        one.hangup()
        await b.ended(one)
        assert b.actions(*ends, "channel-consumer-stop") == [*ends, "channel-consumer-stop"]


async def test_a_queues_talk_is_marked_on_both_calls(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        agent = b.call("out")
        await b.after(1)
        caller = b.call("in")
        await b.after(2)
        marks = [
            (one.get("fifo_initiated_bridge"), one.get("fifo_bridge_role"))
            for one in (agent, caller)
        ]
        assert marks == [("true", "consumer"), ("true", "caller")]
        assert b.told("consumer_pop")["FIFO-Caller-UUID"] == caller.uuid
        caller.transfer("elsewhere")
        await b.reached("sleep", caller)
        assert caller.get("fifo_initiated_bridge") is None
        assert caller.get("fifo_bridge_role") is None
        agent.hangup()
        await b.ended(caller)
        await b.ended(agent)
