from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.switch.waiting import wait_for_any
from tests.support.switch import bench, extension


async def test_the_first_of_several_ends_the_wait(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        loop = b.switch.loop
        never, soon = loop.create_future(), loop.create_future()
        loop.call_later(3, soon.set_result, "x")
        begun = loop.time()
        assert await wait_for_any(session, never, soon)
        assert loop.time() - begun == pytest.approx(3)
        assert await wait_for_any(session, never, soon)
        assert loop.time() - begun == pytest.approx(3)
        session.hangup()
        await b.ended(session)


async def test_a_break_ends_the_wait_with_nothing_done(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        never = b.switch.loop.create_future()
        b.switch.loop.call_later(1, session.break_)
        assert not await wait_for_any(session, never)
        session.hangup()
        with pytest.raises(asyncio.CancelledError):
            await wait_for_any(session, never)
        await b.ended(session)
