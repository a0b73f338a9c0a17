"""Members that a queue calls while callers wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.fifo.support import Office, office
from tests.support.switch import extension

TWO = """<fifo name="sales"><member timeout="20" lag="5">test/a</member>
<member timeout="20" lag="5">{origination_caller_id_name=X}test/b</member></fifo>"""


def figures(b: Office) -> list[tuple[int, int, int]]:
    """Of each member: calls under way, calls, failures."""
    return [(one.in_use, one.calls, one.failures) for one in b.queue.members.values()]


async def test_members_ring_together_and_the_first_gets_the_caller(tmp_path: Path) -> None:
    async with office(tmp_path, fifos=TWO) as b:
        b.script("a", "ring@1 answer@9")
        b.script("b", "ring@1 answer@3 hangup@10")
        one = b.call("in", script="hangup@60")
        await b.after(2)
        assert b.queue.ringing == 2
        assert b.legs.legs["a"].session.channel.profile.caller_id_number == "fifo+sales"
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
    fifos = TWO.replace('name="sales"', 'name="sales" outbound_per_cycle="2"')
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
        assert b.queue.ringing == 0 and figures(b) == [(0, 0, 0)] * 2
        b.call("in", script="hangup@60")
        await b.after(2)
        b.call("next", script="hangup@9")
        await b.after(1)
        assert b.queue.ringing == 0


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
    async with office(tmp_path, route, fifos=fifos) as b:
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
