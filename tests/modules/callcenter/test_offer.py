"""Offering: how agents are called, and what becomes of those who do not answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.modules.callcenter.support import Office, agents, office, tiers
from tests.support.switch import extension


async def test_an_agent_sees_who_calls_and_gets_what_is_exported(tmp_path: Path) -> None:
    route = extension(
        "named",
        "set cc_outbound_cid_name_prefix=Help: ",
        "set effective_caller_id_number=4711",
        "set account=9",
        "set cc_export_vars=account,missing",
        "callcenter help",
    )
    one = '<agent name="a" type="callback" contact="test/${who}" status="Available"/>'
    async with office(tmp_path, route, agents=one, tiers=tiers("a")) as b:
        b.script("bob", "ring@1")
        b.call("named", script="hangup@9", variables={"who": "bob"})
        await b.after(2)
        leg = b.leg("bob")
        assert leg.channel.profile.caller_id_name == "Help: Alice"
        assert leg.channel.profile.caller_id_number == "4711"
        assert leg.get("account") == "9" and leg.get("missing") is None
        offering = b.told("agent-offering")
        assert [name for name in offering if name.startswith("CC-")] == [
            "CC-Queue", "CC-Action", "CC-Agent", "CC-Agent-Type", "CC-Agent-System",
            "CC-Member-UUID", "CC-Member-Session-UUID", "CC-Member-CID-Name",
            "CC-Member-CID-Number",
        ]  # fmt: skip
        assert offering["CC-Member-CID-Name"] == "Alice"
        assert offering["CC-Agent-System"] == "single_box"


@pytest.mark.parametrize(
    ("cause", "rest", "misses", "tier"),
    [
        ("USER_BUSY", 30, 0, "Ready"),
        ("NORMAL_CIRCUIT_CONGESTION", 30, 0, "Ready"),
        ("CALL_REJECTED", 20, 0, "Ready"),
        ("NO_ANSWER", 10, 1, "No Answer"),
        ("USER_NOT_REGISTERED", 5, 0, "Ready"),
        ("SUBSCRIBER_ABSENT", 10, 1, "No Answer"),
    ],
)
async def test_who_does_not_answer_rests_for_a_while(
    tmp_path: Path, cause: str, rest: int, misses: int, tier: str
) -> None:
    delays = 'busy-delay-time="30" reject-delay-time="20" no-answer-delay-time="10"'
    async with office(tmp_path, agents=agents("a", attributes=delays), tiers=tiers("a")) as b:
        b.script("a", f"hangup:{cause}@1")
        b.call("help", script="hangup@60")
        await b.after(2)
        agent = b.agent("a")
        failed = b.told("bridge-agent-fail")
        assert failed["CC-Hangup-Cause"] == cause
        assert agent.ready_time == int(failed["CC-Agent-Aborted-Time"]) + rest
        assert agent.no_answer_count == misses and agent.state.value == "Waiting"
        assert b.center.tiers["help"]["a"].state.value == tier
        assert b.member.state.value == "Waiting" and b.member.serving_agent == ""
        await b.after(rest - 2)
        assert len(b.offered()) == 1
        await b.after(3)
        assert len(b.offered()) == 2, "he is tried again"


@pytest.mark.parametrize("status", ["On Break", "Logged Out"])
async def test_who_misses_too_many_calls_gets_another_status(tmp_path: Path, status: str) -> None:
    one = agents("a", attributes='max-no-answer="2" no-answer-delay-time="3"')
    params = {"agent_no_answer_status": status}
    async with office(tmp_path, agents=one, tiers=tiers("a"), **params) as b:
        b.script("a", "hangup:NO_ANSWER@1")
        b.call("help", script="hangup@60")
        await b.after(3)
        assert b.agent("a").status.value == "Available"
        await b.after(20)
        assert b.agent("a").status.value == status and len(b.offered()) == 2
        told = b.told("agent-max-no-answer")
        assert told["CC-Agent-No-Answer-Count"] == "2"
        assert told["CC-Agent-No-Answer-Status"] == status
        assert b.told("agent-status-change")["CC-Agent-Status"] == status


async def test_an_agent_rings_no_longer_than_the_settings_say(tmp_path: Path) -> None:
    settings = '<param name="agent-originate-timeout" value="5"/>'
    async with office(tmp_path, settings=settings, agents=agents("a"), tiers=tiers("a")) as b:
        b.script("a", "ring@1")
        b.call("help", script="hangup@60")
        await b.after(5.5)
        assert b.told("bridge-agent-fail")["CC-Hangup-Cause"] == "NO_ANSWER"


async def test_all_ring_and_the_first_gets_the_caller(tmp_path: Path) -> None:
    three = agents("a", "b", "c")
    async with office(tmp_path, agents=three, tiers=tiers("a", "b", "c"), strategy="ring-all") as b:
        b.script("a", "ring@1 answer@9")
        b.script("b", "ring@1 answer@3 hangup@10")
        b.script("c", "hangup:USER_BUSY@1")
        one = b.call("help")
        await b.after(2)
        assert b.member.serving_agent == "ring-all"
        await b.after(2)
        assert one.peer is b.leg("b")
        assert b.legs.legs["a"].cause is HangupCause.LOSE_RACE
        assert [b.agent(name).no_answer_count for name in "abc"] == [0, 0, 0]
        assert b.member.serving_agent == "b"
        states = {name: b.agent(name).state.value for name in "ab"}
        assert states == {"a": "Waiting", "b": "In a queue call"}


async def test_of_two_who_answer_at_once_one_gets_the_caller(tmp_path: Path) -> None:
    async with office(
        tmp_path, agents=agents("a", "b"), tiers=tiers("a", "b"), strategy="ring-all"
    ) as b:
        for name in "ab":
            await b.config(f"agent set status {name} 'Available (On Demand)'")
            b.script(name, "answer@3 hangup@20")
        one = b.call("help", script="hangup@10")
        await b.after(5)
        winner, loser = ("a", "b") if one.peer is b.leg("a") else ("b", "a")
        assert one.peer is b.leg(winner)
        assert b.legs.legs[loser].cause is HangupCause.LOSE_RACE
        assert b.agent(loser).state.value == "Waiting", "he had no call and may have another"
        assert b.agent(loser).calls_answered == b.agent(loser).no_answer_count == 0
        await b.ended(one)
        assert b.agent(winner).state.value == "Idle"


async def test_one_agent_after_the_other_begins_to_ring(tmp_path: Path) -> None:
    params = {"strategy": "ring-progressively", "ring_progressively_delay": "5"}
    # A time that is none is taken for not having been offered yet.
    mine = extension("mine", f"set cc_last_originated_call={'9' * 5000}", "callcenter help")
    async with office(
        tmp_path, mine, agents=agents("a", "b", "c"), tiers=tiers("a", "b", "c"), **params
    ) as b:
        for name in "abc":
            b.script(name, "ring@1")
        one = b.call("mine", script="hangup@60")
        await b.after(4)
        assert b.offered() == ["a"]
        await b.after(3)
        assert b.offered() == ["a", "b"] and b.legs.legs["a"].cause is None
        one.hangup()
        await b.after(1)
        assert b.legs.legs["a"].cause is b.legs.legs["b"].cause is HangupCause.ORIGINATOR_CANCEL


async def test_who_goes_on_a_break_rings_no_more(tmp_path: Path) -> None:
    async with office(tmp_path, agents=agents("a"), tiers=tiers("a")) as b:
        b.script("a", "ring@1")
        b.call("help", script="hangup@60")
        await b.after(3)
        assert await b.config("agent set status a 'On Break'") == "+OK\n"
        await b.after(1)
        assert b.legs.legs["a"].cause is HangupCause.ORIGINATOR_CANCEL
        assert b.agent("a").no_answer_count == 0 and len(b.offered()) == 1


async def test_reserved_comes_before_receiving(tmp_path: Path) -> None:
    settings = '<param name="reserve-agents" value="true"/>'
    async with office(tmp_path, settings=settings, agents=agents("a"), tiers=tiers("a")) as b:
        b.script("a", "ring@1")
        b.call("help", script="hangup@9")
        await b.after(2)
        assert states(b) == ["Reserved", "Receiving"]


def states(b: Office) -> list[str]:
    """The states that agents were told to have."""
    return [
        event.headers["CC-Agent-State"]
        for event in b.events
        if event.headers.get("CC-Action") == "agent-state-change"
    ]


async def standby(b: Office, name: str, script: str = "hangup@100") -> str:
    """An agent's call that waits; its uuid."""
    session = b.call("standby", script=script, caller="3000")
    await b.after(1)
    assert await b.config(f"agent set uuid {name} {session.uuid}") == "+OK\n"
    return session.uuid


STANDBY = '<agent name="s" type="uuid-standby" status="Available"/>'


async def test_an_agents_call_may_wait_for_members(tmp_path: Path) -> None:
    async with office(tmp_path, agents=STANDBY, tiers=tiers("s")) as b:
        uuid = await standby(b, "s")
        one = b.call("help", script="hangup@10")
        await b.after(3)
        waits = b.switch.find(uuid)
        assert waits is not None and one.peer is waits
        assert waits.get("cc_side") == "agent" and waits.get("cc_member_session_uuid") == one.uuid
        await b.ended(one)
        await b.after(1)
        assert waits.channel.up and b.agent("s").state.value == "Waiting"
        assert b.agent("s").uuid == uuid
        assert b.told("bridge-agent-end")["CC-Hangup-Cause"] == "NONE"
        two = b.call("help", script="hangup@10")
        await b.after(4)
        assert two.peer is waits


async def test_a_warning_tells_a_waiting_agent_who_comes(tmp_path: Path) -> None:
    async with office(tmp_path, agents=STANDBY, tiers=tiers("s")) as b:
        uuid = await standby(b, "s")
        waits = b.switch.find(uuid)
        assert waits is not None
        waits.set("cc_warning_tone", "ARRAY::silence_stream://2000::silence_stream://2000")
        one = b.call("help", script="hangup@20")
        await b.after(3)
        assert one.peer is None
        await b.after(2)
        assert one.peer is waits


async def test_an_agent_whose_call_is_gone_is_logged_out(tmp_path: Path) -> None:
    async with office(tmp_path, agents=STANDBY, tiers=tiers("s")) as b:
        await standby(b, "s", "hangup@2")
        await b.after(3)
        b.call("help", script="hangup@9")
        await b.after(2)
        assert b.agent("s").status.value == "Logged Out" and b.agent("s").uuid == ""
        assert b.member.state.value == "Waiting"
