"""Hooks at the points of a call's life."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import hooks
from softswitch.switch.causes import HangupCause
from softswitch.switch.global_variables import set_global
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("set seen=yes", "yes"),
        ("set:seen=yes", "yes"),
        ("set::seen=yes", "yes"),
        ("set seen=a:b", "a:b"),
        ("set seen=a::b", "a::b"),
        ("set:seen=a::b", "a::b"),
        ("set::seen=a b", "a b"),
        ("ARRAY::set seen=one|:set more=two", "one"),
    ],
)
async def test_a_hook_is_written_in_three_ways_or_as_a_list(
    tmp_path: Path, value: str, seen: str
) -> None:
    async with bench(tmp_path, extension("100", "answer", "sleep 10")) as b:
        session = await b.ended(b.call("100", variables={"execute_on_answer": value}))
        assert session.get("seen") == seen
        if "more" in value:
            assert session.get("more") == "two"


async def test_every_variable_that_begins_so_runs_and_global_ones_too(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer")) as b:
        set_global(b.switch, "execute_on_answer_9", "set nine=1")
        variables = {"execute_on_answer": "set one=1", "execute_on_answer_2": "set two=1"}
        session = await b.ended(b.call("100", variables=variables))
        assert [session.get(name) for name in ("one", "two", "nine")] == ["1", "1", "1"]
        set_global(b.switch, "execute_on_answer_9", "set nine=other")
        session = await b.ended(b.call("100"))
        assert session.get("nine") == "other"


@pytest.mark.parametrize(
    ("actions", "ran"),
    [
        (["answer"], "pre_answer media answer"),
        (["pre_answer", "answer"], "pre_answer media answer"),
        (["ring_ready", "answer"], "ring pre_answer media answer"),
    ],
)
async def test_each_point_runs_its_hooks(tmp_path: Path, actions: list[str], ran: str) -> None:
    points = ("answer", "media", "pre_answer", "ring")
    variables = {f"execute_on_{name}": f"set ran=${{ran}} {name}" for name in points}
    async with bench(tmp_path, extension("100", *actions)) as b:
        session = await b.ended(b.call("100", variables=variables))
        assert (session.get("ran") or "").split() == ran.split()


async def test_the_called_leg_runs_its_own_hooks(tmp_path: Path) -> None:
    names = ("originate", "ring", "pre_answer", "answer", "post_originate")
    hook = ",".join(f"execute_on_{name}=set ran_{name}=1" for name in names)
    async with bench(
        tmp_path, extension("100", f"bridge {{ignore_early_media=true,{hook}}}test/bob")
    ) as b:
        b.script("bob", "ring@1 early@2 answer@3 hangup@4")
        await b.ended(b.call("100"))
        bob = b.legs.legs["bob"].session
        assert [name for name in names if bob.get(f"ran_{name}") == "1"] == list(names)


async def test_the_hooks_around_a_bridge_run_in_order(tmp_path: Path) -> None:
    names = ("pre_originate", "post_originate", "pre_bridge", "post_bridge")
    variables = {f"execute_on_{name}": f"set ran=${{ran}} {name}" for name in names}
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "answer@1 hangup@2")
        session = await b.ended(b.call("100", variables=variables))
        assert (session.get("ran") or "").split() == list(names)


async def test_commands_run_as_hooks_with_the_call_they_are_for(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer")) as b:
        session = b.call("100")
        session.set("api_on_answer", "uuid_setvar::${uuid} seen yes")
        await b.ended(session)
        assert session.get("seen") == "yes"
        session = b.call("100")
        session.set("api_on_answer", "uuid_setvar ${uuid} seen set::more")
        await b.ended(session)
        assert session.get("seen") == "set::more"


@pytest.mark.parametrize("hook", ["hangup", "transfer", "test_unknown"])
@pytest.mark.parametrize(
    "point", ["pre_originate", "post_originate", "answer", "ring", "pre_bridge", "post_bridge"]
)
async def test_a_hook_that_ends_or_moves_the_call_leaves_nothing_behind(
    tmp_path: Path, hook: str, point: str
) -> None:
    application = {"hangup": "hangup USER_BUSY", "transfer": "transfer 200"}.get(hook, hook)
    async with bench(
        tmp_path, extension("100", "bridge test/bob"), extension("200", "set landed=yes")
    ) as b:
        b.script("bob", "ring@1 answer@2 hangup@20")
        variables = {f"execute_on_{point}": application, "hangup_after_bridge": "true"}
        session = await b.ended(b.call("100", variables=variables), within=30)
        expected = {
            "hangup": HangupCause.USER_BUSY,
            "test_unknown": HangupCause.DESTINATION_OUT_OF_ORDER,
        }.get(hook, HangupCause.NORMAL_CLEARING)
        assert session.channel.hangup_cause is expected
        assert (session.get("landed") == "yes") is (hook == "transfer")
        await b.after(0.1)
        assert not b.switch.sessions
        if point == "pre_originate":
            assert not b.legs.legs
        elif point != "post_bridge":
            assert b.switch.loop.time() < 1010


async def test_presence_is_asked_before_work_is_begun(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park")) as b:
        session = b.call("100")
        assert not hooks.present(session, "answer")
        session.set("api_on_answer_1", "status")
        assert hooks.present(session, "answer")
        session.hangup()
