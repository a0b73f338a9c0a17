"""Taking calls away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from softswitch.switch.intercept import intercept
from softswitch.switch.session import Session
from tests.support.switch import Bench, bench, extension, verbs


@asynccontextmanager
async def office(folder: Path, bob: str) -> AsyncIterator[tuple[Bench, Session, Session]]:
    """A caller that dials bob, and somebody who may take the call; both run for a second."""
    async with bench(
        folder, extension("100", "bridge test/bob", "park"), extension("200", "park")
    ) as b:
        b.script("bob", bob)
        caller, taker = b.call("100"), b.call("200")
        await b.after(1)
        yield b, caller, taker


async def test_a_ringing_call_is_taken_from_the_phone_that_rings(tmp_path: Path) -> None:
    async with office(tmp_path, "ring@0") as (b, caller, taker):
        assert await intercept(taker, caller)
        await b.after(1)
        assert taker.peer is caller
        assert caller.channel.answered and taker.channel.answered
        assert b.legs.legs["bob"].cause is HangupCause.PICKED_OFF
        caller.hangup()
        await b.ended(caller)


async def test_the_leg_that_rings_stands_for_its_caller(tmp_path: Path) -> None:
    async with office(tmp_path, "ring@0") as (b, caller, taker):
        assert await intercept(taker, b.legs.legs["bob"].session)
        await b.after(1)
        assert taker.peer is caller


async def test_a_talking_party_loses_its_partner(tmp_path: Path) -> None:
    async with office(tmp_path, "answer@0") as (b, caller, taker):
        called = b.legs.legs["bob"].session
        assert await intercept(taker, called)
        await b.after(1)
        assert taker.peer is called
        assert verbs(caller)[-1] == "hangup PICKED_OFF"


@pytest.mark.parametrize(
    ("bob", "variable", "taken"),
    [
        ("ring@0", "intercept_unanswered_only", True),
        ("ring@0", "intercept_unbridged_only", True),
        ("answer@0", "intercept_unanswered_only", False),
        ("answer@0", "intercept_unbridged_only", False),
    ],
)
async def test_variables_spare_calls(tmp_path: Path, bob: str, variable: str, taken: bool) -> None:
    async with office(tmp_path, bob) as (b, caller, taker):
        taker.set(variable, "true")
        assert await intercept(taker, caller) is taken
        await b.after(1)
        assert (taker.peer is caller) is taken
        assert taker.channel.answered is taken


async def test_nobody_takes_himself_or_who_is_gone(tmp_path: Path) -> None:
    async with office(tmp_path, "ring@0") as (b, caller, taker):
        assert not await intercept(taker, taker)
        caller.hangup()
        assert not await intercept(taker, caller)
        await b.ended(caller)
        assert not taker.channel.answered


@pytest.mark.parametrize("bonds", [True, False])
async def test_the_bond_may_be_told_in_front_of_the_bridge(tmp_path: Path, bonds: bool) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        taker, target = b.call("1"), b.call("1")
        await b.after(1)
        if bonds:
            taker.set("intercept_pre_bond", "true")
        assert await intercept(taker, target)
        assert taker.get("signal_bond") == (target.uuid if bonds else None)
        await b.after(1)
        assert taker.peer is target
        taker.hangup()
