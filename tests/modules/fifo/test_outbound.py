"""Members that a queue calls while callers wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.modules.fifo.support import Office, office
from tests.support.switch import extension

TWO = """<fifo name="sales" outbound_per_cycle="0"><member timeout="20" lag="5">test/a</member>
<member timeout="20" lag="5">{origination_caller_id_name=X}test/b</member></fifo>"""

FIFOS = ("sales", "help")


def figures(b: Office) -> list[tuple[int, int, int]]:
    """Of each member: calls under way, calls, failures."""
    return [
        (one.load.in_use, one.load.served, one.load.failures) for one in b.queue.members.values()
    ]


async def test_members_ring_together_and_the_first_gets_the_caller(tmp_path: Path) -> None:
    async with office(tmp_path, fifos=TWO) as b:
        b.script("a", "ring@1 answer@9")
        b.script("b", "ring@1 answer@3 hangup@10")
        one = b.call("in", script="hangup@60")
        await b.after(2)
        assert [len(one.members) for one in b.queue.rounds] == [2]
        assert b.legs.legs["a"].session.channel.profile.caller_id_number == "1000"
        await b.after(3)
        winner = b.partner(one)
        assert winner is b.legs.legs["b"].session
        assert winner.channel.profile.caller_id_name == "X"
        assert b.legs.legs["a"].cause is not None
        assert figures(b) == [(0, 0, 0), (1, 1, 0)]
        assert await b.switch.run_command(f"fifo_check_bridge {one.uuid}") == "true"
        await b.ended(one)
        assert figures(b) == [(0, 0, 0), (0, 1, 0)]
        assert await b.switch.run_command(f"fifo_check_bridge {one.uuid}") == "false"
        assert b.actions("pre-dial", "post-dial") == ["pre-dial", "post-dial"]
        assert b.told("post-dial")["result"] == "success"


async def test_members_ring_each_for_himself(tmp_path: Path) -> None:
    fifos = TWO.replace('outbound_per_cycle="0"', 'outbound_per_cycle="2"')
    async with office(tmp_path, fifos=fifos, strategy="enterprise") as b:
        b.script("a", "answer@2 hangup@30")
        b.script("b", "answer@3 hangup@30")
        one, two = (b.call("in", script="hangup@60") for _ in range(2))
        await b.after(5)
        assert {b.partner(one), b.partner(two)} == {
            b.legs.legs["a"].session,
            b.legs.legs["b"].session,
        }


async def test_who_does_not_answer_rests_and_is_tried_again(tmp_path: Path) -> None:
    fifos = '<fifo name="sales"><member lag="5">test/a</member></fifo>'
    async with office(tmp_path, fifos=fifos) as b:
        b.script("a", "hangup:USER_BUSY@1")
        one = b.call("in", script="hangup@60")
        await b.after(2)
        assert figures(b) == [(0, 0, 1)]
        b.script("a", "answer@1 hangup@20")
        await b.after(3)
        assert b.partner(one) is None
        await b.after(4)
        assert b.partner(one) is b.legs.legs["a"].session


async def test_nobody_rings_on_when_the_caller_gave_up_or_somebody_else_took_him(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, fifos=TWO) as b:
        b.script("a", "ring@1")
        b.script("b", "ring@1")
        await b.ended(b.call("in", script="hangup@4"))
        await b.after(0.5)
        assert not b.queue.rounds and figures(b) == [(0, 0, 0)] * 2
        b.call("in", script="hangup@60")
        await b.after(2)
        b.call("next", script="hangup@9")
        await b.after(1)
        assert not b.queue.rounds


async def test_idle_consumers_go_before_members(tmp_path: Path) -> None:
    async with office(tmp_path, fifos=TWO) as b:
        b.script("a", "ring@1")
        b.script("b", "ring@1")
        agent = b.call("out", script="hangup@30")
        await b.after(1)
        one = b.call("in", script="hangup@20")
        await b.after(2)
        assert b.partner(one) is agent
        assert b.actions("pre-dial") == []


async def test_a_member_may_stay_for_caller_after_caller(tmp_path: Path) -> None:
    fifos = '<fifo name="sales"><member lag="0">{member_wait=wait}test/a</member></fifo>'
    route = extension("quick", "set fifo_consumer_wrapup_time=0", "fifo sales in")
    async with office(tmp_path, route, fifos=fifos, strategy="enterprise") as b:
        b.script("a", "answer@1 hangup@60")
        await b.ended(b.call("in", script="hangup@5"))
        await b.after(1)
        assert len(b.queue.consumers) == 1
        two = b.call("in", script="hangup@30")
        await b.after(7)
        assert b.partner(two) is b.legs.legs["a"].session


@pytest.mark.parametrize(
    ("variable", "stays"),
    [
        ("", 1),
        ("{member_wait=nowait}", 0),
        ("{fifo_member_wait=nowait}", 0),
        ("{member_wait=x}", 1),
    ],
)
async def test_who_is_called_by_himself_stays_unless_he_says_otherwise(
    tmp_path: Path, variable: str, stays: int
) -> None:
    fifos = f'<fifo name="sales"><member lag="0">{variable}test/a</member></fifo>'
    async with office(tmp_path, fifos=fifos, strategy="enterprise") as b:
        b.script("a", "answer@1 hangup@30")
        await b.ended(b.call("in", script="hangup@5"))
        await b.after(1)
        assert len(b.queue.consumers) == stays


async def test_each_caller_has_as_many_members_rung_as_the_queue_says(tmp_path: Path) -> None:
    members = "".join(f"<member>test/{name}</member>" for name in "abc")
    async with office(tmp_path, fifos=f'<fifo name="sales">{members}</fifo>') as b:
        for name in "abc":
            b.script(name, "ring@1")
        one = b.call("in", script="hangup@60")
        await b.after(2)
        assert list(b.legs.legs) == ["a"]
        two = b.call("in", script="hangup@60")
        await b.after(2)
        assert list(b.legs.legs) == ["a", "b"]
        # Who rings for somebody who went does not ring for the others.
        one.hangup()
        await b.after(1)
        assert b.legs.legs["a"].cause is HangupCause.ORIGINATOR_CANCEL
        assert b.legs.legs["b"].cause is None
        assert b.legs.legs["b"].session.get("fifo_bridge_uuid") == two.uuid
        assert figures(b) == [(0, 0, 0)] * 3


async def test_a_member_of_two_queues_is_rung_by_one_of_them(tmp_path: Path) -> None:
    fifos = "".join(f'<fifo name="{name}"><member>test/a</member></fifo>' for name in FIFOS)
    async with office(tmp_path, extension("help", "fifo help in"), fifos=fifos) as b:
        b.script("a", "answer@5 hangup@20")
        one = b.call("in", script="hangup@60")
        two = b.call("help", script="hangup@60")
        await b.after(8)
        assert b.partner(one) is not None and b.partner(two) is None
        assert figures(b) == [(1, 1, 0)]
        assert b.actions("pre-dial") == ["pre-dial"]
        await b.switch.run_command("fifo reparse")
        await b.after(2)
        assert figures(b) == [(1, 1, 0)], "a new reading forgets no call"
        assert b.actions("pre-dial") == ["pre-dial"]


async def test_nobody_else_rings_while_who_answered_hears_an_announcement(tmp_path: Path) -> None:
    fifos = (
        '<fifo name="sales"><member>{fifo_announce=announce.wav}test/a</member>'
        "<member>test/b</member></fifo>"
    )
    async with office(tmp_path, fifos=fifos) as b:
        b.script("a", "answer@1 hangup@20")
        one = b.call("in", script="hangup@60")
        await b.after(4)
        assert b.partner(one) is b.legs.legs["a"].session
        assert "b" not in b.legs.legs


async def test_the_call_of_a_member_counts_on_when_the_queue_lets_it_go(tmp_path: Path) -> None:
    route = extension("mine_(.*)", "set fifo_outbound_uuid=$1", "fifo sales out nowait", "park")
    fifos = '<fifo name="sales"><member lag="3">test/a</member></fifo>'
    async with office(tmp_path, route, fifos=fifos) as b:
        (member,) = b.queue.members.values()
        b.script("a", "ring@1")
        one = b.call("in", script="hangup@5")
        await b.after(1)
        mine = b.call(f"mine_{member.id}", script="hangup@20")
        await b.after(2)
        assert b.partner(one) is mine and figures(b) == [(1, 1, 0)]
        assert b.told("bridge-consumer-start")["FIFO-Consumer-Use-Count"] == "1"
        await b.after(5)
        assert b.told("channel-consumer-start")["FIFO-Name"] == "manual_calls"
        assert (member.load.manual_out, figures(b)) == (1, [(1, 1, 0)])
        await b.ended(mine)
        assert figures(b) == [(0, 1, 0)] and not member.available(b.switch.loop.time())
