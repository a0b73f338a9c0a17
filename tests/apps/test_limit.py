from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.switch import bench, extension

EXCEEDED = extension("limit_exceeded", "set exceeded=yes")


async def test_the_call_over_the_limit_goes_to_limit_exceeded(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "limit hash trunk a 1", "sleep 5000"), EXCEEDED) as b:
        first = b.call("1")
        await b.after(1)
        second = await b.ended(b.call("1"), within=1)
        assert second.get("exceeded") == "yes"
        assert first.get("limit_usage") == first.get("limit_usage_trunk_a") == "1"
        await b.ended(first)
        assert b.switch.limits.hash.usage("trunk", "a").total == 0
        third = await b.ended(b.call("1"))
        assert third.get("exceeded") is None


async def test_a_limit_may_hang_up_or_name_another_extension(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("1", "limit hash r x 0 !USER_BUSY"),
        extension("2", "limit hash r x 0 3 XML default"),
        extension("3", "set elsewhere=yes"),
    ) as b:
        hung = await b.ended(b.call("1"))
        assert hung.channel.hangup_cause is HangupCause.USER_BUSY
        sent = await b.ended(b.call("2"))
        assert sent.get("elsewhere") == "yes"


async def test_a_call_counts_once(tmp_path: Path) -> None:
    actions = ("limit hash r x 1", "limit hash r x 1", "set after=${limit_usage(hash r x)}")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "1"


async def test_a_rate_limits_how_often_and_not_how_many(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "limit hash r x 2/10"), EXCEEDED) as b:
        calls = [await b.ended(b.call("1")) for _ in range(3)]
        assert [call.get("exceeded") for call in calls] == [None, None, "yes"]
        assert calls[1].get("limit_rate_r_x") == "2"
        await b.after(11)
        assert (await b.ended(b.call("1"))).get("exceeded") is None


@pytest.mark.parametrize(("keep", "total"), [("false", 0), ("true", 1)])
async def test_a_transfer_gives_back_unless_told_not_to(
    tmp_path: Path, keep: str, total: int
) -> None:
    async with bench(
        tmp_path,
        extension("1", f"set limit_ignore_transfer={keep}", "limit hash r x 9", "transfer 2"),
        extension("2", "sleep 3000"),
    ) as b:
        session = b.call("1")
        await b.after(1)
        assert b.switch.limits.hash.usage("r", "x").total == total
        await b.ended(session)
        assert b.switch.limits.hash.usage("r", "x").total == 0


async def test_limit_execute_runs_only_below_the_limit_and_gives_back(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", "limit_execute hash r x 1 sleep 2000", "set after=yes")
    ) as b:
        first, second = b.call("1"), b.call("1")
        await b.ended(second, within=0.5)
        assert second.get("after") == "yes"
        assert first.get("after") is None
        await b.ended(first)
        assert b.switch.limits.hash.usage("r", "x").total == 0


async def test_limit_execute_gives_back_at_a_hangup(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "limit_execute hash r x 1 sleep 9000")) as b:
        await b.ended(b.call("1", script="hangup@1"))
        assert b.switch.limits.hash.usage("r", "x").total == 0


@pytest.mark.parametrize("action", ["limit", "limit hash r", "limit_execute hash r x 1"])
async def test_bad_data_is_logged(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", action, "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert f"{action.partition(' ')[0]}: <backend>" in caplog.text


async def test_the_old_names_are_those_of_the_hash_backend(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "limit_hash realm id 1 900", "set inside=yes", "park"),
        extension("101", "limit_hash_execute realm other 1 set ran=yes"),
        extension("900", "set landed=yes"),
    ) as b:
        one, two = b.call("100"), b.call("100")
        await b.after(1)
        assert (one.get("inside"), two.get("landed")) == ("yes", "yes")
        assert (await b.ended(b.call("101"))).get("ran") == "yes"
        one.hangup()


async def test_the_backends_of_a_call_are_kept_and_its_counts_are_told(tmp_path: Path) -> None:
    actions = ("limit hash r x 2", "limit db r y 4/9", "limit hash r z 3/5", "limit hash r x 9")
    async with bench(
        tmp_path,
        extension("1", *actions, "set used=${limit_backend}", "transfer 2"),
        extension("2", "set left=[${limit_backend}]"),
    ) as b:
        session = await b.ended(b.call("1"))
        assert session.get("used") == "hash,db"
        assert session.get("left") == "[]"
        told = [event.headers for event in b.events if event.subclass == "limit::usage"]
        names = ("backend", "realm", "key", "usage", "rate", "max", "ratemax")
        assert [tuple(each[name] for name in names) for each in told] == [
            ("hash", "r", "x", "1", "0", "2", "2"),
            ("db", "r", "y", "1", "0", "4", "0"),
            ("hash", "r", "z", "1", "1", "3", "3"),
        ]
        assert all("Unique-ID" not in each for each in told)


async def test_a_backend_that_does_not_exist_lets_nobody_pass(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "limit hsh r x 5", "set in=yes"), EXCEEDED) as b:
        session = await b.ended(b.call("1"))
        assert (session.get("in"), session.get("exceeded")) == (None, "yes")
        assert "no backend 'hsh'" in caplog.text
