"""Serving: whom to take first, one or all, and the rest between two calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.events import Event
from tests.modules.fifo.support import office
from tests.support.engine import far_end
from tests.support.switch import extension


async def test_a_consumer_who_waits_takes_caller_after_caller(tmp_path: Path) -> None:
    route = extension(
        "agent",
        "set fifo_consumer_wrapup_time=2000",
        "set fifo_consumer_wrapup_sound=wrap.wav",
        "fifo sales out wait chime.wav music.wav",
    )
    async with office(tmp_path, route) as b:
        agent = b.call("agent", caller="2000", script="hangup@60")
        await b.after(1)
        assert agent.channel.answered and agent.get("fifo_status") == "WAITING"
        assert b.queue.idle == {agent.uuid}
        one = b.call("in", script="hangup@5")
        await b.after(3)
        assert b.partner(agent) is one
        two = b.call("in", script="hangup@30")
        await b.ended(one)
        await b.after(1)
        assert agent.get("fifo_status") == "WRAPUP" and b.partner(two) is None
        await b.after(4)
        assert b.partner(agent) is two
        played = [Path(what).stem for what in far_end(agent.media).played]
        assert played == ["music", "chime", "wrap", "chime"]
        await b.ended(two)
        await b.ended(agent)
        assert b.actions("consumer_start", "consumer_pop", "consumer_wrapup", "consumer_stop") == [
            "consumer_start",
            "consumer_pop",
            "consumer_wrapup",
            "consumer_pop",
            "consumer_wrapup",
            "consumer_stop",
        ]
        assert b.actions("bridge-consumer-start", "bridge-caller-start")[:2] == [
            "bridge-consumer-start",
            "bridge-caller-start",
        ]
        assert not b.queue.consumers and not b.queue.bridges and not b.queue.callers


async def test_a_key_ends_the_rest(tmp_path: Path) -> None:
    route = extension(
        "agent",
        "set fifo_consumer_wrapup_key=5",
        "set fifo_consumer_wrapup_time=0",
        "fifo sales out wait",
    )
    async with office(tmp_path, route) as b:
        agent = b.call("agent", script="digit:1@20 digit:5@30 hangup@60")
        await b.after(1)
        b.call("in", script="hangup@5")
        await b.after(10)
        two = b.call("in", script="hangup@60")
        await b.after(15)
        assert agent.get("fifo_status") == "WRAPUP"
        await b.after(6)
        assert b.partner(agent) is two


async def test_without_callers_nowait_goes_on_at_once(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        agent = await b.ended(b.call("next"), within=2)
        assert agent.get("after") == "yes"


async def test_a_caller_who_hangs_up_leaves_a_nowait_consumer_to_his_dialplan(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as b:
        b.call("in", script="hangup@5")
        await b.after(1)
        agent = await b.ended(b.call("next"), within=9)
        assert agent.get("after") == "yes"


async def test_the_more_important_queue_and_the_longer_wait_go_first(tmp_path: Path) -> None:
    routes = (
        extension("in_(.*)", "fifo $1 in"),
        extension("serve", "fifo low,mid,high!9 out nowait"),
        extension("more", "set fifo_strategy=more_ppl", "fifo low,mid out nowait"),
    )
    async with office(tmp_path, *routes) as b:
        low = b.call("in_low", script="hangup@60")
        await b.after(1)
        mid = b.call("in_mid", script="hangup@60")
        await b.after(1)
        b.call("in_mid", script="hangup@60")
        await b.after(1)
        agent = b.call("more", script="hangup@2")
        await b.after(1)
        assert b.partner(agent) is mid
        await b.ended(agent)
        warm = b.call("serve", script="hangup@2")
        await b.after(1)
        assert b.partner(warm) is low
        await b.ended(warm)
        high = b.call("in_high", script="hangup@60")
        await b.after(1)
        agent = b.call("serve", script="hangup@2")
        await b.after(1)
        assert b.partner(agent) is high


async def test_a_certain_caller_or_skill_or_slot_is_asked_for(tmp_path: Path) -> None:
    routes = (
        extension("p(\\d)", "set fifo_priority=$1", "fifo sales in"),
        extension("french", "set fifo_skill=french", "fifo sales in"),
        extension("agent_french", "set fifo_target_skill=french", "fifo sales out nowait"),
        extension("agent_order", "set fifo_pop_order=5,1", "fifo sales out nowait"),
        extension("agent_(0.*)", "set fifo_bridge_uuid=$1", "fifo sales out nowait"),
    )
    async with office(tmp_path, *routes) as b:
        zero, one, five = (b.call(f"p{slot}", script="hangup@90") for slot in (0, 1, 5))
        french = b.call("french", script="hangup@90")
        await b.after(1)
        for number, expected in (
            ("agent_french", french),
            ("agent_order", five),
            ("agent_order", one),
            (f"agent_{zero.uuid}", zero),
        ):
            agent = b.call(number, script="hangup@3")
            await b.after(1)
            assert b.partner(agent) is expected, number
            await b.ended(agent)
            await b.after(1)


async def test_the_talk_is_recorded_and_variables_are_shared(tmp_path: Path) -> None:
    routes = (
        extension(
            "mine", "set colour=red", "set fifo_consumer_caller_import=desk", "fifo sales in"
        ),
        extension(
            "agent",
            "set desk=7",
            "set fifo_caller_consumer_import=colour",
            "set fifo_import_prefix=his_",
            "set fifo_consumer_id=agent7",
            f"set fifo_record_template={tmp_path}/talk.wav",
            "fifo sales out nowait",
        ),
    )
    async with office(tmp_path, *routes) as b:
        one = b.call("mine", script="hangup@9")
        await b.after(1)
        agent = b.call("agent", script="hangup@20")
        await b.after(2)
        assert b.partner(agent) is one
        assert (agent.get("his_colour"), one.get("desk")) == ("red", "7")
        assert one.get("fifo_serviced_by") == "agent7"
        assert (one.get("fifo_role"), agent.get("fifo_role")) == ("caller", "consumer")
        assert one.get("fifo_push_timestamp")
        await b.ended(agent)
        assert (tmp_path / "talk.wav").exists()
        for party in (one, agent):
            begun, ended = (
                int(party.get(f"fifo_epoch_{what}_bridge") or 0) for what in ("start", "stop")
            )
            assert begun and int(party.get("fifo_bridge_seconds") or 0) == ended - begun > 2


async def test_a_consumer_who_leaves_as_the_talk_begins_leaves_no_caller_behind(
    tmp_path: Path,
) -> None:
    record = f"set fifo_record_template={tmp_path}/talk.wav"
    async with office(tmp_path, extension("agent", record, "fifo sales out nowait")) as b:
        one = b.call("in")
        await b.after(1)
        agent = b.call("agent")

        def begins(event: Event) -> None:
            if event.headers.get("Application") == "record_session":
                b.switch.loop.call_soon(agent.hangup)

        b.switch.bus.subscribe(begins, "CHANNEL_EXECUTE")
        await b.ended(agent, within=30)
        await b.ended(one, within=30)
        assert not b.queue.callers and not b.queue.bridges


async def test_whom_a_queue_holds_is_called_when_it_is_his_turn(tmp_path: Path) -> None:
    route = extension("agent", "set fifo_outbound_announce=chime.wav", "fifo sales out nowait")
    async with office(tmp_path, route) as b:
        b.script("phone", "answer@1 hangup@6")
        b.script("busy", "hangup:USER_BUSY@1")
        assert await b.switch.run_command("fifo_add_outbound sales test/phone") == "1"
        agent = await b.ended(b.call("agent", script="hangup@60"), within=15)
        assert b.told("caller_outbound")["FIFO-Result"] == "success"
        await b.switch.run_command("fifo_add_outbound sales test/busy 3")
        await b.ended(b.call("agent", script="hangup@60"), within=15)
        assert b.told("caller_outbound")["FIFO-Result"] == "failure:USER_BUSY"
        assert agent.channel.answered


@pytest.mark.parametrize("key", ["", "7"])
async def test_a_key_of_the_consumer_ends_the_talk(tmp_path: Path, key: str) -> None:
    async with office(tmp_path) as b:
        caller = b.call("in", script="hangup@60")
        await b.after(1)
        variables = {"fifo_consumer_exit_key": key} if key else {}
        agent = b.call("out", script="hangup@60", variables=variables)
        await b.after(2)
        agent.on_digit("7" if not key else "*", 100, "rtp")
        await b.after(0.5)
        assert b.partner(agent) is caller
        agent.on_digit(key or "*", 100, "rtp")
        await b.ended(caller, within=1)
        assert caller.channel.hangup_cause.name == "NORMAL_CLEARING"
        await b.after(6)
        assert agent.uuid in b.queue.idle
        agent.hangup()
        await b.ended(agent)


async def test_a_consumer_holds_his_caller_by_a_key_and_takes_him_back(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        caller = b.call("in", script="hangup@60", variables={"fifo_music": "chime.wav"})
        await b.after(1)
        agent = b.call("out", script="hangup@60", variables={"fifo_hold_music": "wrap.wav"})
        await b.after(2)
        before = len(far_end(caller.media).played)
        agent.on_digit("0", 100, "rtp")
        await b.after(0.5)
        assert Path(far_end(agent.media).played[-1]).stem == "wrap"
        assert Path(far_end(caller.media).played[before]).stem == "chime"
        agent.on_digit("0", 100, "rtp")
        await b.after(0.5)
        assert not agent.asking and b.partner(agent) is caller
        agent.on_digit("*", 100, "rtp")
        await b.ended(caller, within=1)
        agent.hangup()
        await b.ended(agent)


async def test_the_key_that_holds_can_be_switched_off(tmp_path: Path) -> None:
    async with office(tmp_path, settings="disable-dtmf-moh-key") as b:
        b.call("in", script="hangup@10")
        await b.after(1)
        agent = b.call("out", script="hangup@10")
        await b.after(2)
        agent.on_digit("0", 100, "rtp")
        await b.after(0.5)
        assert not agent.asking
        await b.ended(agent)


@pytest.mark.parametrize(("required", "after"), [("true", "yes"), ("false", None)])
async def test_a_certain_caller_who_is_gone_is_waited_for_or_not(
    tmp_path: Path, required: str, after: str | None
) -> None:
    async with office(tmp_path) as b:
        variables = {"fifo_bridge_uuid": "gone", "fifo_bridge_uuid_required": required}
        agent = b.call("out", variables=variables)
        await b.after(2)
        assert agent.get("after") == after
        agent.hangup()
        await b.ended(agent)
