"""Ways in which one call differs from others."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.states import ChannelState
from tests.support.switch import bench, extension


async def test_a_break_ends_what_plays(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "sleep 60000", "set went=on")) as b:
        session = b.call("100")
        await b.after(1)
        await session.execute("break", "all")
        await b.ended(session, within=2)
        assert session.get("went") == "on"


async def test_a_parked_state_waits_for_somebody(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "park_state", "set went=on")) as b:
        session = b.call("100")
        await b.after(1)
        assert session.channel.state is ChannelState.CS_PARK
        assert "CHANNEL_PARK" in b.names(session)
        session.hangup()
        await b.ended(session)
        assert session.get("went") is None


@pytest.mark.parametrize(("reuse", "profiles"), [(True, 1), (False, 2)])
async def test_transfers_may_reuse_the_caller_profile(
    tmp_path: Path, reuse: bool, profiles: int
) -> None:
    first = ("reuse_caller_profile", "transfer 200") if reuse else ("transfer 200",)
    async with bench(tmp_path, extension("100", *first), extension("200", "answer")) as b:
        session = await b.ended(b.call("100"))
        assert len(session.channel.profiles) == profiles
        assert session.channel.profile.destination_number == "200"
        assert session.channel.profile.rdnis == "100"
        assert session.channel.answered


async def test_a_leg_we_rang_is_transferred_with_its_profile_too(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "bridge test/bob"), extension("200", "set landed=yes", "park")
    ) as b:
        b.script("bob", "answer@0")
        caller = b.call("100")
        await b.after(1)
        bob = b.legs.legs["bob"].session
        await bob.execute("reuse_caller_profile")
        bob.transfer("200")
        await b.after(1)
        assert bob.get("landed") == "yes" and len(bob.channel.profiles) == 1
        bob.hangup()
        caller.hangup()


@pytest.mark.parametrize(("zombie", "value"), [(True, "after"), (False, None)])
async def test_what_may_run_without_a_call_runs_after_it(
    tmp_path: Path, zombie: bool, value: str | None
) -> None:
    first = ("set_zombie_exec",) if zombie else ()
    actions = (*first, "answer", "sleep 60000", "playback x", "set late=after")
    async with bench(tmp_path, extension("100", *actions)) as b:
        session = b.call("100")
        await b.after(1)
        session.hangup()
        await b.ended(session)
        assert session.get("late") == value


@pytest.mark.parametrize(("data", "complete"), [("", True), ("true", True), ("false", False)])
async def test_events_are_complete_where_that_is_wanted(
    tmp_path: Path, data: str, complete: bool
) -> None:
    actions = ("set x=1", f"verbose_events {data}", "park_state")
    async with bench(tmp_path, extension("100", *actions)) as b:
        session = b.call("100")
        await b.after(1)
        session.hangup()
        await b.ended(session)
        last = [event for event in b.events if event.name == "CHANNEL_STATE"][-1]
        assert ("variable_x" in last.headers) is complete


@pytest.mark.parametrize("data", ["", "true", "false"])
async def test_an_early_hang_up_is_the_only_kind(tmp_path: Path, data: str) -> None:
    async with bench(tmp_path, extension("100", f"early_hangup {data}", "set went=on")) as b:
        assert (await b.ended(b.call("100"))).get("went") == "on"
