"""Waiting: order, music, chimes, and having enough of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.modules.fifo.support import office
from tests.support.engine import far_end
from tests.support.switch import extension, verbs


async def test_a_caller_hears_music_until_he_is_taken(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        one = b.call("in", script="hangup@30")
        await b.after(2)
        playing = far_end(one.media).playing
        assert playing is not None and playing.loops == -1
        assert [Path(what).stem for what in far_end(one.media).played] == ["music"]
        assert one.get("fifo_status") == "WAITING" and one.get("fifo_position") == "1"
        assert b.told("push")["FIFO-Slot"] == "0" and b.told("push")["FIFO-Name"] == "sales"
        agent = b.call("next", caller="2000")
        await b.after(1)
        assert b.partner(one) is agent
        assert one.get("fifo_status") == agent.get("fifo_status") == "TALKING"
        assert one.get("fifo_target") == agent.uuid == one.get("fifo_serviced_uuid")
        await b.ended(agent)
        assert one.get("fifo_status") == "DONE"
        assert one.get("after") is None, "a call that was taken does not come back"


async def test_callers_are_served_in_the_order_they_came(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        callers = []
        for _ in range(3):
            callers.append(b.call("in", script="hangup@60"))
            await b.after(1)
        assert [caller.get("fifo_position") for caller in callers] == ["1", "2", "3"]
        agents = [b.call("next") for _ in range(3)]
        await b.after(1)
        assert [b.partner(agent) for agent in agents] == callers


async def test_priority_and_vips_go_first(tmp_path: Path) -> None:
    routes = (
        extension("p(\\d+)", "set fifo_priority=$1", "fifo sales in"),
        extension("vip", "set fifo_vip=true", "set fifo_priority=9", "fifo sales in"),
    )
    async with office(tmp_path, *routes) as b:
        callers = {}
        for number in ("p5", "p99", "p1", "vip"):
            callers[number] = b.call(number, script="hangup@60")
            await b.after(1)
        assert callers["p99"].get("fifo_priority") == "9"
        order = []
        for _ in range(4):
            agent = b.call("next", script="hangup@3")
            await b.after(1)
            order.append(next(n for n, caller in callers.items() if b.partner(agent) is caller))
            await b.ended(agent)
        assert order == ["vip", "p1", "p5", "p99"]


@pytest.mark.parametrize(
    ("variables", "key", "status", "arrives", "goes_on"),
    [
        (("fifo_caller_exit_key=2",), "2", "ABORTED", None, "yes"),
        (
            ("fifo_caller_exit_key=2", "fifo_orbit_exten=elsewhere"),
            "2",
            "ABORTED",
            None,
            "yes",
        ),
        (
            (
                "fifo_caller_exit_key=2",
                "fifo_caller_exit_to_orbit=true",
                "fifo_orbit_exten=elsewhere",
            ),
            "2",
            "ABORTED",
            "yes",
            None,
        ),
        (("fifo_orbit_exten=elsewhere:5",), "", "TIMEOUT", "yes", None),
        (("fifo_orbit_exten=_continue_:5",), "", "TIMEOUT", None, "yes"),
    ],
)
async def test_who_has_enough_leaves(
    tmp_path: Path,
    variables: tuple[str, ...],
    key: str,
    status: str,
    arrives: str | None,
    goes_on: str | None,
) -> None:
    route = extension(
        "mine", *(f"set {one}" for one in variables), "fifo sales in", "set after=yes", "sleep 200"
    )
    async with office(tmp_path, route) as b:
        script = f"digit:7@2 digit:{key}@3" if key else ""
        one = await b.ended(b.call("mine", script=script), within=20)
        assert one.get("fifo_status") == status
        assert (one.get("arrived"), one.get("after")) == (arrives, goes_on)
        assert b.actions("abort", "timeout") == ["timeout" if status == "TIMEOUT" else "abort"]
        assert not b.queue.callers and not b.queue.waiting


async def test_who_hangs_up_is_no_longer_waited_for(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        one = await b.ended(b.call("in", script="hangup@3"))
        assert one.get("fifo_status") == "ABORTED"
        agent = await b.ended(b.call("next"), within=5)
        assert agent.get("after") == "yes"
        assert b.actions("push", "abort") == ["push", "abort"]


async def test_chimes_interrupt_the_music(tmp_path: Path) -> None:
    route = extension(
        "mine",
        "set fifo_chime_list=chime.wav,announce.wav",
        "set fifo_chime_freq=5",
        "fifo sales in undef music.wav",
    )
    async with office(tmp_path, route) as b:
        one = b.call("mine", script="hangup@30")
        await b.after(13)
        played = [Path(what).stem for what in far_end(one.media).played]
        assert played == ["music", "chime", "music", "announce", "music"]


async def test_numbers_of_thousands_of_digits_stand_for_the_default(tmp_path: Path) -> None:
    huge = "9" * 5000
    routes = (
        extension(
            "mine",
            "set fifo_chime_list=chime.wav",
            f"set fifo_chime_freq={huge}",
            f"set fifo_priority={huge}",
            f"fifo sales!{huge} in undef music.wav",
        ),
        extension(
            "take",
            f"set fifo_pop_order={huge},0",
            f"set fifo_consumer_wrapup_time={huge}",
            "fifo sales out nowait",
        ),
    )
    async with office(tmp_path, *routes) as b:
        one = b.call("mine", script="hangup@90")
        await b.after(33)
        assert one.get("fifo_priority") == "0" and b.queue.importance == 0
        assert [Path(what).stem for what in far_end(one.media).played] == [
            "music", "chime", "music",
        ]  # fmt: skip
        agent = b.call("take", script="hangup@20")
        await b.after(2)
        assert b.partner(one) is agent
        say = b.switch.run_command
        assert await say(f"fifo importance sales {huge}") == "importance: 0\n"
        assert await say(f"fifo_add_outbound sales test/a {huge}") == "0"


async def test_the_caller_is_announced_to_and_the_orbit_too(tmp_path: Path) -> None:
    routes = (
        extension("mine", "fifo sales in announce.wav"),
        extension(
            "orbit",
            "set fifo_orbit_exten=elsewhere:3",
            "set fifo_orbit_announce=chime.wav",
            "fifo sales in",
        ),
    )
    async with office(tmp_path, *routes) as b:
        one = b.call("mine", script="hangup@30")
        await b.after(1)
        agent = b.call("next", script="hangup@9")
        await b.after(0.7)
        assert [Path(what).stem for what in far_end(one.media).played] == ["announce"]
        assert b.partner(one) is None
        await b.after(1)
        assert b.partner(one) is agent
        two = await b.ended(b.call("orbit"), within=9)
        assert two.get("arrived") == "yes"


async def test_a_caller_need_not_be_answered(tmp_path: Path) -> None:
    route = extension("mine", "fifo sales in undef undef noans")
    async with office(tmp_path, route) as b:
        one = b.call("mine", script="hangup@9")
        await b.after(1)
        assert not one.channel.answered
        assert "pre_answer" in verbs(one)


async def test_a_consumer_who_leaves_half_way_gives_the_caller_back(tmp_path: Path) -> None:
    route = extension("slow", "fifo sales out nowait announce.wav")
    async with office(tmp_path, route) as b:
        one = b.call("in", script="hangup@60")
        two = b.call("in", script="hangup@60")
        await b.after(1)
        await b.ended(b.call("slow", script="hangup@0.5"))
        await b.after(1)
        assert one.get("fifo_serviced_uuid") is None
        agent = b.call("next", script="hangup@9")
        await b.after(1)
        assert b.partner(agent) is one, "he is the first in the queue again"
        assert b.partner(two) is None


async def test_a_caller_who_leaves_half_way_is_replaced_by_the_next(tmp_path: Path) -> None:
    route = extension("slow", "fifo sales out nowait announce.wav", "set after=yes")
    async with office(tmp_path, route) as b:
        b.call("in", script="hangup@1.5")
        two = b.call("in", script="hangup@60")
        await b.after(1)
        agent = b.call("slow", script="hangup@20")
        await b.after(4)
        assert b.partner(agent) is two


async def test_wrong_words_leave_the_call_as_it_is(tmp_path: Path) -> None:
    for index, words in enumerate(("", "sales", "sales through", "a,b in", "sales out maybe")):
        route = extension("mine", f"fifo {words}", "set after=yes")
        async with office(tmp_path / str(index), route) as b:
            one = await b.ended(b.call("mine"), within=3)
            assert one.get("after") == "yes"
            assert one.channel.hangup_cause is HangupCause.NORMAL_CLEARING
