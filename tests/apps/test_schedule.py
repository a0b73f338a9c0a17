from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.engine import far_end
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("+5", HangupCause.ALLOTTED_TIMEOUT),
        ("+5 USER_BUSY", HangupCause.USER_BUSY),
    ],
)
async def test_sched_hangup_hangs_up_later(tmp_path: Path, data: str, cause: HangupCause) -> None:
    async with bench(tmp_path, extension("1", f"sched_hangup {data}", "park")) as b:
        session = b.call("1")
        await b.after(4.9)
        assert session.channel.up
        assert session.get("last_sched_id") == "1"
        await b.ended(session, within=0.3)
        assert session.channel.hangup_cause is cause


async def test_sched_hangup_may_name_a_moment(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sched_hangup ${then}", "park")) as b:
        then = b.switch.now_us() // 1_000_000 + 10
        session = await b.ended(b.call("1", variables={"then": str(then)}), within=10.1)
        assert session.channel.hangup_cause is HangupCause.ALLOTTED_TIMEOUT


async def test_sched_hangup_without_delay_hangs_up_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sched_hangup +0", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") is None


async def test_sched_hangup_of_the_other_leg_leaves_this_one(tmp_path: Path) -> None:
    actions = ("sched_hangup +5 NORMAL_CLEARING bleg", "bridge test/bob", "set after=yes")
    async with bench(tmp_path, extension("1", *actions)) as b:
        b.script("bob", "answer@1")
        session = await b.ended(b.call("1"), within=6)
        assert session.get("after") == "yes"


async def test_sched_transfer_routes_anew(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("1", "sched_transfer +5 2 XML default", "park"),
        extension("2", "set there=yes"),
    ) as b:
        session = await b.ended(b.call("1"), within=5.3)
        assert session.get("there") == "yes"


async def test_sched_broadcast_plays_later_beside_what_runs(tmp_path: Path) -> None:
    actions = ("sched_broadcast +2 silence_stream://1000", "answer", "sleep 9000")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(2.5)
        assert far_end(session.media).played == ["silence 1000,0"]
        assert session.channel.up
        await b.ended(session)


async def test_broadcast_plays_to_both_and_the_dialplan_goes_on(tmp_path: Path) -> None:
    told = "set after=${current_application_response}"
    actions = ("answer", "broadcast silence_stream://1000 aleg", told, "sleep 2000")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(0.5)
        assert session.get("after") == "BROADCAST_SENT"
        assert far_end(session.media).played == ["silence 1000,0"]
        await b.ended(session)


@pytest.mark.parametrize("data", ["", "${last_sched_id}", "${uuid}"])
async def test_sched_cancel_takes_it_back(tmp_path: Path, data: str) -> None:
    actions = ("sched_hangup +5", f"sched_cancel {data}", "sleep 9000", "set after=yes")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"


async def test_a_call_that_ended_leaves_nothing_scheduled(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sched_hangup +500", "sched_transfer +600 2")) as b:
        await b.ended(b.call("1"))
        assert len(b.switch.scheduler) == 0


@pytest.mark.parametrize(
    "action",
    [
        "sched_hangup",
        "sched_hangup soon",
        "sched_transfer +5",
        "sched_broadcast +5",
        "sched_broadcast +5 x nobody",
        "broadcast",
        "broadcast x nobody",
    ],
)
async def test_bad_data_is_logged(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", action, "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert f"{action.partition(' ')[0]}: " in caplog.text
