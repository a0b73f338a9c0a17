from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.eavesdrop import EavesdropWishes, may_listen
from softswitch.switch.session import Session
from tests.support.engine import far_end
from tests.support.prompts import played, put_prompts
from tests.support.stream import FakeStream
from tests.support.switch import Bench, bench, extension

PLAN = (extension("1", "answer", "sleep 60000"), extension("2", "eavesdrop ${spied}", "sleep 9000"))


async def listening(b: Bench, script: str = "", **variables: str) -> tuple[Session, Session]:
    """A call and somebody who listens to it."""
    target = b.call("1", variables={"eavesdrop_group": "sales, support"})
    await b.after(0.1)
    spy = b.call("2", script=script, variables={"spied": target.uuid, **variables})
    await b.after(0.1)
    return target, spy


def flows(target: Session, spy: Session) -> set[tuple[str, str, str]]:
    """What flows: from whom, what of it, and into what."""
    names: dict[FakeStream, str] = {far_end(target.media): "call", far_end(spy.media): "spy"}
    return {
        (names[feed.source], feed.options["hear"], feed.options.get("into", "hear"))
        for feed in far_end(target.media).feeds.values()
    }


HEARS = ("call", "both", "hear")


async def test_keys_choose_whom_one_speaks_to(tmp_path: Path) -> None:
    async with bench(tmp_path, *PLAN) as b:
        target, spy = await listening(b)
        assert flows(target, spy) == {HEARS}
        for key, expected in [
            ("2", {HEARS, ("spy", "read", "hear")}),
            ("1", {HEARS, ("spy", "read", "speak")}),
            ("3", {HEARS, ("spy", "read", "hear"), ("spy", "read", "speak")}),
            ("9", {HEARS, ("spy", "read", "hear"), ("spy", "read", "speak")}),
            ("0", {HEARS}),
        ]:
            spy.on_digit(key, 100, "rtp")
            await b.after(0.1)
            assert flows(target, spy) == expected, key
        assert [bug.function for bug in target.bugs] == ["eavesdrop"]
        spy.on_digit("*", 100, "rtp")
        await b.after(0.1)
        assert spy.get("current_application") == "sleep"
        assert not far_end(target.media).feeds and not target.bugs
        for one in (target, spy):
            one.hangup()
            await b.ended(one)


async def test_listening_ends_with_the_call_and_with_the_listener(tmp_path: Path) -> None:
    async with bench(tmp_path, *PLAN) as b:
        target, spy = await listening(b)
        target.hangup()
        await b.after(0.1)
        assert spy.get("current_application") == "sleep"
        spy.hangup()
        await b.ended(spy)
        target, spy = await listening(b)
        spy.hangup()
        await b.ended(spy)
        assert not far_end(target.media).feeds and not target.bugs
        target.hangup()
        await b.ended(target)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"eavesdrop_bridge_aleg": "true"}, {("call", "read", "hear")}),
        ({"eavesdrop_bridge_bleg": "true"}, {("call", "write", "hear")}),
        ({"eavesdrop_whisper_aleg": "true"}, {HEARS, ("spy", "read", "speak")}),
        ({"eavesdrop_whisper_bleg": "true"}, {HEARS, ("spy", "read", "hear")}),
        ({"eavesdrop_require_group": "support"}, {HEARS}),
        ({"eavesdrop_require_group": "bosses"}, set()),
    ],
)
async def test_variables_say_what_is_heard(
    tmp_path: Path, variables: dict[str, str], expected: set[tuple[str, str, str]]
) -> None:
    async with bench(tmp_path, *PLAN) as b:
        target, spy = await listening(b, **variables)
        assert flows(target, spy) == expected
        assert may_listen(spy, target) is bool(expected)
        for one in (target, spy):
            one.hangup()
            await b.ended(one)


@pytest.mark.parametrize(("seconds", "heard"), [(4, True), (8, False)])
async def test_a_call_that_rings_is_waited_for(tmp_path: Path, seconds: float, heard: bool) -> None:
    async with bench(tmp_path, *PLAN, extension("3", "ring_ready", "park")) as b:
        target = b.call("3")
        await b.after(0.1)
        spy = b.call("2", variables={"spied": target.uuid})
        await b.after(seconds)
        await target.answer()
        await b.after(0.1)
        assert bool(target.bugs) is heard
        assert spy.get("current_application") == ("eavesdrop" if heard else "sleep")
        for one in (target, spy):
            one.hangup()
            await b.ended(one)


async def test_keys_can_be_switched_off(tmp_path: Path) -> None:
    async with bench(tmp_path, *PLAN) as b:
        target, spy = await listening(b, script="digit:2@1 digit:*@2", eavesdrop_enable_dtmf="no")
        assert not EavesdropWishes.of(spy).keys
        await b.after(3)
        assert flows(target, spy) == {HEARS}
        for one in (target, spy):
            one.hangup()
            await b.ended(one)


async def test_a_bug_that_is_removed_ends_the_listening(tmp_path: Path) -> None:
    async with bench(tmp_path, *PLAN) as b:
        target, spy = await listening(b)
        target.bugs[0].stop()
        await b.after(0.1)
        assert spy.get("current_application") == "sleep"
        for one in (target, spy):
            one.hangup()
            await b.ended(one)


async def test_who_listens_is_told_to_whom(tmp_path: Path) -> None:
    sounds = put_prompts(tmp_path)
    async with bench(tmp_path, *PLAN) as b:
        target = b.call("1", variables={"eavesdrop_announce_id": "a7"})
        await b.after(0.1)
        spy = b.call("2", variables={"spied": target.uuid})
        await b.after(0.05)
        assert not far_end(target.media).feeds
        await b.after(1)
        assert played(spy, sounds) == ["ascii/97", "digits/7"]
        assert far_end(target.media).feeds
        for one in (spy, target):
            one.hangup()
            await b.ended(one)
