"""A call that waits for what a test does to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softswitch.switch.session import Session
from tests.support.switch import Bench, bench, extension


@asynccontextmanager
async def waiting_call(folder: Path, script: str = "") -> AsyncIterator[tuple[Bench, Session]]:
    """A call that is answered and parked, so that a test may do things to it."""
    async with bench(folder, extension("1", "answer", "park")) as b:
        session = b.call("1", script=script)
        await b.after(0.5)
        yield b, session
        session.hangup()
        await b.ended(session)
