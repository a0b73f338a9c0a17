"""Who is offered to whom, as calls go by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.callcenter.support import agents, office, tiers
from tests.support.switch import extension

THREE = {"agents": agents("a", "b", "c"), "tiers": tiers("a", "b", "c")}


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("round-robin", ["a", "b", "c", "a", "b"]),
        ("longest-idle-agent", ["a", "b", "c", "a", "b"]),
        ("agent-with-fewest-calls", ["a", "b", "c", "a", "b"]),
        ("agent-with-least-talk-time", ["a", "b", "c", "a", "b"]),
        ("sequentially-by-agent-order", ["a", "a", "a", "a", "a"]),
        ("top-down", ["a", "a", "a", "a", "a"]),
    ],
)
async def test_call_after_call_goes_to_whom_the_strategy_says(
    tmp_path: Path, strategy: str, expected: list[str]
) -> None:
    async with office(tmp_path, strategy=strategy, **THREE) as b:
        for name in "abc":
            b.script(name, "answer@1 hangup@5")
        for _ in expected:
            await b.ended(b.call("help"))
            await b.after(2)
        assert b.offered() == expected


@pytest.mark.parametrize(
    ("strategy", "expected"), [("top-down", ["a", "b", "c", "a"]), ("round-robin", list("abca"))]
)
async def test_one_caller_is_offered_down_the_list(
    tmp_path: Path, strategy: str, expected: list[str]
) -> None:
    async with office(tmp_path, strategy=strategy, **THREE) as b:
        for name in "abc":
            b.script(name, "hangup:USER_BUSY@2")
        b.call("help", script="hangup@8")
        await b.after(7.9)
        assert b.offered() == expected


async def test_levels_are_reached_by_waiting(tmp_path: Path) -> None:
    written = '<tier agent="a" queue="help" level="1"/><tier agent="b" queue="help" level="2"/>'
    params = {
        "tier_rules_apply": "true",
        "tier_rule_wait_second": "10",
        "tier_rule_no_agent_no_wait": "true",
        "tier_rule_wait_multiply_level": "true",
    }
    one = agents("a", "b", attributes='busy-delay-time="300"')
    async with office(tmp_path, agents=one, tiers=written, **params) as b:
        b.script("a", "hangup:USER_BUSY@1")
        b.script("b", "answer@1 hangup@50")
        one_call = b.call("help", script="hangup@60")
        await b.after(19)
        assert b.offered() == ["a"]
        await b.after(4)
        assert b.offered() == ["a", "b"] and one_call.peer is b.leg("b")


async def test_who_waited_long_enough_is_offered_though_others_before_him_are_not(
    tmp_path: Path,
) -> None:
    params = {"tier_rules_apply": "true", "tier_rule_wait_second": "10"}
    written = '<tier agent="a" queue="help" level="2"/>'
    route = extension("vip", "set cc_base_score=1000", "callcenter help")
    async with office(
        tmp_path,
        route,
        agents=agents("a", "b"),
        tiers=written + tiers("b"),
        tier_rule_no_agent_no_wait="true",
        **params,
    ) as b:
        b.agent("b").ready_time = 1 << 40
        b.script("a", "ring@1")
        early = b.call("help", script="hangup@60")
        await b.after(5)
        b.call("vip", script="hangup@60")
        await b.after(4)
        assert b.offered() == []
        await b.after(2)
        assert b.told("agent-offering")["CC-Member-Session-UUID"] == early.uuid


async def test_who_is_tracked_in_another_call_is_not_rung(tmp_path: Path) -> None:
    routes = (
        extension("out", "callcenter_track a", "set tracked=yes", "sleep 500000"),
        extension("odd", "callcenter_track nobody", "set tracked=no"),
    )
    async with office(tmp_path, *routes, agents=agents("a"), tiers=tiers("a")) as b:
        b.script("a", "answer@1 hangup@9")
        own = b.call("out", script="hangup@10")
        await b.after(1)
        assert b.agent("a").external_calls_count == 1 and own.get("cc_tracked_agent") == "a"
        b.call("help", script="hangup@60")
        await b.after(5)
        assert b.offered() == []
        await b.after(6)
        assert b.offered() == ["a"] and b.agent("a").external_calls_count == 0
        odd = await b.ended(b.call("odd"))
        assert odd.get("tracked") == "no" and odd.get("cc_tracked_agent") is None


async def test_a_queue_that_is_loaded_anew_keeps_its_calls(tmp_path: Path) -> None:
    async with office(tmp_path, agents=agents("a", "b"), tiers=tiers("a", "b")) as b:
        await b.config("agent set status a 'On Break'")
        await b.config("agent set status b 'On Break'")
        one = b.call("help", script="hangup@60")
        await b.after(3)
        xml = b.switch.folders.conf / "freeswitch.xml"
        xml.write_text(
            xml.read_text()
            .replace("moh-sound", "x")
            .replace(
                '<queue name="help">',
                '<queue name="help"><param name="strategy" value="ring-all"/>',
            )
        )
        await b.switch.run_command("reloadxml")
        await b.after(1)
        assert b.member.queue.settings.strategy == "longest-idle-agent"
        for name in "ab":
            b.script(name, "ring@1")
        await b.config("queue reload help")
        assert b.member.session is one and b.member.queue.settings.strategy == "ring-all"
        await b.after(2)
        assert b.offered() == ["a", "b"], "the file says that they are available"
        assert b.member.serving_agent == "ring-all"


async def test_a_queue_that_is_unloaded_keeps_its_calls_and_is_loaded_by_the_next(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, agents=agents("a"), tiers=tiers("a")) as b:
        b.script("a", "ring@1 answer@5 hangup@20")
        one = b.call("help", script="hangup@60")
        await b.after(2)
        await b.config("queue unload help")
        assert await b.config("queue count") == "0\n"
        await b.after(5)
        assert one.peer is b.leg("a")
        b.call("help", script="hangup@9")
        await b.after(1)
        assert await b.config("queue count") == "1\n"


async def test_an_agent_whose_calls_fail_at_once_does_not_keep_the_switch_busy(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, agents=agents("a"), tiers=tiers("a")) as b:
        b.script("a", "hangup:USER_BUSY@0")
        b.call("help", script="hangup@10")
        await b.after(10)
        assert 10 <= len(b.offered()) <= 101
