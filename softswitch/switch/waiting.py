"""Waiting for the first of several things that may happen to a call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softswitch.switch.session import Session


async def wait_for_any(session: Session, *futures: asyncio.Future[Any]) -> bool:
    """Wait until one of the futures is done; False where a break of the call came first."""
    woken: asyncio.Future[None] = session.switch.loop.create_future()

    def wake(_: asyncio.Future[Any]) -> None:
        if not woken.done():
            woken.set_result(None)

    for future in futures:
        future.add_done_callback(wake)
    try:
        await session.wait(woken)
        return woken.done()
    finally:
        for future in futures:
            future.remove_done_callback(wake)
