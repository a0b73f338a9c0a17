"""A party asks a third one while its partner waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch.switch.session import Session
from tests.support.stream import FakeStream
from tests.support.switch import Bench, bench, extension
from tests.switch.test_bindings import heard, press


def stream(session: Session) -> FakeStream:
    assert session.leg.media is not None
    native = session.leg.media.native
    assert isinstance(native, FakeStream)
    return native


def hear_each_other(one: Session, other: Session) -> bool:
    return stream(one).connected_to is stream(other)


@asynccontextmanager
async def asking(
    folder: Path, asker: str, carol: str, *actions: str
) -> AsyncIterator[tuple[Bench, Session, Session]]:
    """Alice talks to bob; ``asker`` (``a`` or ``b``) has pressed the key that calls carol."""
    async with bench(
        folder,
        extension(
            "100",
            *actions,
            "bind_meta_app 2 ab s att_xfer::test/carol",
            "bridge test/bob",
            "set behind=bridge",
            "park",
        ),
    ) as b:
        b.script("bob", "answer@0")
        b.script("carol", carol)
        alice = b.call("100")
        await b.after(1)
        bob = b.legs.legs["bob"].session
        first, second = (alice, bob) if asker == "a" else (bob, alice)
        press(first, "*2")
        await b.after(2)
        yield b, first, second
        for session in list(b.switch.sessions.values()):
            session.hangup()


@pytest.mark.parametrize("asker", ["a", "b"])
@pytest.mark.parametrize("how", ["hangup", "*"])
async def test_who_leaves_hands_the_partner_over(tmp_path: Path, asker: str, how: str) -> None:
    async with asking(tmp_path, asker, "answer@1") as (b, first, second):
        carol = b.legs.legs["carol"].session
        assert hear_each_other(first, carol)
        assert first.get("soft_holding_uuid") == second.uuid
        assert stream(second).playing is not None, "the partner hears music"
        if how == "hangup":
            first.hangup()
        else:
            press(first, "*")
        await b.after(1)
        assert second.peer is carol
        assert hear_each_other(second, carol)
        assert stream(second).playing is None
        carol.hangup()
        await b.after(1)


@pytest.mark.parametrize("asker", ["a", "b"])
@pytest.mark.parametrize("how", ["key", "third"])
async def test_who_cancels_talks_to_the_partner_again(tmp_path: Path, asker: str, how: str) -> None:
    async with asking(tmp_path, asker, "answer@1") as (b, first, second):
        carol = b.legs.legs["carol"].session
        if how == "key":
            press(first, "#")
        else:
            carol.on_hangup(carol.channel.hangup_cause)
        await b.after(1)
        assert not carol.channel.up
        assert first.peer is second and hear_each_other(first, second)
        assert first.get("soft_holding_uuid") is None
        assert stream(second).playing is None
        assert first.get("att_xfer_result") == "failure"


@pytest.mark.parametrize("asker", ["a", "b"])
async def test_a_partner_who_leaves_lets_the_others_talk_on(tmp_path: Path, asker: str) -> None:
    async with asking(tmp_path, asker, "answer@1") as (b, first, second):
        carol = b.legs.legs["carol"].session
        second.hangup()
        await b.after(1)
        assert first.peer is carol
        assert hear_each_other(first, carol)


async def test_all_three_hear_each_other(tmp_path: Path) -> None:
    async with asking(tmp_path, "a", "answer@1") as (b, first, second):
        carol = b.legs.legs["carol"].session
        press(first, "0")
        await b.after(0.5)
        flows = {(feed.source.id, feed.target.id) for feed in stream(second).feeds.values()}
        ids = [stream(each).id for each in (second, first, carol)]
        waiting, ours, third = ids
        assert flows == {(waiting, ours), (waiting, third), (ours, waiting), (third, waiting)}
        assert hear_each_other(first, carol)
        assert stream(second).playing is None
        first.hangup()
        await b.after(1)
        assert second.peer is carol and stream(second).feeds == {}


async def test_a_third_party_that_does_not_answer_changes_nothing(tmp_path: Path) -> None:
    async with asking(tmp_path, "a", "ring@0 hangup:USER_BUSY@1") as (_, first, second):
        assert first.peer is second and hear_each_other(first, second)
        assert first.get("att_xfer_result") == "failure"
        assert stream(second).playing is None


async def test_a_key_cancels_while_it_rings(tmp_path: Path) -> None:
    actions = ("set origination_cancel_key=#",)
    async with asking(tmp_path, "a", "ring@0", *actions) as (b, first, second):
        press(first, "#")
        await b.after(1)
        assert first.peer is second and hear_each_other(first, second)
        assert not b.legs.legs["carol"].session.channel.up


async def test_other_keys_may_be_named_and_the_rest_pass_both_ways(tmp_path: Path) -> None:
    actions = ("set attxfer_cancel_key=7",)
    async with asking(tmp_path, "a", "answer@1", *actions) as (b, first, second):
        carol = b.legs.legs["carol"].session
        press(first, "#3")
        carol.on_digit("7", 100, "info")
        await b.after(0.5)
        assert carol.channel.up
        assert (heard(carol), heard(first)) == (["#", "3"], ["7"])
        press(first, "7")
        await b.after(0.5)
        assert first.peer is second and not carol.channel.up


async def test_the_third_may_have_keys_of_its_own(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension(
            "100",
            "bind_meta_app 2 a s att_xfer::{attxfer_cancel_key=8}test/carol",
            "bridge test/bob",
        ),
    ) as b:
        b.script("bob", "answer@0")
        b.script("carol", "answer@1")
        alice = b.call("100")
        await b.after(1)
        press(alice, "*2")
        await b.after(2)
        carol = b.legs.legs["carol"].session
        press(alice, "#")
        await b.after(0.5)
        assert carol.channel.up
        press(alice, "8")
        await b.after(0.5)
        assert not carol.channel.up and alice.peer is b.legs.legs["bob"].session
        alice.hangup()
        await b.ended(alice)


async def test_a_partner_that_goes_elsewhere_ends_it(tmp_path: Path) -> None:
    async with asking(tmp_path, "a", "answer@1") as (b, _, second):
        second.transfer("park", "inline")
        await b.after(1)
        assert not b.legs.legs["carol"].session.channel.up
