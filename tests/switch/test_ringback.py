"""What the caller hears while others ring."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs


@pytest.mark.parametrize(
    ("actions", "asked"),
    [
        ([], ["ring"]),
        (["set ignore_ring_ready=true"], []),
        (["ring_ready"], ["ring", "ring"]),
        (["pre_answer"], ["pre_answer"]),
        (["answer"], ["answer"]),
        (["set ringback=%(500,500,440)"], ["pre_answer"]),
        (["set ringback=silence"], ["pre_answer"]),
        (["answer", "set transfer_ringback=%(500,500,440)"], ["answer"]),
    ],
)
async def test_ringing_is_handed_on_or_played(
    tmp_path: Path, actions: list[str], asked: list[str]
) -> None:
    async with bench(tmp_path, extension("100", *actions, "bridge test/bob")) as b:
        b.script("bob", "ring@1")
        session = b.call("100")
        await b.after(2)
        assert verbs(session) == asked
        if "440" in " ".join(actions):
            playing = far_end(session.media).playing
            assert playing is not None and "%(500,500,440)" in playing.source.description
        session.hangup()


async def test_the_tone_ends_with_the_ringing(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "set ringback=%(500,500,440)", "bridge test/bob", "park")
    ) as b:
        b.script("bob", "ring@1 answer@3")
        session = b.call("100")
        await b.after(2)
        assert far_end(session.media).playing is not None
        await b.after(2)
        assert far_end(session.media).playing is None
        assert far_end(session.media).connected_to is not None
        session.hangup()


async def test_a_tone_may_begin_at_once(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension(
            "100", "set instant_ringback=true", "set ringback=%(500,500,440)", "bridge test/bob"
        ),
    ) as b:
        b.script("bob", "ring@5")
        session = b.call("100")
        await b.after(1)
        assert far_end(session.media).playing is not None
        session.hangup()


@pytest.mark.parametrize("script", ["ring@1 answer@1", "ring@1 hangup:USER_BUSY@1", "ring@1"])
async def test_a_tone_that_is_opened_too_late_is_not_played(tmp_path: Path, script: str) -> None:
    async with bench(
        tmp_path, extension("100", "set ringback=%(500,500,440)", "bridge test/bob")
    ) as b:
        b.script("bob", script)
        session = b.call("100", script="hangup@1" if script == "ring@1" else "")
        await b.after(3)
        if session.channel.up:
            assert far_end(session.media).playing is None
            assert far_end(session.media).connected_to is not None
            session.hangup()
        await b.ended(session)
        assert not b.switch.tasks


async def test_a_ringback_that_cannot_be_played_costs_nothing_but_itself(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "set ringback=/nowhere/x.wav", "bridge test/bob")
    ) as b:
        b.script("bob", "ring@1 answer@2 hangup@3")
        session = await b.ended(b.call("100"))
        assert session.get("originate_disposition") == "SUCCESS"
