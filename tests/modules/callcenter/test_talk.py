"""The talk of an agent and a member: what is counted, recorded, told, and when it is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.callcenter.agent import AgentState
from softswitch.switch.session import Session
from tests.modules.callcenter.support import agents, office, tiers
from tests.support.switch import extension

ONE = {"agents": agents("a"), "tiers": tiers("a")}


async def test_a_talk_is_counted_and_the_agent_rests(tmp_path: Path) -> None:
    resting = agents("a", attributes='wrap-up-time="10"')
    async with office(tmp_path, agents=resting, tiers=tiers("a")) as b:
        b.script("a", "answer@1 hangup@300")
        one = b.call("help", script="hangup@21")
        await b.after(4)
        agent, tier = b.agent("a"), b.center.tiers["help"]["a"]
        assert (agent.state.value, tier.state.value) == ("In a queue call", "Active Inbound")
        assert agent.uuid == b.leg("a").uuid and agent.calls_answered == 1
        await b.ended(one)
        await b.after(1)
        assert (agent.state.value, tier.state.value) == ("Waiting", "Ready")
        assert agent.uuid == "" and 19 <= agent.talk_time <= 21
        assert agent.last_bridge_end - agent.last_bridge_start == agent.talk_time
        b.call("help", script="hangup@60")
        await b.after(8)
        assert len(b.offered()) == 1, "he rests for ten seconds"
        await b.after(4)
        assert len(b.offered()) == 2


async def test_what_is_told_of_a_talk(tmp_path: Path) -> None:
    async with office(tmp_path, **ONE) as b:
        b.script("a", "ring@1 answer@3 hangup@10")
        one = b.call("help")
        await b.ended(one)
        assert b.actions()[3:] == [
            "member-queue-start",
            "members-count",
            "agent-state-change",
            "agent-offering",
            "bridge-agent-start",
            "members-count",
            "agent-state-change",
            "bridge-agent-end",
            "member-queue-end",
            "agent-state-change",
        ]
        start, end, over = map(
            b.told, ("bridge-agent-start", "bridge-agent-end", "member-queue-end")
        )
        who = [
            "CC-Member-UUID", "CC-Member-Session-UUID", "CC-Member-CID-Name",
            "CC-Member-CID-Number",
        ]  # fmt: skip
        called = ["CC-Agent-Called-Time", "CC-Agent-Answered-Time"]
        agent = ["CC-Agent", "CC-Agent-System", "CC-Agent-UUID"]
        assert named(start) == [
            "CC-Queue", "CC-Action", *agent, *called, "CC-Member-Joined-Time", *who,
        ]  # fmt: skip
        assert named(end) == [
            "CC-Queue", "CC-Action", "CC-Hangup-Cause", *agent, "CC-Agent-Bridged", *called,
            "CC-Member-Joined-Time", "CC-Bridge-Terminated-Time", *who,
        ]  # fmt: skip
        assert named(over) == [
            "CC-Queue", "CC-Action", "CC-Hangup-Cause", "CC-Cause", *agent, *called,
            "CC-Member-Leaving-Time", "CC-Member-Joined-Time", *who,
        ]  # fmt: skip
        assert start["Unique-ID"] == end["Unique-ID"] == end["CC-Agent-UUID"]
        assert over["Unique-ID"] == one.uuid == over["CC-Member-Session-UUID"]
        assert (end["CC-Hangup-Cause"], end["CC-Agent-Bridged"]) == ("SUCCESS", "true")
        began = int(start["CC-Member-Joined-Time"])
        assert int(start["CC-Agent-Answered-Time"]) - began == 3
        assert int(end["CC-Bridge-Terminated-Time"]) - began == 10


def named(headers: dict[str, str]) -> list[str]:
    return [name for name in headers if name.startswith("CC-")]


async def test_a_talk_is_recorded(tmp_path: Path) -> None:
    template = f"{tmp_path}/${{caller_id_number}}.wav"
    async with office(tmp_path, record_template=template, **ONE) as b:
        b.script("a", "answer@1 hangup@9")
        one = b.call("help")
        await b.after(3)
        assert one.get("cc_record_filename") == f"{tmp_path}/1000.wav"
        assert any(bug.function == "session_record" for bug in one.bugs)


async def test_the_agent_hears_who_comes_before_they_talk(tmp_path: Path) -> None:
    route = extension("told", "set cc_outbound_announce=silence_stream://3000", "callcenter help")
    async with office(tmp_path, route, **ONE) as b:
        b.script("a", "answer@1 hangup@20")
        one = b.call("told")
        await b.after(3)
        assert one.peer is None and b.leg("a").channel.answered
        await b.after(2)
        assert one.peer is b.leg("a")


async def test_who_hangs_up_during_that_is_told_to_the_agent(tmp_path: Path) -> None:
    route = extension(
        "told",
        "set cc_outbound_announce=silence_stream://5000",
        "set cc_bridge_failed_outbound_announce=silence_stream://2000",
        "callcenter help",
    )
    async with office(tmp_path, route, **ONE) as b:
        b.script("a", "answer@1 hangup@60")
        await b.ended(b.call("told", script="hangup@3"))
        await b.after(4)
        leg = b.leg("a")
        assert leg.channel.up and leg.get("cc_agent_bridged") == "false"
        await b.after(2)
        assert not leg.channel.up
        assert b.member.state.value == "Abandoned" and b.agent("a").state.value == "Waiting"
        assert b.agent("a").calls_answered == 0
        assert b.told("bridge-agent-end")["CC-Agent-Bridged"] == "false"


async def test_a_member_waits_on_whose_agent_hangs_up_before_they_talk(tmp_path: Path) -> None:
    route = extension("told", "set cc_outbound_announce=silence_stream://5000", "callcenter help")
    async with office(tmp_path, route, **ONE) as b:
        b.script("a", "answer@1 hangup@3")
        one = b.call("told", script="hangup@60")
        await b.after(2)
        b.script("a", "answer@1 hangup@30")
        await b.after(1.5)
        assert b.told("bridge-agent-end")["CC-Agent-Bridged"] == "false"
        await b.after(9)
        assert one.peer is b.leg("a")
        assert one.get("cc_cause") == "answered"


async def test_available_on_demand_is_one_call(tmp_path: Path) -> None:
    async with office(tmp_path, **ONE) as b:
        await b.config("agent set status a 'Available (On Demand)'")
        b.script("a", "answer@1 hangup@5")
        await b.ended(b.call("help"))
        assert b.agent("a").state.value == "Idle"
        b.call("help", script="hangup@60")
        await b.after(5)
        assert len(b.offered()) == 1
        await b.config("agent set state a Waiting")
        await b.after(1)
        assert len(b.offered()) == 2


async def test_an_agent_may_be_freed_while_his_call_goes_on(tmp_path: Path) -> None:
    async with office(tmp_path, **ONE) as b:
        b.script("a", "answer@1 hangup@60")
        one = b.call("help", script="hangup@60")
        await b.after(4)
        uuid = b.leg("a").uuid
        assert await b.switch.run_command(f"callcenter_break agent {uuid}") == "+OK\n"
        await b.after(0.5)
        assert b.agent("a").state.value == "Waiting" and one.peer is not None
        for words, answer in (
            ("", "-ERR Usage: callcenter_break agent <uuid>\n"),
            ("agent", "-ERR Usage: callcenter_break agent <uuid>\n"),
            ("agent x", "-ERR Session not found for uuid x\n"),
        ):
            assert await b.switch.run_command(f"callcenter_break {words}") == answer


async def test_other_queues_of_an_agent_stand_by(tmp_path: Path) -> None:
    async with office(
        tmp_path,
        queues='<queue name="sales"/>',
        agents=agents("a"),
        tiers=tiers("a") + tiers("a", queue="sales"),
    ) as b:
        b.script("a", "ring@1 answer@2 hangup@9")
        one = b.call("help")
        await b.after(1.5)
        states = {tier.queue: tier.state.value for tier in b.center.all_tiers()}
        assert states == {"help": "Offering", "sales": "Standby"}
        await b.ended(one)
        assert {tier.state.value for tier in b.center.all_tiers()} == {"Ready"}


async def test_an_agent_who_hangs_up_as_they_are_joined_is_free_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with office(tmp_path, agents=agents("a"), tiers=tiers("a")) as b:
        b.script("a", "answer@1")
        one = b.call("help", script="hangup@60")
        await b.after(0.5)

        def ends(session: Session, what: str) -> None:
            if what == "bridged":
                b.leg("a").hangup()

        one.watchers.append(ends)
        await b.after(3)
        assert not b.leg("a").channel.up
        assert b.agent("a").state is AgentState.WAITING
        assert "offer to a failed" not in caplog.text
        assert b.actions("bridge-agent-start", "bridge-agent-end")[:2] == [
            "bridge-agent-start",
            "bridge-agent-end",
        ]
