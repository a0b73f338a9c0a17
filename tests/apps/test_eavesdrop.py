from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension

HELD = extension("1", "answer", "sleep 60000")


@pytest.mark.parametrize("action", ["eavesdrop", "native_eavesdrop", "three_way"])
async def test_nothing_to_listen_to_is_told_and_the_plan_goes_on(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("2", f"{action} nobody", "set after=yes")) as b:
        session = await b.ended(b.call("2"))
        assert session.get("after") == "yes"
        assert "there is no call" in caplog.text


async def test_a_failure_may_have_a_sound(tmp_path: Path) -> None:
    plan = extension("2", "set eavesdrop_indicate_failed=silence_stream://1000", "eavesdrop nobody")
    async with bench(tmp_path, plan) as b:
        session = await b.ended(b.call("2"))
        assert session.get("playback_ms") == "1000"


async def test_three_are_heard_by_each_other(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD, extension("2", "three_way ${spied}")) as b:
        target = b.call("1")
        await b.after(0.1)
        third = b.call("2", variables={"spied": target.uuid})
        await b.after(0.1)
        assert len(far_end(target.media).feeds) == 3
        third.on_digit("*", 100, "rtp")
        await b.after(0.1)
        assert len(far_end(target.media).feeds) == 3, "keys mean nothing here"
        target.hangup()
        await b.ended(third)


@pytest.mark.parametrize(("side", "heard"), [("", "read"), (" read", "read"), (" write", "both")])
async def test_a_side_may_be_listened_to_without_keys(
    tmp_path: Path, side: str, heard: str
) -> None:
    async with bench(tmp_path, HELD, extension("2", f"native_eavesdrop ${{spied}}{side}")) as b:
        target = b.call("1")
        await b.after(0.1)
        spy = b.call("2", variables={"spied": target.uuid})
        await b.after(0.1)
        feeds = list(far_end(target.media).feeds.values())
        assert [feed.options["hear"] for feed in feeds] == [heard]
        spy.on_digit("2", 100, "rtp")
        await b.after(0.1)
        assert list(far_end(target.media).feeds.values()) == feeds, "keys mean nothing here"
        target.hangup()
        await b.ended(spy)


async def test_all_calls_are_heard_in_turn(tmp_path: Path) -> None:
    plan = extension("2", "set eavesdrop_indicate_idle=silence_stream://500", "eavesdrop all")
    async with bench(tmp_path, HELD, plan) as b:
        spy = b.call("2")
        await b.after(1)
        assert "PLAYBACK_START" in b.names(spy), "nobody talks"
        calls = [b.call("1"), b.call("1")]
        await b.after(4)
        heard = []
        for _ in range(3):
            heard.append(spy.get("eavesdrop_target_uuid"))
            spy.on_digit("*", 100, "rtp")
            await b.after(0.1)
        assert heard == [calls[0].uuid, calls[1].uuid, calls[0].uuid]
        for one in (*calls, spy):
            one.hangup()
            await b.ended(one)


async def test_a_call_that_ends_while_it_is_announced_is_passed_over(tmp_path: Path) -> None:
    plan = extension("2", "set eavesdrop_indicate_new=silence_stream://500", "eavesdrop all")
    async with bench(tmp_path, HELD, plan) as b:
        first, second = b.call("1"), b.call("1")
        spy = b.call("2")
        await b.after(0.2)
        assert spy.get("eavesdrop_target_uuid") is None, "the first is announced"
        first.hangup()
        await b.after(10)
        assert spy.get("eavesdrop_target_uuid") == second.uuid
        assert len(far_end(second.media).feeds) == 1
        for one in (second, spy):
            one.hangup()
            await b.ended(one)


async def test_a_users_calls_are_heard_as_they_come(tmp_path: Path) -> None:
    plan = (extension("1", "bridge test/b"), extension("2", "userspy 1000@example.test"))
    async with bench(tmp_path, *plan) as b:
        b.script("b", "answer@0")
        spy = b.call("2")
        who = {"user_name": "1000", "domain_name": "example.test"}
        for _ in range(2):
            await b.after(0.1)
            talking = b.call("1", variables=who)
            other = b.call("1", variables={**who, "user_name": "1001"})
            await b.after(0.1)
            assert len(far_end(talking.media).feeds) == 1
            assert not far_end(other.media).feeds
            for one in (talking, other):
                one.hangup()
                await b.ended(one)
        spy.hangup()
        await b.ended(spy)


async def test_a_user_must_be_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with bench(tmp_path, extension("2", "userspy 1000")) as b:
        await b.ended(b.call("2"))
        assert "<user@domain> is missing" in caplog.text
